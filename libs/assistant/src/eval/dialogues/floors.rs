//! Figures below which no change may fall: `dialogues/floors.json`, by the name of the file of conversations.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::judge::Result;
use super::report::Report;

const FLOORS: &str = include_str!("../../../dialogues/floors.json");

/// The floors of one file of conversations.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// At least so many per cent done.
    pub done_percent: f64,
    /// At most so many per cent failed.
    pub failed_percent: f64,
    /// At most so many wrong acts.
    pub wrong_acts: u32,
    /// At most so many per cent of the replies wrong.
    pub wrong_replies_percent: f64,
    /// At least so many who wanted a drive have it.
    pub drives: u32,
    /// At least so many names are carried.
    pub names: u32,
    /// At least so many persons are told.
    pub told: u32,
}

impl Floors {
    /// The floors of a file, by its name without `.jsonl`.
    pub fn of(file: &str) -> Option<Self> {
        let mut all: BTreeMap<String, Self> = serde_json::from_str(FLOORS).ok()?;
        all.remove(file)
    }

    /// Which figures of a report are worse than they may be.
    pub fn broken_by(&self, report: &Report) -> Vec<String> {
        let least = [
            ("done per cent", report.percent(Result::Done), self.done_percent),
            ("drives", f64::from(report.drives.right), f64::from(self.drives)),
            ("names", f64::from(report.names.right), f64::from(self.names)),
            ("told", f64::from(report.told.right), f64::from(self.told)),
        ];
        let most = [
            ("failed per cent", report.percent(Result::Failed), self.failed_percent),
            ("wrong acts", f64::from(report.wrong_acts), f64::from(self.wrong_acts)),
            ("wrong replies per cent", report.wrong_percent(), self.wrong_replies_percent),
        ];
        let below = least.into_iter().filter(|(_, is, floor)| is < floor);
        let below = below.map(|(name, is, floor)| format!("{name}: {is:.1}, at least {floor:.1}"));
        let above = most.into_iter().filter(|(_, is, roof)| is > roof);
        below.chain(above.map(|(name, is, roof)| format!("{name}: {is:.1}, at most {roof:.1}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::dialogues::Share;

    #[test]
    fn a_figure_on_the_wrong_side_of_its_floor_is_named() {
        let floors = Floors {
            done_percent: 50.0,
            failed_percent: 25.0,
            wrong_acts: 0,
            wrong_replies_percent: 12.0,
            drives: 2,
            names: 0,
            told: 0,
        };
        let good = Report { results: [3, 0, 1], drives: Share { right: 2, of: 2 }, ..Report::default() };
        assert!(floors.broken_by(&good).is_empty());
        let bad = Report { results: [1, 2, 1], wrong_acts: 1, ..good };
        assert_eq!(
            floors.broken_by(&bad),
            ["done per cent: 25.0, at least 50.0", "wrong acts: 1.0, at most 0.0"]
        );
    }
}
