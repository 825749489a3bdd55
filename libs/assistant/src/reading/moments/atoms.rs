//! The least parts a moment is made of: a day, an hour, a word that counts from another moment.

use dealer::Language;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::spans::Beyond;
use super::{Known, holidays, hours, relative, spans};
use crate::reading::dates::{self, DateMention, in_week};
use crate::reading::text::{Gap, Mark, Text};
use crate::reading::times::Clock;
use crate::reading::words::{self, Role};
use crate::when::{Days, Hours, When};

/// One part of a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Atom {
    pub from: usize,
    pub to: usize,
    pub when: When,
    /// Named by the day of the week alone.
    pub weekday: Option<Weekday>,
    /// Monday of the week it names.
    pub week: Option<Date>,
    pub past: bool,
    /// Counts only beside a day, or when nothing else is said.
    pub doubtful: bool,
    /// A part of the day, which an hour makes definite.
    pub part: bool,
    /// The days on one side of the one that is named: "na woensdag".
    pub beyond: Option<Beyond>,
}

/// What the parts are read from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a, 't> {
    pub text: &'a Text<'t>,
    pub language: Language,
    pub today: Date,
    /// The hour it is.
    pub now: Time,
    pub offered: &'a [DateTime],
    /// Appointments that stand, while nothing is on offer.
    pub standing: &'a [DateTime],
}

impl Source<'_, '_> {
    pub fn phrase(self, role: Role, at: usize) -> Option<(usize, &'static str)> {
        words::phrase(self.language, role, self.text, at)
    }

    pub fn clock(&self) -> Clock<'_, '_> {
        Clock { text: self.text, language: self.language }
    }

    fn date(self, at: usize) -> Option<DateMention> {
        let Self { text, language, today, offered, .. } = self;
        dates::Reader { text, today, language, offered: offered.len() }.at(at)
    }

    /// "na woensdag", "before Friday": but no "na vrijdag 14 uur".
    fn beyond(self, at: usize) -> Option<Atom> {
        let (to, value) = self.phrase(Role::NearDays, at)?;
        let beyond = Beyond::parse(value)?;
        let named = self.date(to).filter(|named| !named.past && named.part.is_none())?;
        if self.text.gap(to).has(Gap::STOP) || self.clock().at(named.to).is_some() {
            return None;
        }
        Some(Atom { from: at, beyond: Some(beyond), ..day(self, &named) })
    }

    fn atom(self, at: usize, before: &[Atom]) -> Option<Atom> {
        if !self.text.free(at) {
            return None;
        }
        // The longest counts: "the day after tomorrow" is no "day after", "vandaag nog" more than "vandaag".
        let day = [
            relative::at(self, at),
            spans::at(self, at),
            holidays::at(self, at),
            self.date(at).map(|named| day(self, &named)),
            self.beyond(at),
        ];
        day.into_iter()
            .flatten()
            .max_by_key(|atom| atom.to)
            .or_else(|| hours::at(self, at))
            .or_else(|| hours::lone(self, at, before))
    }
}

/// Every part, in order; their tokens are marked.
pub(super) fn find(text: &mut Text<'_>, at: DateTime, known: Known<'_>, language: Language) -> Vec<Atom> {
    let (today, now) = (at.date(), at.time());
    let offered = known.offered;
    let standing = if offered.is_empty() { known.standing } else { &[] };
    let mut atoms: Vec<Atom> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let source = Source { text, language, today, now, offered, standing };
        let Some(mut atom) = source.atom(at, &atoms) else {
            at += 1;
            continue;
        };
        in_the_week_named(source, &atoms, &mut atom);
        on_offer(source, &mut atom);
        if let Some(days) =
            atom.beyond.zip(atom.when.day()).and_then(|(beyond, day)| beyond.days(day, atom.week, today))
        {
            (atom.when.days, atom.weekday) = (vec![days], None);
        }
        let mark = if atom.when.days.is_empty() { Mark::Time } else { Mark::Date };
        text.mark(atom.from, atom.to, mark);
        at = atom.to.max(at + 1);
        if completes(text, language, atoms.last(), &atom) {
            if let Some(last) = atoms.last_mut() {
                last.to = atom.to;
                last.when.days = atom.when.days;
                last.weekday = None;
            }
        } else {
            atoms.push(atom);
        }
    }
    atoms
}

fn day(source: Source<'_, '_>, named: &DateMention) -> Atom {
    let mut when = When::on(named.date);
    if named.about {
        when.days = spans::week_of(named.date, source.today);
    }
    if let Some(part) = named.part {
        when.hours = Hours::Between { from: part.from, until: part.until };
    }
    Atom {
        from: named.from,
        to: named.to,
        part: named.part.is_some(),
        when,
        weekday: named.weekday,
        week: named.week,
        past: named.past,
        ..Atom::default()
    }
}

/// "zaterdag 14 maart": the date says more than the day.
fn completes(text: &Text<'_>, language: Language, last: Option<&Atom>, date: &Atom) -> bool {
    let Some(last) = last.filter(|last| last.weekday.is_some() && !last.past) else { return false };
    let one_day = date.when.day().is_some() && date.weekday.is_none() && date.week.is_none() && !date.past;
    let between = last.to..date.from;
    let close = between.len() <= 1
        && !text.gap(date.from).has(Gap::LINE)
        && between.into_iter().all(|at| {
            words::value(language, Role::Links, text.word(at))
                .is_some_and(|kind| matches!(kind, "prep" | "article"))
        });
    let relative = words::phrase(language, Role::DayWords, text, date.from).is_some();
    one_day && close && !relative
}

/// "volgende week, maandag of dinsdag": a day after a week that was named lies in that week.
fn in_the_week_named(source: Source<'_, '_>, before: &[Atom], atom: &mut Atom) {
    let (Some(weekday), None, false) = (atom.weekday, atom.week, atom.past) else { return };
    let Some((last, week)) = before.iter().rev().find_map(|last| Some((last, last.week?))) else { return };
    if last.past || !source.text.same_sentence(last.from, atom.from) {
        return;
    }
    if let Some(date) = in_week(week, weekday).filter(|date| *date >= source.today) {
        atom.when.days = vec![Days::on(date)];
        atom.week = Some(week);
    }
}

/// "Dan donderdag" under moments on offer means the Thursday that is offered, however far ahead; or that of the one later
/// week in which all of them lie.
fn on_offer(source: Source<'_, '_>, atom: &mut Atom) {
    let (Some(weekday), None, false) = (atom.weekday, atom.week, atom.past) else { return };
    let offered = source.offered.iter().map(|start| start.date()).find(|date| date.weekday() == weekday);
    if let Some(date) = offered.or_else(|| in_week(later_week(source)?, weekday)) {
        atom.when.days = vec![Days::on(date)];
    }
}

/// Monday of the calendar week in which all moments on offer lie, when it is not this one.
fn later_week(source: Source<'_, '_>) -> Option<Date> {
    let monday = |date: Date| in_week(date, Weekday::Monday);
    let first = monday(source.offered.first()?.date())?;
    let one_week = source.offered.iter().all(|start| monday(start.date()) == Some(first));
    (one_week && monday(source.today).is_some_and(|this| first > this)).then_some(first)
}
