//! The time axis of a waterfall. A message is answered within a second and read minutes later: on one scale nothing of the
//! first could be seen. So the time in which nothing happened is cut short.

use std::time::Duration;

use model::Timestamp;

/// A pause is cut when it is longer than this share of all the time in which something happened …
const LONG: f64 = 0.25;

/// … and then takes this share of it.
const CUT: f64 = 0.06;

/// Maps moments to places from 0 to 1.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// Stretches in which something happened: where each begins and ends, and its place on the axis in seconds.
    stretches: Vec<(Timestamp, Timestamp, f64)>,
    /// Length of the axis in seconds.
    length: f64,
}

impl Axis {
    /// An axis for spans, each with its begin and end.
    pub fn new(mut spans: Vec<(Timestamp, Timestamp)>) -> Self {
        spans.sort_unstable();
        let mut busy: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (start, end) in spans {
            match busy.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => busy.push((start, end)),
            }
        }
        let active: f64 = busy.iter().map(|(start, end)| end.since(*start).as_secs_f64()).sum();
        let mut axis = Self::default();
        let mut before = None;
        for (start, end) in busy {
            let pause = before.map_or(0.0, |before| start.since(before).as_secs_f64());
            axis.length += if pause > active * LONG { active * CUT } else { pause };
            axis.stretches.push((start, end, axis.length));
            axis.length += end.since(start).as_secs_f64();
            before = Some(end);
        }
        axis
    }

    /// Where a moment inside a span lies, from 0 to 1.
    pub fn place(&self, at: Timestamp) -> f64 {
        let stretch = self.stretches.iter().rev().find(|(start, ..)| *start <= at);
        let seconds = stretch.map_or(0.0, |(start, _, place)| place + at.since(*start).as_secs_f64());
        if self.length > 0.0 { (seconds / self.length).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// How long nothing had happened when this moment came; zero inside a stretch.
    pub fn pause_before(&self, at: Timestamp) -> Duration {
        let here = self.stretches.iter().position(|(start, ..)| *start == at);
        let before = here.and_then(|here| here.checked_sub(1)).map(|before| self.stretches[before].1);
        before.map_or(Duration::ZERO, |before| at.since(before))
    }

    /// How long something happened, pauses left out.
    pub fn active(&self) -> Duration {
        self.stretches.iter().map(|(start, end, _)| end.since(*start)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(spans: &[(i64, i64)]) -> Axis {
        Axis::new(spans.iter().map(|(start, end)| (millis(*start), millis(*end))).collect())
    }

    fn millis(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn without_pauses_the_axis_is_even() {
        let axis = axis(&[(0, 100), (20, 40), (90, 100)]);
        assert!((axis.place(millis(25)) - 0.25).abs() < 1e-9);
        assert_eq!(axis.pause_before(millis(20)), Duration::ZERO);
    }

    #[test]
    fn a_long_pause_takes_little_room_and_is_named() {
        let axis = axis(&[(0, 300), (120_000, 120_100)]);
        assert!(axis.place(millis(300)) > 0.6, "{axis:?}");
        assert!(axis.place(millis(120_000)) > axis.place(millis(300)));
        assert!((axis.place(millis(120_100)) - 1.0).abs() < 1e-9);
        assert_eq!(axis.pause_before(millis(120_000)), Duration::from_millis(119_700));
        assert_eq!(axis.active(), Duration::from_millis(400));
    }

    #[test]
    fn spans_of_no_length_do_not_break_the_axis() {
        assert!(axis(&[(5, 5)]).place(millis(5)).abs() < 1e-9);
        assert!(Axis::default().place(millis(5)).abs() < 1e-9);
    }
}
