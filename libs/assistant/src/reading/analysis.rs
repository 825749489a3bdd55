//! What is understood of one message: intents and entities as types.

use std::fmt;
use std::str::FromStr;

use dealer::{Language, UnknownWord};
use serde::{Deserialize, Serialize};

/// What the customer wants done. When several apply, the one that is declared first wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Intent {
    /// Wants no more messages.
    #[serde(rename = "INTENT_OPT_OUT")]
    OptOut,
    /// Asks for a person.
    #[serde(rename = "INTENT_HUMAN_REQUEST")]
    HumanRequest,
    /// Is unhappy about the dealer, a car bought or the service.
    #[serde(rename = "INTENT_COMPLAINT")]
    Complaint,
    /// Calls an appointment off.
    #[serde(rename = "INTENT_BOOKING_CANCEL")]
    BookingCancel,
    /// Moves an appointment, or refuses every slot on offer and asks for others.
    #[serde(rename = "INTENT_BOOKING_CHANGE")]
    BookingChange,
    /// Picks one of the slots just offered.
    #[serde(rename = "INTENT_BOOKING_CHOICE")]
    BookingChoice,
    /// Wants to see or drive a car.
    #[serde(rename = "INTENT_TEST_DRIVE_REQUEST")]
    TestDriveRequest,
    /// Workshop: inspection, tyres, repair, warranty work.
    #[serde(rename = "INTENT_SERVICE_REQUEST")]
    ServiceRequest,
    /// Wants to trade in or sell a car.
    #[serde(rename = "INTENT_TRADE_IN")]
    TradeIn,
    /// Lease, loan, monthly payment.
    #[serde(rename = "INTENT_FINANCING")]
    Financing,
    /// Asks the price of, or a discount on, a definite car.
    #[serde(rename = "INTENT_PRICE_QUESTION")]
    PriceQuestion,
    /// Looks for a car, or asks about one's properties.
    #[serde(rename = "INTENT_CAR_INQUIRY")]
    CarInquiry,
    /// Opening hours, address, route, contact data, delivery, papers.
    #[serde(rename = "INTENT_PRACTICAL_INFO")]
    PracticalInfo,
    /// Thanks or closes.
    #[serde(rename = "INTENT_THANKS")]
    Thanks,
    /// Greets and no more.
    #[serde(rename = "INTENT_GREETING")]
    Greeting,
    /// Anything else: unclear, spam.
    #[serde(rename = "INTENT_OTHER")]
    Other,
}

impl Intent {
    /// Every intent, in order of precedence.
    pub const ALL: [Self; 16] = [
        Self::OptOut,
        Self::HumanRequest,
        Self::Complaint,
        Self::BookingCancel,
        Self::BookingChange,
        Self::BookingChoice,
        Self::TestDriveRequest,
        Self::ServiceRequest,
        Self::TradeIn,
        Self::Financing,
        Self::PriceQuestion,
        Self::CarInquiry,
        Self::PracticalInfo,
        Self::Thanks,
        Self::Greeting,
        Self::Other,
    ];

    /// Whether it makes, moves or calls off an appointment.
    pub const fn is_about_booking(self) -> bool {
        matches!(
            self,
            Self::BookingCancel | Self::BookingChange | Self::BookingChoice | Self::TestDriveRequest
        )
    }

