//! The customer's own car, bids and purchases, people and names, put together.

use super::super::Draft;
use super::Merged;
use crate::command::{Command, Reason};

/// The customer's own car, bids and purchases, people, names.
pub(super) fn of_money_and_people(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
    let merged = match (&mut old.command, &mut new.command) {
        (Command::TradeIn(own), Command::TradeIn(more)) => {
            own.add(more);
            Merged::Into
        }
        (Command::Workshop { own, when }, Command::Workshop { own: more, when: later }) => {
            own.add(more);
            when.refine(later);
            Merged::Into
        }
        (Command::Bid { car, amount_eur }, Command::Bid { car: other, amount_eur: more }) => {
            *amount_eur = more.or(*amount_eur);
            *car = car.take().or(other.take());
            Merged::Into
        }
        (Command::Bid { .. }, Command::Buy { car: None, .. } | Command::Discount { car: None }) => {
            Merged::Into
        }
        (Command::Bid { .. }, Command::Buy { car: Some(car), .. }) if car.described.is_empty() => {
            Merged::Into
        }
        (Command::Buy { car, .. } | Command::Discount { car }, Command::Bid { car: other, .. }) => {
            *other = other.take().or(car.take());
            Merged::Replaces
        }
        (Command::Buy { car, reserve }, Command::Buy { car: other, reserve: later }) => {
            *car = car.take().or(other.take());
            *reserve &= *later;
            Merged::Into
        }
        (Command::Discount { car }, Command::Discount { car: other })
        | (Command::Finance { car }, Command::Finance { car: other }) => {
            *car = car.take().or(other.take());
            Merged::Into
        }
        (Command::HandOver(reason), Command::HandOver(later)) => {
            *reason = graver(*reason, *later);
            Merged::Into
        }
        (Command::Name(_), Command::Name(_)) => Merged::Replaces,
        _ => return None,
    };
    Some(merged)
}

/// The reason that weighs more.
fn graver(one: Reason, other: Reason) -> Reason {
    let weight = |reason: Reason| match reason {
        Reason::Sensitive => 2,
        Reason::Complaint => 1,
        _ => 0,
    };
    if weight(other) > weight(one) { other } else { one }
}
