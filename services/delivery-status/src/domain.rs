//! What a status is worth and where it stands in time. No I/O.

use model::Timestamp;
use twilio::{MessageStatus, errors};

/// The statuses a message we sent can have, lowest first. Their ranks never fall along this list; where two share a
/// rank the order here decides, so that the same set of callbacks has one latest status, whatever came first.
const ORDER: [MessageStatus; 11] = [
    MessageStatus::Accepted,
    MessageStatus::Scheduled,
    MessageStatus::Queued,
    MessageStatus::Sending,
    MessageStatus::Sent,
    MessageStatus::PartiallyDelivered,
    MessageStatus::Canceled,
    MessageStatus::Failed,
    MessageStatus::Undelivered,
    MessageStatus::Delivered,
    MessageStatus::Read,
];

/// Microseconds set aside for one status, with all error codes it can carry.
const STEP: i64 = 1000;

/// Spreads error codes over a step: the known ones all differ modulo this prime (a test says so).
const CODES: i64 = 997;

/// The acks of WAHA's `message.ack` in our words (<https://waha.devlike.pro/docs/how-to/events/#messageack>).
const WAHA_ACKS: [(&str, MessageStatus); 6] = [
    ("ERROR", MessageStatus::Failed),
    ("PENDING", MessageStatus::Queued),
    ("SERVER", MessageStatus::Sent),
    ("DEVICE", MessageStatus::Delivered),
    ("READ", MessageStatus::Read),
    ("PLAYED", MessageStatus::Read),
];

/// Reads a status word of any provider; `None` for one that no message we sent can have.
pub fn parse_status(word: &str) -> Option<MessageStatus> {
    let waha = || WAHA_ACKS.iter().find(|(ack, _)| ack.eq_ignore_ascii_case(word)).map(|(_, status)| *status);
    let status = word.parse().ok().or_else(waha)?;
    ORDER.contains(&status).then_some(status)
}

/// A status with its error code: what makes a row of the log that row, and where it stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the provider told.
    pub status: MessageStatus,
    /// The provider's error code; 0 without one.
    pub error_code: u32,
}

impl Standing {
    /// The place in the order of a message's life. Grows with the rank; no two different standings share one.
    pub fn position(self) -> i64 {
        (self.index() << 32) | i64::from(self.error_code)
    }

    /// Where the standing lies on a ruler of microseconds. Rows of one log are kept at least as far apart as on the
    /// ruler, so that a row that comes late always finds room between its neighbours. Two unknown codes of one status
    /// may share a place.
    pub fn step(self) -> i64 {
        let code = i64::from(self.error_code);
        self.index() * STEP + if code == 0 { 0 } else { 1 + code % CODES }
    }

    /// True where the sender has to hear of it: the message did not arrive, and not because we called it off.
    pub fn is_reportable(self) -> bool {
        matches!(self.status, MessageStatus::Failed | MessageStatus::Undelivered)
            && errors::explain(self.error_code).class != errors::Class::Informational
    }

    /// True when the recipient has it.
    pub fn has_arrived(self) -> bool {
        matches!(self.status, MessageStatus::Delivered | MessageStatus::Read)
    }

    fn index(self) -> i64 {
        let index = ORDER.iter().position(|status| *status == self.status);
        i64::try_from(index.unwrap_or(0)).expect("eleven fits")
    }
}

/// One row of a log, as far as its place matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// See [`Standing::position`].
    pub position: i64,
    /// See [`Standing::step`].
    pub step: i64,
    /// The row's place in time.
    pub created_at: Timestamp,
}

/// The `created_at` of a row that a higher one has overtaken: just before the next higher one.
///
/// `None` when the row is in the log already, or nothing in it is higher.
pub fn overtaken(log: &[Placed], late: Standing) -> Option<Timestamp> {
    let position = late.position();
    if log.iter().any(|row| row.position == position) {
        return None;
    }
    let next = log.iter().filter(|row| row.position > position).min_by_key(|row| row.position)?;
    Some(Timestamp::from_micros(next.created_at.as_micros() - (next.step - late.step())))
}