    /// The name used on the wire, in labels and on spans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptOut => "INTENT_OPT_OUT",
            Self::HumanRequest => "INTENT_HUMAN_REQUEST",
            Self::Complaint => "INTENT_COMPLAINT",
            Self::BookingCancel => "INTENT_BOOKING_CANCEL",
            Self::BookingChange => "INTENT_BOOKING_CHANGE",
            Self::BookingChoice => "INTENT_BOOKING_CHOICE",
            Self::TestDriveRequest => "INTENT_TEST_DRIVE_REQUEST",
            Self::ServiceRequest => "INTENT_SERVICE_REQUEST",
            Self::TradeIn => "INTENT_TRADE_IN",
            Self::Financing => "INTENT_FINANCING",
            Self::PriceQuestion => "INTENT_PRICE_QUESTION",
            Self::CarInquiry => "INTENT_CAR_INQUIRY",
            Self::PracticalInfo => "INTENT_PRACTICAL_INFO",
            Self::Thanks => "INTENT_THANKS",
            Self::Greeting => "INTENT_GREETING",
            Self::Other => "INTENT_OTHER",
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Intent {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|intent| intent.as_str() == text)
            .ok_or_else(|| UnknownWord { what: "intent", word: text.to_owned() })
    }
}

/// How the customer sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// Pleased.
    Positive,
    /// Neither.
    #[default]
    Neutral,
    /// Displeased.
    Negative,
}

/// Everything understood of one message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Analysis {
    /// What the customer wants done.
    pub intent: Intent,
    /// From 0 to 1; under [`Analysis::LOW_CONFIDENCE`] is a guess.
    pub confidence: f32,
    /// The language of the message.
    pub language: Language,
    /// What was named.
    pub entities: Entities,
    /// How it sounds.
    pub sentiment: Sentiment,
    /// A person should look at this message.
    pub should_escalate: bool,
}

impl Analysis {
    /// Below this an analysis counts as not understood.
    pub const LOW_CONFIDENCE: f32 = 0.4;
}

#[expect(clippy::derivable_impls, reason = "the variants are ordered by precedence, Other is last")]
impl Default for Intent {
    fn default() -> Self {
        Self::Other
    }
}

macro_rules! entities {
    ($( $(#[$doc:meta])* $name:ident : $kind:ty ),* $(,)?) => {
        /// What a message names, in normal form; one optional field per name of the contract.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Entities {
            $( $(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$kind>, )*
        }

        impl Entities {
            /// The names present with their values as text, in the contract's order.
            pub fn pairs(&self) -> Vec<(&'static str, String)> {
                let mut pairs = Vec::new();
                $( if let Some(value) = &self.$name { pairs.push((stringify!($name), value.to_string())); } )*
                pairs
            }

            /// Takes over every value that `later` has.
            pub fn overlay(&mut self, later: &Self) {
                $( if later.$name.is_some() { self.$name.clone_from(&later.$name); } )*
            }
        }
    };
}

entities! {
    /// Brand of the wanted car.
    make: String,
    /// Model of the wanted car.
    model: String,
    /// Brand of the car to trade in.
    trade_in_make: String,
    /// Model of the car to trade in.
    trade_in_model: String,
    /// Lowest price, whole euros.
    price_min_eur: i32,
    /// Highest price, whole euros.
    price_max_eur: i32,
    /// Highest monthly payment, whole euros.
    month_max_eur: i32,
    /// First registration not before this year.
    year_min: i32,
    /// First registration not after this year.
    year_max: i32,
    /// Highest mileage, whole kilometres.
    mileage_max_km: i32,
    /// `petrol`, `diesel`, `hybrid`, `plug_in_hybrid`, `electric` or `lpg`.
    fuel: String,
    /// `automatic` or `manual`.
    transmission: String,
    /// `hatchback`, `estate`, `suv`, `sedan`, `mpv`, `convertible`, `coupe` or `van`.
    body_type: String,
    /// Colour in English.
    color: String,
    /// Wished day, `YYYY-MM-DD`.
    preferred_date: String,
    /// Wished time, `HH:MM`.
    preferred_time: String,
    /// Number of the slot picked, from 1.
    choice: i32,
    /// The customer's own name, as written.
    name: String,
    /// The customer's e-mail address.
    email: String,
    /// Phone number in E.164.
    phone: String,
    /// Licence plate in upper case without dashes.
    license_plate: String,
    /// It must be soon.
    urgency: bool,
}
