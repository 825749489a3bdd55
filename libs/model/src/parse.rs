//! Values as people write them in flags and variables: `30s`, `80/1s`. Usable as clap value parsers.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a duration as a whole number and a unit: 200ms, 30s, 15m, 24h or 7d")]
pub struct InvalidDuration;

/// Text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a rate as a whole number above zero, a slash and a duration above zero: 80/1s, 50/60s")]
pub struct InvalidRate;

/// How often something may happen: at most `limit` times in any `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many times; never zero.
    pub limit: u32,
    /// In how long a time; never zero.
    pub window: Duration,
}

/// Reads `200ms`, `30s`, `15m`, `24h` or `7d`.
pub fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    let unit_at = text.find(|character: char| !character.is_ascii_digit()).ok_or(InvalidDuration)?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| InvalidDuration)?;
    let millis_per_unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(InvalidDuration),
    };
    number.checked_mul(millis_per_unit).map(Duration::from_millis).ok_or(InvalidDuration)
}

/// Reads `80/1s`: eighty in any second.
pub fn rate(text: &str) -> Result<Rate, InvalidRate> {
    let (limit, window) = text.split_once('/').ok_or(InvalidRate)?;
    if !limit.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidRate);
    }
    let limit = limit.parse().map_err(|_| InvalidRate)?;
    let window = duration(window).map_err(|_| InvalidRate)?;
    if limit == 0 || window.is_zero() { Err(InvalidRate) } else { Ok(Rate { limit, window }) }
}

/// Writes a duration as [`duration`] reads it, in the largest unit that is exact (below a millisecond is dropped).
pub fn duration_text(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis >= size && millis.is_multiple_of(size) {
            return format!("{}{unit}", millis / size);
        }
    }
    format!("{millis}ms")
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        rate(text)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.limit, duration_text(self.window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_alike() {
        for (text, millis) in [
            ("200ms", 200),
            ("0s", 0),
            ("30s", 30_000),
            ("15m", 900_000),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
            assert_eq!(
                duration(&duration_text(Duration::from_millis(millis))),
                Ok(Duration::from_millis(millis))
            );
        }
        assert_eq!(duration_text(Duration::from_secs(90)), "90s");
        assert_eq!(duration_text(Duration::from_mins(1)), "1m");
        assert_eq!(duration_text(Duration::from_hours(24)), "1d");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "-1s",
            "+1s",
            "1.5s",
            "1 s",
            " 1s",
            "1s ",
            "1w",
            "99999999999999999999s",
            "18446744073709551615h",
            "१s",
        ] {
            assert_eq!(duration(text), Err(InvalidDuration), "{text}");
        }
    }

    #[test]
    fn rates_are_read_and_written_alike() {
        for (text, limit, millis) in [("80/1s", 80, 1_000), ("50/60s", 50, 60_000), ("1/200ms", 1, 200)] {
            let rate = rate(text).unwrap();
            assert_eq!(rate, Rate { limit, window: Duration::from_millis(millis) });
            assert_eq!(rate.to_string().parse(), Ok(rate));
        }
        for text in ["", "80", "80/", "/1s", "0/1s", "80/0s", "-1/1s", "+1/1s", "80/s", "4294967296/1s"] {
            assert_eq!(rate(text), Err(InvalidRate), "{text}");
        }
    }
}
