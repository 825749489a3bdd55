//! Words of claims, locks and limits. No I/O.

use std::fmt;
use std::time::Duration;

use model::Timestamp;

use crate::Error;

/// Longest key in bytes. The contract's keys are a prefix and a contact address; this leaves room for either to grow.
const MAX_KEY_BYTES: usize = 512;

/// Longest owner in bytes; it is stored with the lock for people who look.
const MAX_OWNER_BYTES: usize = 200;

/// Longest life of a claim or lease. Provider retries and service windows end within a day; a week leaves no doubt.
const MAX_TTL: Duration = Duration::from_hours(7 * 24);

/// Longest window of a limit.
const MAX_WINDOW: Duration = Duration::from_hours(24);

/// Most places in a window. The log keeps one entry per place, so this bounds memory and the time of one script.
const MAX_LIMIT: u32 = 100_000;

/// Highest floor. Lua counts in doubles, which are exact up to 2^53; half of it leaves more leases than can be handed out.
const MAX_FLOOR: i64 = 1 << 52;

/// The name of a claim, a lock or a limit. Names hold phone numbers, so `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<str>);

impl Key {
    /// Checks a key that came in as `field`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty key, one over 512 bytes, or one with control characters.
    pub fn parse(field: &'static str, text: String) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        if text.len() > MAX_KEY_BYTES {
            return Err(Error::invalid(field, "must not be longer than 512 bytes"));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::invalid(field, "must not contain control characters"));
        }
        Ok(Self(text.into()))
    }

    /// Returns the key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The proof that a claim or a lease is one's own: 128 random bits, or whatever a caller presents as such.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<str>);

impl Token {
    /// Makes a token nobody can guess.
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()).into())
    }

    /// Takes the token a caller presents as `field`. One that was never handed out simply matches nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is empty.
    pub fn presented(field: &'static str, text: String) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        Ok(Self(text.into()))
    }

    /// Returns the token as it goes over the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller's token holds it now.
    Claimed,
    /// Another token holds it.
    InProgress,
    /// The work was done before.
    Completed,
}

impl Claim {
    /// The word for metric labels and for the value in Redis.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

/// Checks how long a claim or lease shall live.
///
/// # Errors
/// [`Error::Invalid`] below one millisecond or above seven days.
pub fn ttl(ttl: Duration) -> Result<Duration, Error> {
    if ttl < Duration::from_millis(1) || ttl > MAX_TTL {
        return Err(Error::invalid("ttl", "must be between 1 millisecond and 7 days"));
    }
    Ok(ttl)
}

/// Who wants which lock, and for how long.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// The lock's name.
    pub name: Key,
    /// Who asks, for people who look.
    pub owner: String,
    /// How long the lease lasts unless renewed.
    pub ttl: Duration,
    /// The fencing token is above this number.
    pub floor: u64,
}

impl LockRequest {
    /// Checks a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an owner over 200 bytes, a time to live out of range, or a floor below zero or above 2^52.
    pub fn new(name: Key, owner: String, ttl: Duration, floor: i64) -> Result<Self, Error> {
        if owner.len() > MAX_OWNER_BYTES {
            return Err(Error::invalid("owner", "must not be longer than 200 bytes"));
        }
        let floor = u64::try_from(floor)
            .ok()
            .filter(|_| floor <= MAX_FLOOR)
            .ok_or(Error::invalid("floor", "must be between 0 and 2^52"))?;
        Ok(Self { name, owner, ttl: self::ttl(ttl)?, floor })
    }
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Proof for renewing and releasing.
    pub lock_token: Token,
    /// Above the floor and above every token given out for this name before.
    pub fencing_token: u64,
    /// When the lease ends unless renewed, by the store's clock.
    pub expires_at: Timestamp,
}

/// How many places a call takes in which window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Places in any window.
    pub limit: u32,
    /// How long a window is.
    pub window: Duration,
    /// Places this call takes.
    pub cost: u32,
}

impl Take {
    /// Checks a request; a cost of zero counts as one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit of zero or above 100,000, a window out of range, or a cost that can never fit.
    pub fn new(limit: u32, window: Duration, cost: u32) -> Result<Self, Error> {
        let cost = cost.max(1);
        if limit == 0 || limit > MAX_LIMIT {
            return Err(Error::invalid("limit", "must be between 1 and 100000"));
        }
        if window < Duration::from_millis(1) || window > MAX_WINDOW {
            return Err(Error::invalid("window", "must be between 1 millisecond and 24 hours"));
        }
        if cost > limit {
            return Err(Error::invalid("cost", "must not be above the limit, or it could never be allowed"));
        }
        Ok(Self { limit, window, cost })
    }
}

/// The answer to a [`Take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether the places were taken; when not, none was.
    pub allowed: bool,
    /// Places left in the window after this call.
    pub remaining: u32,
    /// When not allowed: after how long the same call can succeed, if nobody else takes places.
    pub retry_after: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_do_not_show_in_debug_output() {
        let key = Key::parse("key", "conversation:lock:+31612345678".to_owned()).unwrap();
        assert!(
            !format!("{key:?} {:?}", Token::presented("lock_token", "secret".to_owned()).unwrap())
                .contains("316")
        );
        assert_eq!(format!("{:?}", Token::random()), "Token(…)");
    }

    #[test]
    fn keys_that_cannot_be_meant_are_refused() {
        for text in ["", "a\nb", &"x".repeat(513)] {
            assert!(Key::parse("key", text.to_owned()).is_err(), "{text:?}");
        }
        assert!(Key::parse("key", "x".repeat(512)).is_ok());
    }

    #[test]
    fn a_cost_of_zero_counts_as_one_and_one_above_the_limit_is_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(Take::new(80, second, 0).unwrap().cost, 1);
        assert!(Take::new(80, second, 81).is_err());
        assert!(Take::new(0, second, 0).is_err());
        assert!(Take::new(1, Duration::ZERO, 1).is_err());
    }

    #[test]
    fn a_floor_that_lua_cannot_count_is_refused() {
        let request = |floor| {
            let name = Key::parse("name", "n".to_owned()).unwrap();
            LockRequest::new(name, String::new(), Duration::from_secs(1), floor)
        };
        assert!(request(-1).is_err());
        assert!(request(MAX_FLOOR).is_ok());
        assert!(request(MAX_FLOOR + 1).is_err());
    }
}
