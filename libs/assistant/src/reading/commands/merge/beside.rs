//! What needs no command of its own beside what else is said.

use super::super::phrases::Cue;
use super::super::{Draft, Reader, whens};
use crate::command::{Command, Field, Plain};

/// "Hoe lang duurt het? Moet om 2 uur weer op kantoor zijn": that what stands stays needs no words beside an answer.
pub(super) fn without_asides(drafts: &mut Vec<Draft>) {
    let is_aside = |draft: &Draft| {
        draft.command == Command::Keep && draft.instead_of.iter().any(|lost| lost.because == whens::ASIDE)
    };
    let answers = |draft: &Draft| {
        matches!(
            draft.command,
            Command::Practical(_) | Command::Tell { .. } | Command::AskColleague { .. } | Command::Name(_)
        )
    };
    if drafts.iter().any(answers) {
        drafts.retain(|draft| !is_aside(draft));
    }
}

/// "Ik had zaterdag een afspraak, maar weet niet meer hoe laat": what is said of the appointment asked about wishes no moment.
pub(super) fn without_asked_about(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
    let sentence = |draft: &Draft| reader.scan.clauses.get(draft.clause).map(|clause| clause.sentence);
    let asks = |draft: &&Draft| draft.command == Command::AskAppointment;
    let Some(asked) = drafts.iter().find(asks).map(sentence) else { return };
    drafts.retain(|draft| {
        // "Zie je dat in je agenda?" asks the same.
        let of_it = matches!(
            draft.command,
            Command::Moment(_) | Command::Drive { car: None, .. } | Command::AskColleague { .. }
        );
        !(of_it && sentence(draft) == asked)
    });
}

/// "Ik wil hem kopen, kan ik morgen komen betalen?": the moment goes to the person who sells, and is none for a test drive.
pub(super) fn without_paying_and_collecting(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
    let buys = |draft: &Draft| matches!(draft.command, Command::Buy { reserve: false, .. });
    if !drafts.iter().any(buys) {
        return;
    }
    let tries = |draft: &Draft| {
        reader.scan.clauses.get(draft.clause).is_none_or(|clause| reader.has(clause, Cue::Drive))
    };
    drafts.retain(|draft| match draft.command {
        Command::Moment(_) => false,
        Command::Drive { car: None, .. } => tries(draft),
        _ => true,
    });
}

/// "Financieren, 48 maanden zonder aanbetaling, wat kost dat?": asks what the months come to, and no price.
pub(super) fn without_price_of_instalments(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
    let sentence = |draft: &Draft| reader.scan.clauses.get(draft.clause).map(|clause| clause.sentence);
    let finances = |draft: &&Draft| matches!(draft.command, Command::Finance { .. });
    let Some((at, of)) = drafts.iter().find(finances).map(|draft| (draft.from, sentence(draft))) else {
        return;
    };
    drafts.retain(|draft| {
        let of_it = match &draft.command {
            Command::Tell { cars, fields } => cars.is_empty() && *fields == [Field::Price],
            Command::AskColleague { .. } => true,
            _ => false,
        };
        !(of_it && draft.from > at && sentence(draft) == of)
    });
}

/// "Mijn vlucht is geannuleerd, maar ik ben er donderdag gewoon": what stays needs no other moment.
pub(super) fn without_kept(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    if reader.has_appointment() && drafts.iter().any(|draft| draft.command == Command::Keep) {
        drafts.retain(|draft| match draft.command {
            Command::Moment(_) => false,
            Command::Move { .. } | Command::Cancel { .. } => draft.plain == Plain::Clear,
            _ => true,
        });
    }
    drafts
}

/// "Stel dat ik zaterdag kom, is de Audi dan nog niet weg?": the one car asked about is the one to drive, while no other is
/// spoken of.
pub(super) fn share_car(reader: &Reader<'_>, drafts: &mut [Draft]) {
    if !reader.state.focus.is_empty() || !reader.state.shown.is_empty() {
        return;
    }
    let mut told = drafts.iter().filter_map(|draft| match &draft.command {
        Command::Tell { cars, .. } if !cars.is_empty() => Some(cars.as_slice()),
        _ => None,
    });
    let (Some([only]), None) = (told.next(), told.next()) else { return };
    let only = only.clone();
    for draft in drafts {
        match &mut draft.command {
            Command::Drive { car: car @ None, .. } => *car = Some(only.clone()),
            // "Year, mileage and price of the Yaris?"
            Command::Tell { cars, fields } if cars.is_empty() && !fields.is_empty() => {
                cars.push(only.clone());
            }
            _ => {}
        }
    }
}
