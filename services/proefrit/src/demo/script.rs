//! What the customer says.

use simulator::twilio::inbound::{Written, WrittenMedia};

/// The customer's name on WhatsApp.
const CUSTOMER: &str = "Sanne de Vries";

/// One message of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A text.
    Text(&'a str),
    /// A text whose webhook comes twice, at the same time.
    Twice(&'a str),
    /// A photo without a text.
    Photo,
}

/// The conversation, in which the customer wishes for a test drive ([`wish`]).
pub fn lines(wish: &str) -> [Line<'_>; 6] {
    [
        Line::Text("Hallo, ik zoek een auto"),
        Line::Text("Een Golf automaat tot 20.000 euro, of nee, toch een Polo"),
        Line::Photo,
        Line::Twice(wish),
        Line::Text(CHOICE),
        Line::Text("Bedankt, tot dan!"),
    ]
}

/// How the customer takes one of the slots; the message whose trace is shown.
pub const CHOICE: &str = "Doe de tweede maar";

/// The wish for a test drive on a day (`zaterdag 14 maart`).
pub fn wish(day: &str) -> String {
    format!("Kan ik {day} een proefrit maken in de automaat?")
}

impl Line<'_> {
    /// What the transcript shows.
    pub fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Twice(text) => text,
            Self::Photo => "[photo]",
        }
    }

    /// How often its webhook comes.
    pub fn copies(self) -> usize {
        if matches!(self, Self::Twice(_)) { 2 } else { 1 }
    }

    /// The message as the simulated Twilio takes it.
    pub fn written(self, from: &str) -> Written {
        let (body, media) = match self {
            Self::Text(text) | Self::Twice(text) => (text, Vec::new()),
            Self::Photo => {
                ("", vec![WrittenMedia { content_type: "image/jpeg".to_owned(), url: None, base64: None }])
            }
        };
        Written {
            profile_name: CUSTOMER.to_owned(),
            media,
            copies: Some(self.copies()),
            ..Written::text(from, body)
        }
    }
}
