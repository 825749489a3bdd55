//! Moments and where they come from.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment in UTC, to the microsecond, as it is stored in SQL (BIGINT).
///
/// Arithmetic saturates: a moment never wraps around. `Display` is RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A moment lies outside the years that a calendar can show (-9999 to 9999).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("moment {0} microseconds after 1970 is outside the years -9999 to 9999")]
pub struct TimestampOutOfRange(i64);

impl Timestamp {
    /// The start of 1970, UTC.
    pub const EPOCH: Self = Self(0);

    /// The moment so many microseconds after the start of 1970, UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the start of 1970, UTC.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The moment so many milliseconds after the start of 1970, UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Whole milliseconds since the start of 1970, UTC, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The moment so many seconds after the start of 1970, UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since the start of 1970, UTC, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same moment for calendar work with `jiff`.
    pub fn to_jiff(self) -> Result<jiff::Timestamp, TimestampOutOfRange> {
        jiff::Timestamp::from_microsecond(self.0).map_err(|_| TimestampOutOfRange(self.0))
    }

    /// The moment of a `jiff` timestamp, rounded towards 1970 to the microsecond.
    pub fn from_jiff(moment: jiff::Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self::from_jiff(moment)
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = TimestampOutOfRange;

    fn try_from(moment: Timestamp) -> Result<Self, Self::Error> {
        moment.to_jiff()
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

impl AddAssign<Duration> for Timestamp {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_jiff() {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where wall time comes from. Waiting is `tokio::time`'s business, not the clock's.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock as services pass it around.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clock as services take it.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the machine's clock is read")]
    fn now(&self) -> Timestamp {
        let since_1970 =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(micros(since_1970))
    }
}

/// A clock that stands still until a test moves it. Clones share the time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// A clock that stands at an RFC 3339 moment such as `2026-03-02T09:00:00Z`.
    ///
    /// # Panics
    /// When the text is no such moment: it is meant for literals in tests.
    pub fn at(rfc3339: &str) -> Self {
        let moment: jiff::Timestamp = rfc3339.parse().expect("a test names its moment in RFC 3339");
        Self::new(Timestamp::from_jiff(moment))
    }

    /// Moves the time forward.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(micros(duration), Ordering::SeqCst);
    }

    /// Moves the time to a moment, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// This clock as services take it; it still moves with this handle.
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }
}

impl Default for TestClock {
    /// Monday 2 March 2026, nine in the morning UTC.
    fn default() -> Self {
        Self::new(Timestamp::from_seconds(1_772_442_000))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_the_way_through_jiff_and_serde() {
        let moment = Timestamp::from_micros(1_772_442_000_123_456);
        assert_eq!(Timestamp::from_jiff(moment.to_jiff().unwrap()), moment);
        assert_eq!(serde_json::to_string(&moment).unwrap(), "1772442000123456");
        assert_eq!(serde_json::from_str::<Timestamp>("1772442000123456").unwrap(), moment);
    }

    #[test]
    fn since_is_zero_when_the_other_moment_is_later() {
        let early = Timestamp::from_seconds(10);
        let late = early + Duration::from_millis(1500);
        assert_eq!(late.since(early), Duration::from_millis(1500));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Timestamp::from_micros(i64::MAX) + Duration::MAX, Timestamp::from_micros(i64::MAX));
        assert_eq!(Timestamp::from_micros(i64::MIN) - Duration::MAX, Timestamp::from_micros(i64::MIN));
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string(), "9223372036854775807us");
    }

    #[test]
    fn moments_before_1970_round_down() {
        assert_eq!(Timestamp::from_micros(-1).as_seconds(), -1);
        assert_eq!(Timestamp::from_micros(-1).as_millis(), -1);
    }

    #[test]
    fn clones_of_a_test_clock_share_its_time() {
        let clock = TestClock::default();
        let shared = clock.shared();
        clock.advance(Duration::from_mins(1));
        assert_eq!(shared.now().to_string(), "2026-03-02T09:01:00Z");
        clock.set(Timestamp::EPOCH);
        assert_eq!(shared.now(), Timestamp::EPOCH);
    }

    #[test]
    fn the_system_clock_reads_this_century() {
        assert!(SystemClock.now() > TestClock::at("2020-01-01T00:00:00Z").now());
    }
}
