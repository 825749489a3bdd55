//! Moments put together with what they are for, and what is moved, called off, picked and refused.

use super::super::Draft;
use super::Merged;
use crate::command::{Command, Pick, Plain};
use crate::when::{Hours, When};

/// A moment beside what it is for.
pub(super) fn of_moments(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
    let merged = match (&mut old.command, &mut new.command) {
        (
            Command::Moment(when)
            | Command::Drive { when, .. }
            | Command::Workshop { when, .. }
            | Command::CallBack { when, .. }
            | Command::Pick(Pick::Moment(when))
            | Command::RefuseSlots { instead: when, .. },
            Command::Moment(more),
        )
        | (
            Command::Workshop { when, .. } | Command::Move { to: when, .. },
            Command::Drive { car: None, when: more },
        ) => {
            when.complete(more);
            Merged::Into
        }
        (
            Command::Moment(when),
            Command::Drive { when: more, .. }
            | Command::Workshop { when: more, .. }
            | Command::CallBack { when: more, .. }
            | Command::Move { to: more, .. },
        ) if adjacent => {
            precede(when, more);
            Merged::Replaces
        }
        _ => return None,
    };
    Some(merged)
}

/// A moment said before the wish it is of.
fn precede(earlier: &When, later: &mut When) {
    let mut when = earlier.clone();
    when.complete(later);
    *later = when;
}

/// Moving and calling off.
pub(super) fn of_appointments(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
    let merged = match (&mut old.command, &mut new.command) {
        (Command::Move { to, .. }, Command::Moment(more)) => {
            // "Dinsdag lukt niet. Woensdag?": where to was all that was not plain.
            old.plain = if says_where_to(to) { old.plain } else { Plain::Clear };
            to.refine(more);
            Merged::Into
        }
        (Command::Move { to, from }, Command::Move { to: more, from: later }) => {
            to.refine(more);
            from.refine(later);
            old.plain = old.plain.max(new.plain);
            Merged::Into
        }
        // "Annuleer ze allebei" calls two off.
        (Command::Cancel { from }, Command::Cancel { from: later })
            if from.is_exact() && later.is_exact() =>
        {
            Merged::Not
        }
        (Command::Cancel { from }, Command::Cancel { from: later }) => {
            from.refine(later);
            old.plain = old.plain.max(new.plain);
            Merged::Into
        }
        (Command::Cancel { .. }, Command::Moment(when) | Command::Drive { car: None, when })
            if old.plain == Plain::Doubtful && !when.is_empty() =>
        {
            old.command = Command::Move { to: when.clone(), from: When::default() };
            Merged::Into
        }
        // "Ik kan donderdag niet, annuleer die": which one is said before.
        (Command::Move { from, .. }, Command::Cancel { from: later })
            if old.plain == Plain::Doubtful && later.is_empty() =>
        {
            later.clone_from(from);
            Merged::Replaces
        }
        (Command::Cancel { .. }, Command::Move { .. }) if old.plain == Plain::Doubtful => Merged::Replaces,
        _ => return None,
    };
    Some(merged)
}

/// Whether a wish names a moment that suits, and not only those that do not.
fn says_where_to(when: &When) -> bool {
    !when.days.is_empty() || when.hours != Hours::Any || when.relative.is_some() || when.soon
}

/// Moments on offer, picked and refused.
pub(super) fn of_offers(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
    let merged = match (&mut old.command, &mut new.command) {
        // "Half elf kan niet. Dan elf uur.": the pick rests on its own words.
        (Command::RefuseSlots { .. }, Command::Pick(_)) => {
            old.from = new.from;
            Merged::Replaces
        }
        (Command::Pick(_), Command::Pick(_)) | (Command::No, Command::RefuseSlots { .. }) => Merged::Replaces,
        (
            Command::RefuseSlots { numbers, instead },
            Command::RefuseSlots { numbers: more, instead: later },
        ) => {
            numbers.append(more);
            instead.refine(later);
            Merged::Into
        }
        // "15 uur past, 14 niet": the other hour is refused, and nothing instead of it is wished.
        (Command::Pick(Pick::Moment(when)), Command::RefuseSlots { numbers, instead })
            if numbers.is_empty() && refuses_others(instead, when) =>
        {
            Merged::Into
        }
        (Command::RefuseSlots { .. }, Command::No) => Merged::Into,
        _ => return None,
    };
    Some(merged)
}

/// Whether all that is said is that other moments than the one picked do not suit.
fn refuses_others(refused: &When, picked: &When) -> bool {
    let nothing_wished = When { not_days: Vec::new(), not_hours: Vec::new(), ..refused.clone() }.is_empty();
    let suits = picked.time().is_some_and(|time| refused.suits_time(time))
        && picked.day().is_none_or(|day| refused.suits_day(day));
    nothing_wished && !refused.is_empty() && suits
}
