//! What customers ask besides the cars: the topics a dealer may write an answer to.

use std::fmt;
use std::str::FromStr;

use crate::UnknownWord;

/// The dealer's answer on a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Practical<'a> {
    /// What is said.
    pub text: &'a str,
    /// A colleague is told as well, and answers what is left: the text ends with [`Practical::COLLEAGUE`].
    pub colleague: bool,
}

impl Practical<'_> {
    /// At the end of a text: a colleague goes into it.
    pub const COLLEAGUE: &'static str = "{colleague}";
}

macro_rules! topics {
    ($( $(#[$doc:meta])* $topic:ident = $name:literal ),* $(,)?) => {
        /// A topic of `[practical]`: a question of every day that the dealer answers in words of his own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum PracticalTopic { $( $(#[$doc])* $topic, )* }

        impl PracticalTopic {
            /// Every topic.
            pub const ALL: &[Self] = &[$( Self::$topic, )*];

            /// Its name in `dealer.toml`.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$topic => $name, )* }
            }
        }
    };
}

topics! {
    /// Bringing a sold car to the customer.
    Delivery = "delivery",
    /// Warranty on a car.
    Warranty = "warranty",
    /// The driving licence a test drive asks for.
    Licence = "licence",
    /// Reserving a car by a down payment.
    Deposit = "deposit",
    /// How old a driver must be.
    DrivingAge = "driving_age",
    /// How to get there.
    Route = "route",
    /// Where to leave one's own car.
    Parking = "parking",
    /// Ways to pay.
    Payment = "payment",
    /// Taking a car abroad.
    Export = "export",
    /// What papers to bring.
    Papers = "papers",
    /// How long a test drive takes.
    DriveLength = "drive_length",
    /// Who may come along.
    Companions = "companions",
    /// Whether a dog may come along.
    Pets = "pets",
    /// Children and child seats.
    Children = "children",
    /// Insurance, of a test drive or of a car.
    Insurance = "insurance",
    /// Giving a car back.
    Returns = "returns",
    /// Charging an electric car.
    Charging = "charging",
    /// Coming by without an appointment.
    WalkIn = "walk_in",
    /// Photos of a car.
    Photos = "photos",
    /// What goes for a test drive: alone, on the motorway, the own risk.
    TestDriveRules = "test_drive_rules",
    /// What was done to a car before.
    MaintenanceHistory = "maintenance_history",
    /// When the workshop is open.
    WorkshopHours = "workshop_hours",
    /// Working there.
    Jobs = "jobs",
    /// What is kept of the customer.
    Privacy = "privacy",
}

impl fmt::Display for PracticalTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PracticalTopic {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .iter()
            .copied()
            .find(|topic| topic.as_str() == text)
            .ok_or_else(|| UnknownWord { what: "topic", word: text.to_owned() })
    }
}
