//! Tells equal alerts once, and then how often they came.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::Alert;

/// How long an equal alert is not told again.
const WINDOW: Duration = Duration::from_mins(5);

/// How often the repetitions are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Different alerts remembered at once; beyond that, those told longest ago are forgotten.
const MOST_REMEMBERED: usize = 1_000;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A person should hear it now.
    Tell,
    /// It was told a moment ago.
    Collapse,
}

#[derive(Debug, Default)]
pub(crate) struct Collapser {
    told: HashMap<(&'static str, String), Told>,
}

#[derive(Debug)]
struct Told {
    at: Instant,
    repeated: u32,
    last: Alert,
}

impl Collapser {
    pub(crate) fn judge(&mut self, alert: &Alert, now: Instant) -> Verdict {
        let key = alert.equality();
        if let Some(told) = self.told.get_mut(&key)
            && now.duration_since(told.at) < WINDOW
        {
            told.repeated += 1;
            told.last = alert.clone();
            return Verdict::Collapse;
        }
        if self.told.len() >= MOST_REMEMBERED {
            let oldest = self.told.iter().min_by_key(|(_, told)| told.at).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                self.told.remove(&oldest);
            }
        }
        self.told.insert(key, Told { at: now, repeated: 0, last: alert.clone() });
        Verdict::Tell
    }

    /// The alerts whose window is over and that were repeated meanwhile; each opens a new window.
    pub(crate) fn repeated(&mut self, now: Instant) -> Vec<Alert> {
        let mut due = Vec::new();
        self.told.retain(|_, told| {
            if now.duration_since(told.at) < WINDOW {
                return true;
            }
            if told.repeated == 0 {
                return false;
            }
            due.push(told.last.clone().repeated(told.repeated));
            told.at = now;
            told.repeated = 0;
            true
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(summary: &str) -> Alert {
        Alert::new("twilio", summary)
    }

    #[tokio::test(start_paused = true)]
    async fn equal_alerts_are_told_once_and_then_counted() {
        let mut collapser = Collapser::default();
        let now = Instant::now();
        assert_eq!(collapser.judge(&alert("away"), now), Verdict::Tell);
        assert_eq!(collapser.judge(&alert("refused"), now), Verdict::Tell);
        for _ in 0..3 {
            assert_eq!(collapser.judge(&alert("away"), now + WINDOW / 2), Verdict::Collapse);
        }
        assert_eq!(collapser.repeated(now + WINDOW / 2), []);
        let due = collapser.repeated(now + WINDOW);
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].payload()["summary"], "away (repeated 3 times)");
        assert_eq!(collapser.judge(&alert("away"), now + WINDOW), Verdict::Collapse);
        assert_eq!(collapser.judge(&alert("refused"), now + WINDOW), Verdict::Tell);
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_makes_alerts_equal_whose_words_differ() {
        let mut collapser = Collapser::default();
        let now = Instant::now();
        assert_eq!(collapser.judge(&alert("3 wait").key("queue"), now), Verdict::Tell);
        assert_eq!(collapser.judge(&alert("4 wait").key("queue"), now), Verdict::Collapse);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let mut collapser = Collapser::default();
        for number in 0..MOST_REMEMBERED * 2 {
            collapser.judge(&alert(&number.to_string()), Instant::now());
        }
        assert_eq!(collapser.told.len(), MOST_REMEMBERED);
    }
}
