//! Test drives: asked for, chosen, moved, called off, and in whose name.

mod drive;
mod names;
mod offer;
mod relative;
mod standing;

use dealer::Car;

use crate::command::CarRef;

/// What an appointment is about, for people.
pub(crate) fn subject(car: Option<&Car>) -> String {
    match car {
        Some(car) => format!("Proefrit {}", car.title()),
        None => "Bezoek".to_owned(),
    }
}

fn pointing() -> CarRef {
    CarRef { pointing: true, ..CarRef::default() }
}

/// The one with this number, from 1; −1 is the last.
fn nth<T>(list: &[T], number: i8) -> Option<&T> {
    if number < 0 {
        let back = usize::from(number.unsigned_abs());
        return list.len().checked_sub(back).and_then(|at| list.get(at));
    }
    usize::try_from(number).ok()?.checked_sub(1).and_then(|at| list.get(at))
}
