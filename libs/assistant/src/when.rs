//! When a customer wants to come: days and hours, wished and excluded.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

/// A wish for a moment. The default wishes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct When {
    /// Days that suit, each a range of days, first and last included; empty means any.
    pub days: Vec<Days>,
    /// Days that do not suit.
    pub not_days: Vec<Date>,
    /// Hours that suit.
    pub hours: Hours,
    /// Hours that do not suit.
    pub not_hours: Vec<Time>,
    /// Counted from the moment that stands or is on offer: "zelfde tijd", "een uurtje later".
    pub relative: Option<Relative>,
    /// As soon as possible.
    pub soon: bool,
}

/// A range of days, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl Days {
    /// One day.
    pub const fn on(date: Date) -> Self {
        Self { first: date, last: date }
    }

    /// Whether a day lies within.
    pub fn contains(&self, date: Date) -> bool {
        (self.first..=self.last).contains(&date)
    }
}

/// Hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// Any.
    #[default]
    Any,
    /// Exactly this: "om 10 uur", "14:00".
    At(Time),
    /// About this: "rond 3", "so gegen 14 Uhr".
    Around(Time),
    /// From, until (not included), or both: "na 2", "tussen 2 en 4", "voor 12". A part of the day is such a range.
    Between {
        /// First start that suits.
        from: Option<Time>,
        /// Starts must lie before this.
        until: Option<Time>,
    },
}

/// Counted from a moment the talk is already about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relative {
    /// The same hour, on another day.
    SameTime,
    /// Later on that day, by so many minutes where said.
    Later(Option<u16>),
    /// Earlier on that day, likewise.
    Earlier(Option<u16>),
    /// The same day, another hour.
    SameDay,
    /// Some other day.
    OtherDay,
    /// So many days later (negative: earlier), same hour.
    DaysLater(i16),
}

impl Relative {
    /// What a later word leaves of an earlier one: "een dag eerder, zelfde tijd" is a day earlier at that hour.
    pub(crate) fn with(earlier: Option<Self>, later: Option<Self>) -> Option<Self> {
        match (earlier, later) {
            (days @ Some(Self::DaysLater(_)), None | Some(Self::SameTime)) => days,
            (earlier, None) => earlier,
            (_, later) => later,
        }
    }
}

impl When {
    /// One moment.
    pub fn at(moment: DateTime) -> Self {
        Self { days: vec![Days::on(moment.date())], hours: Hours::At(moment.time()), ..Self::default() }
    }

    /// One day, at any hour.
    pub fn on(date: Date) -> Self {
        Self { days: vec![Days::on(date)], ..Self::default() }
    }

    /// Whether nothing at all is wished.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The one day wished, when it is one.
    pub fn day(&self) -> Option<Date> {
        match self.days.as_slice() {
            [only] if only.first == only.last => Some(only.first),
            _ => None,
        }
    }

    /// The exact hour wished.
    pub const fn time(&self) -> Option<Time> {
        match self.hours {
            Hours::At(time) => Some(time),
            _ => None,
        }
    }

    /// One day and one hour: a definite moment.
    pub fn is_exact(&self) -> bool {
        self.day().is_some() && self.time().is_some()
    }

    /// Whether a moment that starts then suits. "Around" takes what lies within an hour of it.
    pub fn suits(&self, start: DateTime) -> bool {
        self.suits_day(start.date()) && self.suits_time(start.time())
    }

    /// Whether a day suits.
    pub fn suits_day(&self, date: Date) -> bool {
        !self.not_days.contains(&date)
            && (self.days.is_empty() || self.days.iter().any(|days| days.contains(date)))
    }

    /// Whether an hour suits.
    pub fn suits_time(&self, time: Time) -> bool {
        if self.not_hours.contains(&time) {
            return false;
        }
        match self.hours {
            Hours::Any => true,
            Hours::At(wished) => time == wished,
            Hours::Around(wished) => {
                let day = Date::constant(2000, 1, 2);
                let (wished, time) = (day.to_datetime(wished), day.to_datetime(time));
                wished.saturating_sub(1.hour()) <= time && time <= wished.saturating_add(1.hour())
            }
            Hours::Between { from, until } => {
                from.is_none_or(|from| time >= from) && until.is_none_or(|until| time < until)
            }
        }
    }

    /// Takes over what is said as well in the same turn: a limit narrows the hours named before it, and a range says no more
    /// than the exact hour that lies in it: "17 uur, na mijn werk".
    pub(crate) fn complete(&mut self, more: &Self) {
        let range = |hours| matches!(hours, Hours::Between { .. });
        let hours = match self.hours {
            Hours::At(time) | Hours::Around(time) if range(more.hours) && more.suits_time(time) => self.hours,
            Hours::Between { from: Some(from), until: Some(until) } => match more.hours {
                Hours::Between { from: None, until: Some(last) } if from < last && last < until => {
                    Hours::Between { from: Some(from), until: Some(last) }
                }
                Hours::Between { from: Some(first), until: None } if from < first && first < until => {
                    Hours::Between { from: Some(first), until: Some(until) }
                }
                _ => Hours::Any,
            },
            // "Samstag vormittag, nicht zu früh".
            Hours::Between { from: None, until: Some(until) } => match more.hours {
                Hours::Between { from: Some(first), until: None } if first < until => {
                    Hours::Between { from: Some(first), until: Some(until) }
                }
                _ => Hours::Any,
            },
            _ => Hours::Any,
        };
        self.refine(more);
        if hours != Hours::Any {
            self.hours = hours;
        }
    }

    /// Takes over what a later wish says; what it leaves open stays.
    pub fn refine(&mut self, later: &Self) {
        if !later.days.is_empty() {
            self.days.clone_from(&later.days);
            // "Niet op maandag, wel volgende week": only its own name takes a day back.
            self.not_days.retain(|day| !later.days.contains(&Days::on(*day)));
        }
        if later.hours != Hours::Any {
            self.hours = later.hours;
            self.not_hours.retain(|time| !later.suits_time(*time));
        }
        self.not_days.extend(later.not_days.iter().copied());
        self.not_hours.extend(later.not_hours.iter().copied());
        self.days.retain(|days| days.first != days.last || !self.not_days.contains(&days.first));
        if matches!(self.hours, Hours::At(time) | Hours::Around(time) if self.not_hours.contains(&time)) {
            self.hours = Hours::Any;
        }
        self.relative = match (self.relative, later.relative) {
            (Some(Relative::DaysLater(_)), Some(Relative::SameTime)) => self.relative,
            (_, later) => later,
        };
        self.soon |= later.soon;
    }
}
