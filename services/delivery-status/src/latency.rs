//! Percentiles from counts per bucket, the same on both engines.

use std::time::Duration;

/// SQL that maps a latency in microseconds (`{d}`) to a bucket: milliseconds up to a second, tenths of a second up to
/// 100 s, ten seconds up to 10,000 s, ten minutes beyond. The numbers are those of [`upper_bound`].
pub const BUCKET: &str = "CASE WHEN {d} < 0 THEN 0 \
     WHEN {d} < 1000000 THEN {d} / 1000 \
     WHEN {d} < 100000000 THEN 1000 + {d} / 100000 \
     WHEN {d} < 10000000000 THEN 2000 + {d} / 10000000 \
     ELSE 3000 + {d} / 600000000 END";

/// The longest latency a bucket stands for.
fn upper_bound(bucket: u64) -> Duration {
    match bucket {
        0..1000 => Duration::from_millis(bucket + 1),
        1000..2000 => Duration::from_millis((bucket - 1000 + 1) * 100),
        2000..3000 => Duration::from_secs((bucket - 2000 + 1) * 10),
        _ => Duration::from_secs((bucket - 3000 + 1) * 600),
    }
}

/// How long one step took, over many messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Half of the messages took at most this long.
    pub p50: Duration,
    /// All but one in a hundred took at most this long.
    pub p99: Duration,
    /// How many messages were measured.
    pub count: u64,
}

impl Latency {
    /// Reads both percentiles from counts per bucket, in any order.
    pub fn from_buckets(mut buckets: Vec<(u64, u64)>) -> Self {
        buckets.sort_unstable();
        let count = buckets.iter().map(|(_, count)| count).sum();
        Self { p50: percentile(&buckets, count, 50), p99: percentile(&buckets, count, 99), count }
    }
}

fn percentile(buckets: &[(u64, u64)], count: u64, percent: u64) -> Duration {
    let wanted = (count * percent).div_ceil(100);
    let mut seen = 0;
    for (bucket, here) in buckets {
        seen += here;
        if seen >= wanted {
            return upper_bound(*bucket);
        }
    }
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_measured_is_zero() {
        assert_eq!(Latency::from_buckets(Vec::new()), Latency::default());
    }

    #[test]
    fn one_in_a_hundred_does_not_move_the_99th_percentile() {
        let latency = Latency::from_buckets(vec![(2001, 1), (499, 99)]);
        assert_eq!(latency.p50, Duration::from_millis(500));
        assert_eq!(latency.p99, Duration::from_millis(500));
        let worse = Latency::from_buckets(vec![(2001, 2), (499, 98)]);
        assert_eq!(worse.p99, Duration::from_secs(20));
        assert_eq!(worse.count, 100);
    }

    #[test]
    fn bounds_grow_from_bucket_to_bucket() {
        let used = (0..1000).chain(1010..2000).chain(2010..3000).chain(3016..3200);
        let bounds: Vec<_> = used.map(upper_bound).collect();
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
