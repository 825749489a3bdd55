//! Settles an attempt whose outcome is not known: which message of the provider's log is it, if any?
//!
//! Twilio has no idempotency key, so a message that may have been taken is looked for before it is sent again.

use std::time::Duration;

use model::Timestamp;

use crate::channel::Logged;
use crate::domain::Content;

/// How far the provider's clock may lie behind ours; its log counts in whole seconds, too.
pub const CLOCK_SKEW: Duration = Duration::from_mins(2);

/// The messages of the log that may be the attempt, oldest first: outbound, made since the attempt began, with the same
/// text and media. The text of a template is the provider's, so there every message counts. The caller leaves out those
/// whose sid belongs to another attempt; with one lane per contact, what remains is this attempt.
pub fn candidates(log: &[Logged], content: &Content, started_at: Timestamp) -> Vec<Logged> {
    let earliest = started_at - CLOCK_SKEW;
    let mut found: Vec<_> = log
        .iter()
        .filter(|logged| logged.is_outbound)
        .filter(|logged| logged.created_at.is_none_or(|created_at| created_at >= earliest))
        .filter(|logged| has_content(logged, content))
        .cloned()
        .collect();
    found.sort_by_key(|logged| logged.created_at);
    found
}

fn has_content(logged: &Logged, content: &Content) -> bool {
    match content {
        Content::Template(_) => true,
        Content::FreeForm { body, media_url } => {
            same_words(&logged.body, body) && logged.media == u32::from(media_url.is_some())
        }
    }
}

/// Compares texts without regard to blanks and line ends, which providers rewrite: a message taken for another one is sent twice.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// When the provider's log is asked: the settling time after the attempt ended, or, where a crash took the end, after
/// the latest moment it can have ended: a request begins within one time-out of its row and takes at most another.
pub fn due_at(
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    settle_after: Duration,
    send_timeout: Duration,
) -> Timestamp {
    ended_at.unwrap_or(started_at + 2 * send_timeout) + settle_after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(sid: &str, body: &str, at: i64) -> Logged {
        Logged {
            sid: sid.to_owned(),
            status: "sent".to_owned(),
            body: body.to_owned(),
            media: 0,
            created_at: Some(Timestamp::from_seconds(at)),
            is_outbound: true,
        }
    }

    fn text(body: &str) -> Content {
        Content::FreeForm { body: body.to_owned(), media_url: None }
    }

    fn sids(log: &[Logged], content: &Content) -> Vec<String> {
        candidates(log, content, Timestamp::from_seconds(1_000)).into_iter().map(|found| found.sid).collect()
    }

    #[test]
    fn the_attempt_is_found_by_text_time_and_direction() {
        let log = [
            logged("SM3", "Tot zaterdag!", 1_004),
            logged("SM2", "Tot\r\nzaterdag! ", 1_001),
            logged("SM1", "Tot zaterdag!", 100),
            logged("SM4", "Tot zondag!", 1_002),
            Logged { is_outbound: false, ..logged("SM5", "Tot zaterdag!", 1_001) },
            Logged { media: 1, ..logged("SM6", "Tot zaterdag!", 1_001) },
            Logged { created_at: None, ..logged("SM7", "Tot zaterdag!", 0) },
        ];
        assert_eq!(sids(&log, &text("Tot zaterdag!")), ["SM7", "SM2", "SM3"]);
        assert!(sids(&log, &text("Goedemorgen")).is_empty());
    }

    #[test]
    fn the_provider_s_clock_may_lie_behind() {
        assert_eq!(sids(&[logged("SM1", "Hoi", 890)], &text("Hoi")), ["SM1"]);
        assert!(sids(&[logged("SM1", "Hoi", 870)], &text("Hoi")).is_empty());
    }

    #[test]
    fn a_template_is_found_by_time_alone() {
        let template = Content::Template(crate::domain::Template {
            content_sid: "HX".to_owned(),
            variables: std::collections::BTreeMap::new(),
        });
        assert_eq!(sids(&[logged("SM1", "Herinnering: morgen 10:00", 1_001)], &template), ["SM1"]);
    }

    #[test]
    fn a_crash_is_settled_after_the_latest_moment_the_request_can_have_ended() {
        let (start, end) = (Timestamp::from_seconds(100), Timestamp::from_seconds(103));
        let (settle, timeout) = (Duration::from_mins(1), Duration::from_secs(15));
        assert_eq!(due_at(start, Some(end), settle, timeout), Timestamp::from_seconds(163));
        assert_eq!(due_at(start, None, settle, timeout), Timestamp::from_seconds(190));
    }
}
