//! Scripted faults: which call goes wrong, how, how often, and the same way every time.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// `POST …/Messages.json`
    Create,
    /// `GET …/Messages/{sid}.json`
    Fetch,
    /// `GET …/Messages.json`
    List,
    /// The typing indicator.
    Typing,
    /// Fetching inbound media.
    Media,
    /// A status callback that we post.
    Callback,
    /// An inbound webhook that we post.
    Inbound,
    /// The fate of an accepted message.
    Status,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Answers 500, code 20500; nothing is processed.
    #[serde(rename = "500")]
    InternalError,
    /// Answers 503, code 20503; nothing is processed.
    #[serde(rename = "503")]
    Unavailable,
    /// Answers 429, code 20429, with a `Retry-After` where `millis` says how long; nothing is processed.
    #[serde(rename = "429")]
    TooMany,
    /// Hangs for `millis` (a minute unless told), then cuts; nothing is processed.
    Timeout,
    /// Cuts the connection; nothing is processed.
    Cut,
    /// Answers with `http_status` (400) and `code`; nothing is processed.
    Error,
    /// Processes, then cuts the connection without an answer.
    AcceptedThenCut,
    /// Processes, then answers 500, code 20500.
    #[serde(rename = "accepted_then_500")]
    AcceptedThenError,
    /// Processes, then hangs for `millis` (a minute unless told) and cuts.
    AcceptedThenTimeout,
    /// Waits `millis`, then goes on as ever.
    Slow,
    /// Callback or webhook: never posted.
    Drop,
    /// Callback or webhook: posted twice.
    Duplicate,
    /// Callback or webhook: posted `millis` later; later ones of the same message may overtake it.
    Delay,
    /// Callback: the message's `read` is told before its `delivered`.
    Shuffle,
    /// Status: the message ends in `status` (failed or undelivered) with `code`.
    Fail,
}

impl Kind {
    /// Where this kind can strike.
    fn fits(self, spot: Spot) -> bool {
        match self {
            Self::Drop | Self::Duplicate | Self::Delay => matches!(spot, Spot::Callback | Spot::Inbound),
            Self::Shuffle => spot == Spot::Callback,
            Self::Fail => spot == Spot::Status,
            _ => !matches!(spot, Spot::Callback | Spot::Inbound | Spot::Status),
        }
    }
}

/// One line of the script.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Where it strikes.
    pub on: Spot,
    /// What goes wrong.
    pub kind: Kind,
    /// Matching calls let through first.
    #[serde(default)]
    pub after: u64,
    /// How often it strikes; without end unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Chance from 0 to 1 that it strikes a matching call; 1 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Seed of that chance: the same seed strikes the same calls.
    #[serde(default)]
    pub seed: u64,
    /// Only calls about this customer (`+31…`, with or without `whatsapp:`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Callback: only this status. Fail: the final status, `undelivered` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// For kinds that take time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// Twilio's code, for `error` and `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// HTTP status, for `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// A rule with what it has done so far.
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// Calls that matched it.
    pub seen: u64,
    /// Calls it struck.
    pub struck: u64,
}

/// The script in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Progress>>);

impl Faults {
    /// Replaces the script; counting starts afresh. Refused with a sentence when a rule makes no sense.
    pub fn set(&self, rules: Vec<Rule>) -> Result<(), String> {
        for (at, rule) in rules.iter().enumerate() {
            check(rule).map_err(|reason| format!("rule {at}: {reason}"))?;
        }
        *self.lock() = rules.into_iter().map(|rule| Progress { rule, seen: 0, struck: 0 }).collect();
        Ok(())
    }

    /// The script with its counts.
    pub fn get(&self) -> Vec<Progress> {
        self.lock().clone()
    }

    /// Asks whether a call goes wrong; the first rule that strikes wins. `address` is the customer's, `status` the
    /// callback's.
    pub fn strike(&self, spot: Spot, address: &str, status: Option<&str>) -> Option<Rule> {
        self.strike_where(spot, address, status, |_| true)
    }

