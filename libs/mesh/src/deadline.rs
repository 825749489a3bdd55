//! How long a call may take, and how that is passed on.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;

/// How long a call may take when nobody says.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// How long a handler may take when its caller does not say.
const LONGEST_HANDLING: Duration = Duration::from_mins(1);

/// A server gives up a tenth of its caller's time-out earlier, and at most this much, so that its own answer is the one
/// that counts: tonic's transport watches the same time-out, and would answer CANCELLED.
const SERVER_MARGIN: Duration = Duration::from_millis(50);

const GRPC_TIMEOUT: &str = "grpc-timeout";

#[derive(Clone, Copy, Default)]
struct Limits {
    /// When the request being served must be answered.
    serving: Option<Instant>,
    /// What `with_deadline` chose, never later than `serving`.
    chosen: Option<Instant>,
}

tokio::task_local! {
    static LIMITS: Cell<Limits>;
}

fn limits() -> Limits {
    LIMITS.try_with(Cell::get).unwrap_or_default()
}

/// Runs a future whose calls must be answered within `timeout`, instead of the default 5 s, and never later than what
/// is left for the request being served. Inside another `with_deadline` the earlier of both counts.
///
/// It bounds the calls, not the future itself.
pub async fn with_deadline<F: Future>(timeout: Duration, future: F) -> F::Output {
    let Limits { serving, chosen } = limits();
    let wanted = far_at_most(timeout);
    let chosen = [serving, chosen].into_iter().flatten().fold(wanted, Instant::min);
    LIMITS.scope(Cell::new(Limits { serving, chosen: Some(chosen) }), future).await
}

/// How much time is left to answer the request being served (or what [`with_deadline`] left); `None` outside of both.
pub fn time_left() -> Option<Duration> {
    let Limits { serving, chosen } = limits();
    chosen.or(serving).map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// When a call made now must be answered.
pub(crate) fn of_call(headers: &HeaderMap) -> Instant {
    let Limits { serving, chosen } = limits();
    let of_context = chosen.unwrap_or_else(|| {
        let default = Instant::now() + DEFAULT_DEADLINE;
        serving.map_or(default, |serving| serving.min(default))
    });
    match read(headers) {
        // A timeout set on the request itself replaces the default, though not what is left.
        Some(own) => {
            let own = far_at_most(own);
            [serving, chosen].into_iter().flatten().fold(own, Instant::min)
        }
        None => of_context,
    }
}

/// When a request being received must be answered.
pub(crate) fn of_request(headers: &HeaderMap) -> Instant {
    let timeout = read(headers)
        .map_or(LONGEST_HANDLING, |timeout| timeout.saturating_sub((timeout / 10).min(SERVER_MARGIN)));
    far_at_most(timeout)
}

/// Runs a handler, so that the calls it makes inherit what is left.
pub(crate) async fn serving<F: Future>(deadline: Instant, handler: F) -> F::Output {
    LIMITS.scope(Cell::new(Limits { serving: Some(deadline), chosen: None }), handler).await
}

fn far_at_most(timeout: Duration) -> Instant {
    // A year, as tokio does for moments that cannot be represented.
    Instant::now() + timeout.min(Duration::from_hours(24 * 365))
}

/// Writes what is left as gRPC's header: at most eight digits and a unit.
pub(crate) fn write(left: Duration, headers: &mut HeaderMap) {
    const MOST: u128 = 99_999_999;
    let text = if left.as_micros() <= MOST {
        format!("{}u", left.as_micros())
    } else if left.as_millis() <= MOST {
        format!("{}m", left.as_millis())
    } else {
        format!("{}S", u128::from(left.as_secs()).min(MOST))
    };
    headers.insert(GRPC_TIMEOUT, HeaderValue::from_str(&text).expect("digits and a letter make a header"));
}

fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(GRPC_TIMEOUT)?.to_str().ok()?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 8 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = number.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(number)),
        "M" => Some(Duration::from_mins(number)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(GRPC_TIMEOUT, text.parse().unwrap());
        headers
    }

    #[test]
    fn the_header_is_read_as_grpc_writes_it() {
        for (text, timeout) in [
            ("5S", Some(Duration::from_secs(5))),
            ("1H", Some(Duration::from_hours(1))),
            ("2M", Some(Duration::from_mins(2))),
            ("250m", Some(Duration::from_millis(250))),
            ("99999999u", Some(Duration::from_micros(99_999_999))),
            ("1n", Some(Duration::from_nanos(1))),
            ("S", None),
            ("5", None),
            ("-5S", None),
            ("999999999S", None),
            ("5s", None),
        ] {
            assert_eq!(read(&headers(text)), timeout, "{text}");
        }
    }

    #[test]
    fn the_header_keeps_to_eight_digits() {
        for (left, text) in [
            (Duration::from_secs(5), "5000000u"),
            (Duration::from_mins(2), "120000m"),
            (Duration::from_hours(48), "172800S"),
            (Duration::MAX, "99999999S"),
            (Duration::ZERO, "0u"),
        ] {
            let mut headers = HeaderMap::new();
            write(left, &mut headers);
            assert_eq!(headers[GRPC_TIMEOUT], text);
        }
    }

    fn left_for_a_call() -> Duration {
        of_call(&HeaderMap::new()).saturating_duration_since(Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn the_default_holds_where_nothing_else_is_said() {
        assert_eq!(left_for_a_call(), DEFAULT_DEADLINE);
        assert_eq!(time_left(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_gives_up_a_little_before_its_caller() {
        for (timeout, left) in [("100m", 90), ("5S", 4_950)] {
            let left = Duration::from_millis(left);
            assert_eq!(of_request(&headers(timeout)).duration_since(Instant::now()), left);
        }
        assert_eq!(of_request(&HeaderMap::new()).duration_since(Instant::now()), LONGEST_HANDLING);
    }

    #[tokio::test(start_paused = true)]
    async fn a_chosen_deadline_replaces_the_default_and_never_grows_inside_another() {
        with_deadline(Duration::from_secs(20), async {
            assert_eq!(left_for_a_call(), Duration::from_secs(20));
            with_deadline(Duration::from_secs(30), async {
                assert_eq!(left_for_a_call(), Duration::from_secs(20));
            })
            .await;
            with_deadline(Duration::from_secs(1), async {
                tokio::time::sleep(Duration::from_millis(400)).await;
                assert_eq!(left_for_a_call(), Duration::from_millis(600));
                assert_eq!(time_left(), Some(Duration::from_millis(600)));
            })
            .await;
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn calls_made_while_serving_inherit_what_is_left() {
        let secs = Duration::from_secs;
        serving(Instant::now() + secs(3), async {
            assert_eq!(left_for_a_call(), secs(3));
            tokio::time::sleep(secs(1)).await;
            assert_eq!(left_for_a_call(), secs(2));
            with_deadline(secs(10), async { assert_eq!(left_for_a_call(), secs(2)) }).await;
            assert_eq!(of_call(&headers("1S")).saturating_duration_since(Instant::now()), secs(1));
            assert_eq!(of_call(&headers("9S")).saturating_duration_since(Instant::now()), secs(2));
        })
        .await;
        serving(Instant::now() + secs(60), async { assert_eq!(left_for_a_call(), DEFAULT_DEADLINE) }).await;
    }
}
