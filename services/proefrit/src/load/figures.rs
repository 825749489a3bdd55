//! Percentiles and the way figures are printed.

use std::time::Duration;

/// The value below which this share of the values lies; zero for none.
pub fn percentile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index of a few thousand values"
    )]
    let index = ((values.len() as f64 * share).ceil() as usize).saturating_sub(1);
    values.get(index).copied().unwrap_or_default()
}

/// So many a second.
pub fn per_second(count: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a run are small")]
    let count = count as f64;
    count / time.as_secs_f64().max(f64::EPSILON)
}

/// `p50 1.2 ms  p99 3.4 ms`
pub fn latencies(values: &mut [Duration]) -> String {
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let (p50, p99) = (percentile(values, 0.50), percentile(values, 0.99));
    format!("p50 {:6.1} ms  p99 {:6.1} ms", milliseconds(p50), milliseconds(p99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut values: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut values, 0.50), Duration::from_millis(50));
        assert_eq!(percentile(&mut values, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&mut [], 0.99), Duration::ZERO);
    }
}
