//! Puts the drafts of a turn's clauses together: what belongs to one wish becomes one command, corrections win.

use super::phrases::Cue;
use super::{Draft, Reader, cars, two_cars};
use crate::command::{CarRef, Command, Field, Pick, Plain, Reason};
use crate::reading::text::Gap;
use crate::state::Asked;
use crate::when::{Hours, When};
use crate::wishes::{Excluded, Wishes};

/// One command for each wish, in the order they were said.
pub(super) fn merged(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    for draft in two_cars::both_driven(reader, drafts) {
        add(&mut out, draft);
    }
    without_asides(&mut out);
    without_asked_about(reader, &mut out);
    without_paying_and_collecting(reader, &mut out);
    without_price_of_instalments(reader, &mut out);
    share_car(reader, &mut out);
    without_courtesies(reader, without_kept(reader, out))
}

/// "Hoe lang duurt het? Moet om 2 uur weer op kantoor zijn": that what stands stays needs no words beside an answer.
fn without_asides(drafts: &mut Vec<Draft>) {
    let is_aside = |draft: &Draft| {
        draft.command == Command::Keep
            && draft.instead_of.iter().any(|lost| lost.because == super::whens::ASIDE)
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
fn without_asked_about(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
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
fn without_paying_and_collecting(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
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
fn without_price_of_instalments(reader: &Reader<'_>, drafts: &mut Vec<Draft>) {
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
fn without_kept(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
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
fn share_car(reader: &Reader<'_>, drafts: &mut [Draft]) {
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

fn add(out: &mut Vec<Draft>, mut draft: Draft) {
    for at in (0..out.len()).rev() {
        let adjacent = at + 1 == out.len();
        match merge(&mut out[at], &mut draft, adjacent) {
            Merged::Into => {
                out[at].to = out[at].to.max(draft.to);
                return;
            }
            Merged::Replaces => {
                draft.from = draft.from.min(out[at].from);
                out.remove(at);
                return add(out, draft);
            }
            Merged::Not => {}
        }
    }
    out.push(draft);
}

enum Merged {
    /// The new one went into the old one.
    Into,
    /// The old one went into the new one.
    Replaces,
    /// They are two.
    Not,
}

/// Puts two drafts together, when they are one wish. Each idea has its own rules; the first that knows the pair decides.
fn merge(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Merged {
    type Idea = fn(&mut Draft, &mut Draft, bool) -> Option<Merged>;
    const IDEAS: [Idea; 6] =
        [of_wishes, of_cars, of_moments, of_appointments, of_offers, of_money_and_people];
    if old.command == new.command {
        old.plain = old.plain.max(new.plain);
        return Merged::Into;
    }
    IDEAS.iter().find_map(|idea| idea(old, new, adjacent)).unwrap_or(Merged::Not)
}

/// Wishes of a car, and cars named among them.
fn of_wishes(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
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
fn of_cars(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
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

/// A moment beside what it is for.
fn of_moments(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Option<Merged> {
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

/// Moving and calling off.
fn of_appointments(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
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
fn of_offers(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
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

/// The customer's own car, bids and purchases, people, names.
fn of_money_and_people(old: &mut Draft, new: &mut Draft, _: bool) -> Option<Merged> {
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

/// The reason that weighs more.
fn graver(one: Reason, other: Reason) -> Reason {
    let weight = |reason: Reason| match reason {
        Reason::Sensitive => 2,
        Reason::Complaint => 1,
        _ => 0,
    };
    if weight(other) > weight(one) { other } else { one }
}

/// A moment said before the wish it is of.
fn precede(earlier: &When, later: &mut When) {
    let mut when = earlier.clone();
    when.complete(later);
    *later = when;
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
    fields: &mut Vec<crate::command::Field>,
    more: &mut Vec<CarRef>,
    asked: &mut Vec<crate::command::Field>,
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

/// Leaves a bare yes, no or thanks out where more is said.
fn without_courtesies(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let awaits = reader.state.asked.as_ref().is_some_and(Asked::awaits_yes);
    let substantive = |command: &Command| {
        !matches!(command, Command::Greet | Command::Thanks | Command::Yes | Command::No | Command::Unclear)
    };
    if !drafts.iter().any(|draft| substantive(&draft.command)) {
        let yes = drafts.iter().any(|draft| draft.command == Command::Yes && draft.plain == Plain::Clear);
        drafts.retain(|draft| !(yes && draft.command == Command::Yes && draft.plain == Plain::Doubtful));
        drafts
            .iter_mut()
            .filter(|draft| draft.command == Command::Yes)
            .for_each(|draft| draft.plain = Plain::Clear);
        return drafts;
    }
    if drafts.iter().any(|draft| draft.command == Command::OptOut && draft.plain == Plain::Clear) {
        drafts.retain(|draft| !matches!(draft.command, Command::AskColleague { .. }));
    }
    let answers_itself = drafts.iter().any(|draft| {
        matches!(
            draft.command,
            Command::Name(_) | Command::Pick(_) | Command::Keep | Command::RefuseSlots { .. }
        )
    });
    let goes_on = drafts.iter().any(|draft| {
        matches!(
            draft.command,
            Command::Drive { .. } | Command::Moment(_) | Command::Move { .. } | Command::Bid { .. }
        )
    });
    // "Zal ik dat vastleggen?" "Ja, Stefan Maier."
    let only_named = matches!(reader.state.asked, Some(Asked::Book { .. }))
        && drafts
            .iter()
            .all(|draft| matches!(draft.command, Command::Name(_)) || !substantive(&draft.command))
        && !drafts.iter().any(|draft| draft.command == Command::No);
    let answers_itself = answers_itself && !only_named;
    let keeps_yes =
        awaits && !answers_itself && !(goes_on && matches!(reader.state.asked, Some(Asked::Drive)));
    // Thanks in a line of its own may be a message of its own, which is answered, too.
    let text = &reader.scan.text;
    let breaks: Vec<usize> = (1..text.len()).filter(|at| text.gap(*at).has(Gap::LINE)).collect();
    let line = |draft: &Draft| breaks.partition_point(|at| *at <= draft.from);
    let taken: Vec<usize> = drafts.iter().filter(|draft| substantive(&draft.command)).map(&line).collect();
    drafts.retain(|draft| match draft.command {
        Command::Thanks => !taken.contains(&line(draft)),
        Command::Unclear => false,
        Command::Yes => keeps_yes && draft.plain == Plain::Clear,
        Command::No => awaits && !answers_itself,
        _ => true,
    });
    drafts
}
