//! The words of a message's life at Twilio and their order.

use std::fmt;
use std::str::FromStr;

/// State of one message as Twilio names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageStatus {
    /// Taken, a Messaging Service has yet to choose the sender.
    Accepted,
    /// To be sent at a set time.
    Scheduled,
    /// Waits in Twilio's queue.
    Queued,
    /// On its way to the provider.
    Sending,
    /// The provider has it.
    Sent,
    /// A scheduled message was called off.
    Canceled,
    /// Never left Twilio.
    Failed,
    /// The provider refused it.
    Undelivered,
    /// Part of it arrived; deprecated, counts as sent.
    PartiallyDelivered,
    /// On the recipient's device.
    Delivered,
    /// Opened by the recipient; only with read receipts on.
    Read,
    /// An inbound message that Twilio is still taking in.
    Receiving,
    /// An inbound message.
    Received,
}

impl MessageStatus {
    /// Every status, in no particular order.
    pub const ALL: [Self; 13] = [
        Self::Accepted,
        Self::Scheduled,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Canceled,
        Self::Failed,
        Self::Undelivered,
        Self::PartiallyDelivered,
        Self::Delivered,
        Self::Read,
        Self::Receiving,
        Self::Received,
    ];

    /// The word on Twilio's wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::PartiallyDelivered => "partially_delivered",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Receiving => "receiving",
            Self::Received => "received",
        }
    }

    /// Place in the order of a message's life: the highest rank seen is the latest status, whatever came last.
    ///
    /// accepted, scheduled < queued < sending < sent < canceled < failed < undelivered < delivered < read.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Accepted | Self::Scheduled | Self::Receiving => 0,
            Self::Queued => 1,
            Self::Sending => 2,
            Self::Sent | Self::PartiallyDelivered | Self::Received => 3,
            Self::Canceled => 4,
            Self::Failed => 5,
            Self::Undelivered => 6,
            Self::Delivered => 7,
            Self::Read => 8,
        }
    }

    /// True when no further callback has to come. A delivered message may still be read.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Canceled | Self::Failed | Self::Undelivered | Self::Delivered | Self::Read | Self::Received
        )
    }

    /// True when the message did not reach its recipient and never will.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Canceled | Self::Failed | Self::Undelivered)
    }
}

impl fmt::Display for MessageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no message status of Twilio's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown message status; expected one of accepted, scheduled, queued, sending, sent, canceled, failed, undelivered, delivered, read"
)]
pub struct UnknownStatus;

impl FromStr for MessageStatus {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word)).ok_or(UnknownStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back_into_its_status() {
        for status in MessageStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("gone".parse::<MessageStatus>(), Err(UnknownStatus));
    }

    #[test]
    fn ranks_follow_the_life_of_a_message() {
        let order = "accepted queued sending sent canceled failed undelivered delivered read";
        let ranks: Vec<u8> =
            order.split(' ').map(|word| word.parse::<MessageStatus>().unwrap().rank()).collect();
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{ranks:?}");
        assert_eq!(MessageStatus::Accepted.rank(), MessageStatus::Scheduled.rank());
    }
}
