//! Wishes of a car put together, and cars with what is wanted of them.

use super::super::{Draft, cars};
use super::Merged;
use crate::command::{CarRef, Command, Field};
use crate::when::When;
use crate::wishes::{Excluded, Wishes};

/// Wishes of a car, and cars named among them.
pub(super) fn of_wishes(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
    let correction = new.correction;
    let merged = match (&mut old.command, &mut new.command) {
        (Command::Show(wishes), Command::Show(more)) => {
            if correction {
                wishes.refine(more);
            } else {
                cars::join(wishes, more);
            }
            Merged::Into
        }
        (Command::Show(wishes), Command::Tell { cars, fields }) if fields.is_empty() && adjacent => {
            let [car] = cars.as_slice() else { return Some(Merged::Not) };
            if !(correction || (car.described.models.is_empty() && car.pointing)) {
                return Some(Merged::Not);
            }
            wishes.refine(&car.described);
            Merged::Into
        }
        // "Not the Fiat. Which of the other two has fewer km?"
        (Command::Show(wishes), Command::Tell { cars, .. }) if adjacent && only_excludes(wishes) => {
            let [car] = cars.as_mut_slice() else { return Some(Merged::Not) };
            if !(car.pointing && car.described.order.is_some()) {
                return Some(Merged::Not);
            }
            car.described.not = std::mem::take(&mut wishes.not);
            Merged::Replaces
        }
        // "Clio, nee wacht, een Captur".
        (Command::Tell { fields, .. }, Command::Show(wishes))
            if adjacent && correction && fields.is_empty() && wishes.names_a_car() =>
        {
            Merged::Replaces
        }
        (Command::Tell { cars, fields }, Command::Show(wishes))
            if adjacent && fields.is_empty() && !wishes.names_a_car() && cars.iter().all(is_kind) =>
        {
            // "Polo of Golf, liefst geen diesel".
            for car in cars.drain(..).rev() {
                let mut named = car.described;
                cars::join(&mut named, wishes);
                *wishes = named;
            }
            Merged::Replaces
        }
        // "Ik zag een rode Ibiza, is die er nog?"
        (Command::Show(wishes), Command::Tell { cars, fields })
            if adjacent && cars.is_empty() && !fields.is_empty() && names_one(wishes) =>
        {
            cars.push(CarRef { described: std::mem::take(wishes), ..CarRef::default() });
            Merged::Replaces
        }
        (Command::Drive { car, .. }, Command::Show(wishes))
            if correction && adjacent && wishes.names_a_car() =>
        {
            *car = Some(CarRef { described: wishes.clone(), ..CarRef::default() });
            Merged::Into
        }
        _ => return None,
    };
    Some(merged)
}

/// A car named beside what is wanted with it.
pub(super) fn of_cars(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
    let correction = new.correction;
    let merged = match (&mut old.command, &mut new.command) {
        (Command::Tell { cars, fields }, taker) if adjacent && fields.is_empty() && takes_car(taker) => {
            give_car(taker, cars);
            Merged::Replaces
        }
        // "Om 11 uur, ook de Ibiza?"
        (Command::Moment(when), Command::Tell { cars, fields })
            if adjacent && fields.is_empty() && cars.len() == 1 =>
        {
            new.command = Command::Drive { car: cars.pop(), when: std::mem::take(when) };
            Merged::Replaces
        }
        (Command::Tell { cars, fields }, Command::Moment(when))
            if adjacent && fields.is_empty() && cars.len() < 2 =>
        {
            new.command = Command::Drive { car: cars.pop(), when: std::mem::take(when) };
            Merged::Replaces
        }
        (Command::Tell { cars, fields }, Command::Tell { cars: more, fields: asked }) => {
            tell(cars, fields, more, asked, correction)
        }
        (before, Command::Tell { cars, fields }) if fields.is_empty() && adjacent && !cars.is_empty() => {
            if !(takes_car(before) || (correction && has_car(before))) {
                return Some(Merged::Not);
            }
            give_car(before, cars);
            Merged::Into
        }
        (Command::Drive { car, when }, Command::Drive { car: other, when: more }) => {
            if old.clause == new.clause && more.days.is_empty() {
                // A day said before both cars holds for both.
                more.days.clone_from(&when.days);
            }
            drive(car, when, other, more, correction)
        }
        _ => return None,
    };
    Some(merged)
}

/// Whether wishes name one model and no limit.
fn names_one(wishes: &Wishes) -> bool {
    wishes.models.len() == 1
        && wishes.price_max_eur.is_none()
        && wishes.price_min_eur.is_none()
        && wishes.not == Excluded::default()
}

/// Whether wishes only say what is not wanted.
fn only_excludes(wishes: &Wishes) -> bool {
    wishes.not != Excluded::default()
        && Wishes { not: Excluded::default(), ..wishes.clone() } == Wishes::default()
}

/// A car by its name alone, as one looks for it.
fn is_kind(car: &CarRef) -> bool {
    !car.pointing
        && car.place.is_none()
        && car.plate.is_none()
        && car.link.is_none()
        && car.variant.is_empty()
}

fn takes_car(command: &Command) -> bool {
    matches!(
        command,
        Command::Drive { car: None, .. }
            | Command::Buy { car: None, .. }
            | Command::Bid { car: None, .. }
            | Command::Discount { car: None }
            | Command::Finance { car: None }
    )
}

const fn has_car(command: &Command) -> bool {
    matches!(command, Command::Drive { .. } | Command::Buy { .. } | Command::Bid { .. })
}

fn give_car(command: &mut Command, cars: &[CarRef]) {
    match command {
        Command::Drive { car, .. }
        | Command::Buy { car, .. }
        | Command::Bid { car, .. }
        | Command::Discount { car }
        | Command::Finance { car } => *car = cars.first().cloned(),
        _ => {}
    }
}

/// Two questions about cars: what is asked of the same ones is asked at once.
fn tell(
    cars: &mut Vec<CarRef>,
    fields: &mut Vec<Field>,
    more: &mut Vec<CarRef>,
    asked: &mut Vec<Field>,
    correction: bool,
) -> Merged {
    let described = matches!(more.as_slice(), [car] if car.pointing && !car.described.names_a_car());
    if described
        && asked.is_empty()
        && let (Some(last), [more]) = (cars.last_mut(), more.as_mut_slice())
    {
        // "De Clio, die grijze".
        cars::join(&mut last.described, &more.described);
        last.variant.append(&mut more.variant);
        return Merged::Into;
    }
    if correction && asked.is_empty() && !more.is_empty() {
        *cars = std::mem::take(more);
        return Merged::Into;
    }
    if more.is_empty() || more == cars || asked.is_empty() || fields.is_empty() {
        for car in more.drain(..) {
            if !cars.contains(&car) {
                cars.push(car);
            }
        }
        for field in asked.drain(..) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        return Merged::Into;
    }
    Merged::Not
}

fn drive(
    car: &mut Option<CarRef>,
    when: &mut When,
    other: &mut Option<CarRef>,
    more: &When,
    correction: bool,
) -> Merged {
    if other.is_some() && car.is_some() && other != car && !correction {
        return Merged::Not;
    }
    when.refine(more);
    *car = other.take().or(car.take());
    Merged::Into
}
