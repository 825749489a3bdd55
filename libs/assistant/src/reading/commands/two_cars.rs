//! Two cars that are to be driven, named together and wished for together.

use super::fields::is_kind_of_car;
use super::phrases::Cue;
use super::{Draft, Reader, listed};
use crate::command::{CarRef, Command};

/// "Ik twijfel tussen de Yaris en de Clio en wil ze allebei rijden": a drive of each.
pub(super) fn both_driven(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    for draft in drafts {
        let last = out.last();
        let cars = match &draft.command {
            Command::Drive { car: None, .. } if of_both(reader, &draft) => last
                .and_then(several)
                .or_else(|| (reader.state.shown.len() == 2).then(|| listed::listed(reader))),
            _ => None,
        };
        // "Zaterdag twee auto's rijden, Captur en Kona": the cars may follow.
        let follow = several(&draft).filter(|_| {
            last.is_some_and(|last| {
                matches!(last.command, Command::Drive { car: None, .. }) && of_both(reader, last)
            })
        });
        let drive = if follow.is_some() { out.pop() } else { None };
        let (Some(cars), Some(drive)) = (follow.or(cars), drive.or(Some(draft.clone()))) else {
            out.push(draft);
            continue;
        };
        let told = out.pop_if(|last| several(last).is_some_and(|told| told == cars));
        let from = told.map_or(drive.from, |told| told.from);
        let Command::Drive { when, .. } = &drive.command else { continue };
        out.extend(cars.into_iter().map(|car| {
            let command = Command::Drive { car: Some(car), when: when.clone() };
            Draft { command, from, ..drive.clone() }
        }));
    }
    out
}

fn of_both(reader: &Reader<'_>, draft: &Draft) -> bool {
    reader.scan.clauses.get(draft.clause).is_some_and(|clause| reader.has(clause, Cue::Both))
}

/// The cars named together, with nothing asked of them.
fn several(draft: &Draft) -> Option<Vec<CarRef>> {
    match &draft.command {
        Command::Tell { cars, fields } if cars.len() > 1 && fields.iter().all(is_kind_of_car) => {
            Some(cars.clone())
        }
        _ => None,
    }
}
