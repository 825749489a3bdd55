//! Which channel a message came in by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The channel a message came in by. Text is lower case: `twilio`, `waha`, `chatwoot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// WhatsApp by way of Twilio.
    Twilio,
    /// WhatsApp by way of WAHA.
    Waha,
    /// A Chatwoot inbox.
    Chatwoot,
}

/// Text names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("source must be twilio, waha or chatwoot")]
pub struct InvalidSource;

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Twilio, Self::Waha, Self::Chatwoot];

    /// The word used in keys, labels and rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::Waha => "waha",
            Self::Chatwoot => "chatwoot",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|source| source.as_str() == text).ok_or(InvalidSource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_survives_text_and_json() {
        for source in Source::ALL {
            assert_eq!(source.to_string().parse::<Source>(), Ok(source));
            assert_eq!(serde_json::to_string(&source).unwrap(), format!("\"{source}\""));
        }
        assert_eq!("sms".parse::<Source>(), Err(InvalidSource));
    }
}
