//! Wishes counted from a moment the talk is already about.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::when::{Days, Hours, Relative, When};

/// A wish counted from a moment, as a wish of its own.
pub(super) fn counted(when: &When, base: DateTime) -> When {
    let Some(relative) = when.relative else { return when.clone() };
    let mut wish = When { relative: None, ..when.clone() };
    let on = |date: Date| vec![Days::on(date)];
    let day = |wish: &When| if wish.days.is_empty() { on(base.date()) } else { wish.days.clone() };
    match relative {
        Relative::SameTime => wish.hours = Hours::At(base.time()),
        Relative::Later(Some(minutes)) => {
            let at = base.saturating_add(i64::from(minutes).minutes());
            (wish.days, wish.hours) = (on(at.date()), Hours::At(at.time()));
        }
        Relative::Earlier(Some(minutes)) => {
            let at = base.saturating_sub(i64::from(minutes).minutes());
            (wish.days, wish.hours) = (on(at.date()), Hours::At(at.time()));
        }
        Relative::Later(None) => {
            wish.days = day(&wish);
            if wish.hours == Hours::Any {
                wish.hours =
                    Hours::Between { from: Some(base.time().saturating_add(1.minute())), until: None };
            }
        }
        Relative::Earlier(None) => {
            wish.days = day(&wish);
            if wish.hours == Hours::Any {
                wish.hours = Hours::Between { from: None, until: Some(base.time()) };
            }
        }
        Relative::SameDay => {
            wish.days = on(base.date());
            if wish.hours == Hours::Any {
                wish.not_hours.push(base.time());
            }
        }
        Relative::OtherDay => {
            if wish.days.is_empty() {
                wish.not_days.push(base.date());
            }
        }
        Relative::DaysLater(days) => {
            wish.days = on(base.date().saturating_add(i64::from(days).days()));
            if wish.hours == Hours::Any {
                wish.hours = Hours::At(base.time());
            }
        }
    }
    wish
}