    /// Like [`Self::strike`], looking only at rules of some kinds.
    pub fn strike_where(
        &self,
        spot: Spot,
        address: &str,
        status: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
    ) -> Option<Rule> {
        let mut script = self.lock();
        for progress in script.iter_mut() {
            let rule = &progress.rule;
            let status_fits =
                spot != Spot::Callback || rule.status.is_none() || rule.status.as_deref() == status;
            let fits = rule.on == spot
                && kinds(rule.kind)
                && status_fits
                && rule.to.as_deref().is_none_or(|to| same_customer(to, address));
            if !fits {
                continue;
            }
            let call = progress.seen;
            progress.seen += 1;
            let left = rule.count.is_none_or(|count| progress.struck < count);
            let by_chance = rule.probability.is_none_or(|chance| unit(rule.seed, call) < chance);
            if call >= rule.after && left && by_chance {
                progress.struck += 1;
                return Some(rule.clone());
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Progress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(rule: &Rule) -> Result<(), String> {
    if !rule.kind.fits(rule.on) {
        return Err(format!("kind {:?} cannot strike on {:?}", rule.kind, rule.on).to_lowercase());
    }
    if rule.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
        return Err("probability must lie between 0 and 1".to_owned());
    }
    if rule.kind == Kind::Fail
        && rule.status.as_deref().is_some_and(|word| !matches!(word, "failed" | "undelivered"))
    {
        return Err("status of a fail must be failed or undelivered".to_owned());
    }
    if rule.http_status.is_some_and(|status| !(400..=599).contains(&status)) {
        return Err("http_status must lie between 400 and 599".to_owned());
    }
    Ok(())
}

fn same_customer(pattern: &str, address: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("whatsapp:").unwrap_or(text).to_owned();
    bare(pattern) == bare(address)
}

/// A number in [0, 1) that depends on nothing but seed and call: `SplitMix64` (Steele, Lea, Flood 2014).
fn unit(seed: u64, call: u64) -> f64 {
    let mut z = seed.wrapping_add(call.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    f64::from(u32::try_from(z >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: &str) -> Faults {
        let faults = Faults::default();
        faults.set(serde_json::from_str(json).unwrap()).unwrap();
        faults
    }

    fn struck(faults: &Faults, calls: usize) -> Vec<usize> {
        (0..calls).filter(|_| faults.strike(Spot::Create, "whatsapp:+31612345678", None).is_some()).collect()
    }

    fn pattern(faults: &Faults) -> String {
        (0..40)
            .map(
                |_| {
                    if faults.strike(Spot::Create, "whatsapp:+31612345678", None).is_some() {
                        'x'
                    } else {
                        '.'
                    }
                },
            )
            .collect()
    }

    #[test]
    fn a_rule_lets_calls_through_then_strikes_so_often() {
        let faults = script(r#"[{"on":"create","kind":"500","after":2,"count":3}]"#);
        assert_eq!(pattern(&faults).trim_end_matches('.'), "..xxx");
        let progress = &faults.get()[0];
        assert_eq!((progress.seen, progress.struck), (40, 3));
    }

    #[test]
    fn chance_strikes_the_same_calls_under_the_same_seed() {
        let with_seed = |seed: u64| {
            pattern(&script(&format!(
                r#"[{{"on":"create","kind":"accepted_then_cut","probability":0.3,"seed":{seed}}}]"#
            )))
        };
        assert_eq!(with_seed(7), with_seed(7));
        assert_ne!(with_seed(7), with_seed(8));
        let often = script(r#"[{"on":"create","kind":"slow","probability":0.3,"seed":1}]"#);
        let hits = struck(&often, 10_000).len();
        assert!((2_700..3_300).contains(&hits), "{hits} of 10000 with seed 1");
    }

    #[test]
    fn a_rule_can_be_about_one_customer_or_one_status() {
        let faults = script(
            r#"[{"on":"create","kind":"503","to":"+31600000001"},{"on":"callback","kind":"drop","status":"delivered"}]"#,
        );
        assert!(faults.strike(Spot::Create, "whatsapp:+31600000001", None).is_some());
        assert!(faults.strike(Spot::Create, "whatsapp:+31600000002", None).is_none());
        assert!(faults.strike(Spot::Callback, "whatsapp:+31600000001", Some("delivered")).is_some());
        assert!(faults.strike(Spot::Callback, "whatsapp:+31600000001", Some("sent")).is_none());
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused_by_name() {
        let refused = |json: &str| Faults::default().set(serde_json::from_str(json).unwrap()).unwrap_err();
        assert_eq!(
            refused(r#"[{"on":"create","kind":"shuffle"}]"#),
            "rule 0: kind shuffle cannot strike on create"
        );
        assert!(refused(r#"[{"on":"create","kind":"500","probability":2}]"#).contains("probability"));
        assert!(serde_json::from_str::<Vec<Rule>>(r#"[{"on":"create","kind":"500","cuont":1}]"#).is_err());
    }
}
