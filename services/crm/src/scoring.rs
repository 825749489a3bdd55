//! From signals to points, and from points to how warm a lead is. Pure.

use std::collections::BTreeMap;

use dealer::Scoring;

/// What is known to interest a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// A definite make or model.
    Car,
    /// A price or monthly limit.
    Budget,
    /// It must be soon.
    Urgency,
    /// Wants to see or drive a car.
    TestDrive,
    /// Has a car to trade in.
    TradeIn,
    /// Gave a name with a way to be reached.
    ContactDetails,
    /// Asked about lease or a loan.
    Financing,
    /// Wants to buy, reserve or bid: no points, and hot whatever they are.
    Buying,
}

impl Signal {
    /// Every signal, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Car,
        Self::Budget,
        Self::Urgency,
        Self::TestDrive,
        Self::TradeIn,
        Self::ContactDetails,
        Self::Financing,
        Self::Buying,
    ];

    /// The word in SQL, in breakdowns and in `[scoring]`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Budget => "budget",
            Self::Urgency => "urgency",
            Self::TestDrive => "test_drive",
            Self::TradeIn => "trade_in",
            Self::ContactDetails => "contact_details",
            Self::Financing => "financing",
            Self::Buying => "buying",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// What it is worth; nothing where it decides by itself.
    const fn points(self, scoring: &Scoring) -> Option<u32> {
        match self {
            Self::Car => Some(scoring.car),
            Self::Budget => Some(scoring.budget),
            Self::Urgency => Some(scoring.urgency),
            Self::TestDrive => Some(scoring.test_drive),
            Self::TradeIn => Some(scoring.trade_in),
            Self::ContactDetails => Some(scoring.contact_details),
            Self::Financing => Some(scoring.financing),
            Self::Buying => None,
        }
    }
}

/// A set of signals. It can grow; nothing takes a signal out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals(u8);

impl Signals {
    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a signal is in the set.
    pub const fn has(self, signal: Signal) -> bool {
        self.0 & signal.bit() != 0
    }

    /// Whether nothing is known.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The signals in the set.
    pub fn iter(self) -> impl Iterator<Item = Signal> {
        Signal::ALL.into_iter().filter(move |signal| self.has(*signal))
    }

    /// The words, separated by spaces, as they are stored.
    pub fn words(self) -> String {
        let words: Vec<&str> = self.iter().map(Signal::as_str).collect();
        words.join(" ")
    }

    /// Reads stored words; one that a newer version wrote is `None`.
    pub fn parse(words: &str) -> Option<Self> {
        words.split_whitespace().map(|word| Signal::ALL.into_iter().find(|it| it.as_str() == word)).collect()
    }
}

impl FromIterator<Signal> for Signals {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        Self(signals.into_iter().fold(0, |bits, signal| bits | signal.bit()))
    }
}

/// How warm a lead is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeadStatus {
    /// Just looking.
    Cold,
    /// Interested.
    Warm,
    /// About to buy.
    Hot,
}

impl LeadStatus {
    /// The word in SQL and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Cold, Self::Warm, Self::Hot].into_iter().find(|status| status.as_str() == word)
    }
}

/// A lead's score and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// All points together.
    pub points: u32,
    /// What the points mean.
    pub status: LeadStatus,
    /// Points per signal that is there.
    pub breakdown: BTreeMap<String, u32>,
}

/// Scores a lead.
pub fn score(signals: Signals, scoring: &Scoring) -> Score {
    let breakdown: BTreeMap<String, u32> = signals
        .iter()
        .filter_map(|signal| Some((signal.as_str().to_owned(), signal.points(scoring)?)))
        .collect();
    let points = breakdown.values().sum();
    let status = if signals.has(Signal::Buying) || points >= scoring.hot {
        LeadStatus::Hot
    } else if points >= scoring.warm {
        LeadStatus::Warm
    } else {
        LeadStatus::Cold
    };
    Score { points, status, breakdown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(words: &str) -> Signals {
        Signals::parse(words).unwrap()
    }

    #[test]
    fn all_signals_together_are_125_points() {
        let all: Signals = Signal::ALL.into_iter().collect();
        let score = score(all, &Scoring::default());
        assert_eq!((score.points, score.status), (125, LeadStatus::Hot));
        assert_eq!(score.breakdown.values().sum::<u32>(), 125);
    }

    #[test]
    fn thresholds_belong_to_the_warmer_side() {
        for (words, points, status) in [
            ("", 0, LeadStatus::Cold),
            ("car", 30, LeadStatus::Cold),
            ("budget trade_in", 35, LeadStatus::Cold),
            ("car contact_details", 40, LeadStatus::Warm),
            ("car budget trade_in financing", 75, LeadStatus::Warm),
            ("car urgency test_drive financing", 80, LeadStatus::Hot),
        ] {
            let score = score(signals(words), &Scoring::default());
            assert_eq!((score.points, score.status), (points, status), "{words}");
        }
    }

    #[test]
    fn who_wants_to_buy_is_hot_whatever_the_points() {
        for (words, points) in [("buying", 0), ("car buying", 30)] {
            let score = score(signals(words), &Scoring::default());
            assert_eq!((score.points, score.status), (points, LeadStatus::Hot), "{words}");
            assert!(!score.breakdown.contains_key("buying"), "{words}");
        }
    }

    #[test]
    fn the_dealers_own_weights_and_thresholds_hold() {
        let scoring = Scoring { car: 0, budget: 5, hot: 5, warm: 1, ..Scoring::default() };
        let score = score(signals("car budget"), &scoring);
        assert_eq!((score.points, score.status), (5, LeadStatus::Hot));
        assert_eq!(score.breakdown, BTreeMap::from([("budget".to_owned(), 5), ("car".to_owned(), 0)]));
    }

    #[test]
    fn signals_read_back_and_only_grow() {
        let some = signals("car trade_in");
        assert_eq!(some.words(), "car trade_in");
        assert_eq!(some.with(Signals::default()), some);
        assert_eq!(some.with(signals("budget")).words(), "car budget trade_in");
        assert_eq!(Signals::parse("car moon"), None);
        assert!(signals(" ").is_empty());
    }

    #[test]
    fn signals_and_weights_have_the_same_names() {
        for signal in Signal::ALL.into_iter().filter(|signal| *signal != Signal::Buying) {
            assert!(Scoring::NAMES.contains(&signal.as_str()), "{signal:?}");
        }
    }
}