/// Picks the delivery that says most about a message that went out under several provider ids: one that arrived if any
/// did, the highest of those; else the one heard of last, which is the newest attempt.
pub fn decisive<T>(deliveries: Vec<T>, state: impl Fn(&T) -> (i64, Timestamp)) -> Option<T> {
    let arrived = Standing { status: MessageStatus::Delivered, error_code: 0 }.position();
    deliveries.into_iter().max_by_key(|delivery| {
        let (position, created_at) = state(delivery);
        (if position >= arrived { position } else { 0 }, created_at)
    })
}

/// What an error code means to the operator; empty where there is nothing to explain. The codes are Twilio's.
pub fn explanation(provider: &str, status: &str, error_code: u32) -> &'static str {
    let failed = status.parse::<MessageStatus>().is_ok_and(MessageStatus::is_failure);
    match (provider, error_code) {
        ("twilio", code) if code != 0 => errors::explain(code).meaning,
        ("twilio", _) if failed && status != "canceled" => "Twilio named no error code.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(word: &str, error_code: u32) -> Standing {
        Standing { status: parse_status(word).unwrap(), error_code }
    }

    #[test]
    fn the_order_follows_the_ranks() {
        assert!(ORDER.windows(2).all(|pair| pair[0].rank() <= pair[1].rank()));
    }

    #[test]
    fn known_error_codes_each_have_a_place_of_their_own() {
        let mut steps: Vec<i64> =
            errors::all().iter().map(|row| standing("failed", row.code).step()).collect();
        steps.push(standing("failed", 0).step());
        steps.sort_unstable();
        let places = steps.len();
        steps.dedup();
        assert_eq!(steps.len(), places);
        assert!(*steps.last().unwrap() < standing("undelivered", 0).step());
    }

    #[test]
    fn acks_of_waha_and_words_of_twilio_are_read_and_inbound_words_are_not() {
        assert_eq!(parse_status("DEVICE"), Some(MessageStatus::Delivered));
        assert_eq!(parse_status("read"), Some(MessageStatus::Read));
        assert_eq!(parse_status("PLAYED"), Some(MessageStatus::Read));
        assert_eq!(parse_status("received"), None);
        assert_eq!(parse_status("eaten"), None);
    }

    #[test]
    fn a_late_row_lies_just_before_the_one_that_overtook_it() {
        let at = |standing: Standing, micros| Placed {
            position: standing.position(),
            step: standing.step(),
            created_at: Timestamp::from_micros(micros),
        };
        let log = [at(standing("queued", 0), 1_000), at(standing("read", 0), 9_000_000)];
        let created = overtaken(&log, standing("delivered", 0)).unwrap();
        assert_eq!(created, Timestamp::from_micros(9_000_000 - STEP));
        assert_eq!(overtaken(&log, standing("queued", 0)), None, "in the log already");
        assert_eq!(overtaken(&log[..1], standing("sent", 0)), None, "nothing higher");
    }

    #[test]
    fn a_failure_is_reported_and_a_cancellation_is_not() {
        assert!(standing("failed", 63016).is_reportable());
        assert!(standing("undelivered", 0).is_reportable());
        assert!(!standing("canceled", 0).is_reportable());
        assert!(!standing("failed", 63046).is_reportable(), "informational");
        assert!(!standing("delivered", 63016).is_reportable());
    }

    #[test]
    fn an_attempt_that_arrived_speaks_for_the_message() {
        let state = |word: &str, micros| (standing(word, 0).position(), Timestamp::from_micros(micros));
        let newest = vec![state("failed", 1), state("queued", 2)];
        assert_eq!(decisive(newest, |state| *state), Some(state("queued", 2)));
        let arrived = vec![state("delivered", 1), state("failed", 2)];
        assert_eq!(decisive(arrived, |state| *state), Some(state("delivered", 1)));
    }
}
