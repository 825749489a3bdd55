//! Bids, discounts, buying, financing.

use super::phrases::{Cue, Hit};
use super::scan::Clause;
use super::{Draft, Reader, cars, practical};
use crate::command::Command;
use crate::reading::amounts::Kind;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};
use crate::when::Hours;

/// No car is bid less for.
const LEAST_BID: f64 = 500.0;

/// A figure with at most so many words about it is a bid, where the talk is about the price.
const BARE: usize = 3;

/// "24 dan": thousands, where the talk is about the price.
const SHORT_BIDS: std::ops::Range<f64> = 3.0..150.0;

/// An amount that can be a bid, with its token.
fn amount(reader: &Reader<'_>, clause: &Clause) -> Option<(usize, i32)> {
    let scan = reader.scan;
    let haggles =
        reader.state.topic == Topic::Price || (scan.has(clause, Cue::Bid) && !reader.state.focus.is_empty());
    scan.numbers.iter().filter(|number| (clause.from..clause.to).contains(&number.from)).find_map(|number| {
        let mark = scan.text.tokens[number.from].mark;
        if matches!(
            mark,
            Mark::Date | Mark::Time | Mark::Year | Mark::Distance | Mark::Plate | Mark::Car | Mark::Address
        ) {
            return None;
        }
        let bare = clause.to - clause.from <= BARE && !reader.has_offer();
        let short = haggles
            && SHORT_BIDS.contains(&number.value)
            && !number.thousands
            && (bare || scan.has(clause, Cue::Bid));
        let value = if short { number.value * 1000.0 } else { number.value };
        (value >= LEAST_BID).then(|| (number.from, crate::reading::numbers::rounded(value)))
    })
}

/// A bid, a trade-in or a finance wish made before is taken back or spoken of: no record of it is changed here, a colleague does.
pub(super) fn taken_back(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    if !reader.has(clause, Cue::TakeBack) || amount(reader, clause).is_some() || clause.condition {
        return Vec::new();
    }
    let question = reader.sentence(clause);
    vec![
        reader
            .draft(clause, Command::AskColleague { question })
            .instead_of("bid", "it is taken back or was made before"),
    ]
}

/// Whether money is offered: "kan ik hem voor 9 uur rijden" names an hour.
fn bids(reader: &Reader<'_>, clause: &Clause, of_an_amount: bool) -> bool {
    let hour_in = |hit: Hit| {
        reader
            .scan
            .moments_in(clause)
            .any(|said| said.when.hours != Hours::Any && (hit.from..hit.to).contains(&said.from))
    };
    let of_money = |hit: Hit| !hour_in(hit) && !names_a_car(reader, hit);
    reader.scan.hits_of(clause, Cue::Bid).any(|hit| of_an_amount || of_money(hit))
}

/// "Ich möchte den blauen ID.3 kaufen": the only number is a part of the car's name.
fn names_a_car(reader: &Reader<'_>, hit: Hit) -> bool {
    let scan = reader.scan;
    let mut inside =
        scan.numbers.iter().filter(|number| (hit.from..hit.to).contains(&number.from)).peekable();
    inside.peek().is_some() && inside.all(|number| scan.text.tokens[number.from].mark == Mark::Car)
}

/// Reads a clause about money.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let car = cars::refs(reader, clause).into_iter().next();
    let amount = amount(reader, clause);
    let off = amount.is_some_and(|(at, _)| reader.scan.covers(Cue::Discount, at));
    let bid_before = before.last().is_some_and(|draft| matches!(draft.command, Command::Bid { .. }));
    if bids(reader, clause, amount.is_some()) && !off && !has(Cue::TradeIn) {
        // "deal?" behind a bid adds nothing to it.
        if amount.is_none() && bid_before {
            return Vec::new();
        }
        let next = reader.next(clause).and_then(|next| self::amount(reader, next));
        let value = amount.map(|(_, value)| value);
        if value.is_some() || !(has(Cue::Discount) || next.is_some()) {
            return vec![reader.draft(clause, Command::Bid { car, amount_eur: value })];
        }
    }
    if less_and_taken(reader, clause) {
        return vec![reader.draft(clause, Command::Bid { car, amount_eur: None })];
    }
    if bare_bid(reader, clause, before)
        && let Some((_, value)) = amount
    {
        return vec![reader.draft(clause, Command::Bid { car, amount_eur: Some(value) })];
    }
    // "Nog goedkoper?" under a list looks for another.
    let two = before
        .last()
        .is_some_and(|draft| matches!(&draft.command, Command::Tell { cars, .. } if cars.len() > 1));
    let listed = reader.state.focus.is_empty() && reader.state.shown.len() > 1;
    let of_the_list = (has(Cue::Cheapest) || has(Cue::Compare)) && (listed || two);
    if has(Cue::Discount) && !has(Cue::Else) && !of_the_list {
        return vec![
            reader
                .draft(clause, Command::Discount { car })
                .instead_of("bid", "no amount is offered for the car"),
        ];
    }
    if has(Cue::Finance) && !has(Cue::Search) {
        if reader.state.topic == Topic::Finance && car.is_none() {
            return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
        }
        return vec![reader.draft(clause, Command::Finance { car })];
    }
    let buys = has(Cue::Buy) || takes(reader, clause);
    let reserves = has(Cue::Reserve);
    let available = has(Cue::Available) && clause.question() && !buys;
    let asks_how = clause.question() && (practical::is_asked(reader, clause) || has(Cue::FeatureAsked));
    if (buys || reserves) && !has(Cue::NotBuy) && !clause.condition && !available && !asks_how {
        let pickup_of_a_bid = bid_before && car.is_none();
        if pickup_of_a_bid {
            return Vec::new();
        }
        return vec![reader.draft(clause, Command::Buy { car, reserve: reserves && !buys })];
    }
    Vec::new()
}

/// "Die rode Aygo wil ik hebben", "doe mij die maar": a car is taken, unless it is one to drive or the answer to "which one?".
fn takes(reader: &Reader<'_>, clause: &Clause) -> bool {
    let answers = matches!(reader.state.asked, Some(Asked::WhichCar { .. } | Asked::AnyCar { .. }));
    let drives = reader.has(clause, Cue::Drive) || reader.scan.moments_in(clause).next().is_some();
    let wanted = !clause.question() && !reader.has(clause, Cue::Not);
    reader.has(clause, Cue::Takes)
        && wanted
        && !answers
        && !drives
        && !reader.has_offer()
        && !reader.has_appointment()
}

/// "500 eraf en ik neem hem", "wenn ihr 500 runtergeht, kaufe ich ihn": a bid below the price.
fn less_and_taken(reader: &Reader<'_>, clause: &Clause) -> bool {
    let in_sentence = |cue: Cue| {
        let of_sentence = |one: &&Clause| one.sentence == clause.sentence;
        reader.scan.clauses.iter().filter(of_sentence).any(|one| reader.has(one, cue))
    };
    reader.has(clause, Cue::LessFor) && amount(reader, clause).is_some() && in_sentence(Cue::TakesIt)
}

/// An amount alone right behind a definite car, or in talk about the price: "die BMW, 23500".
fn bare_bid(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> bool {
    let scan = reader.scan;
    let limited = scan.amounts_in(clause).any(|amount| amount.limited || amount.kind != Kind::Price);
    let short = clause.to - clause.from <= 4;
    let behind_a_car = before.last().is_some_and(
        |draft| matches!(&draft.command, Command::Tell { cars, fields } if !cars.is_empty() && fields.is_empty()),
    ) && reader.before(clause).is_some_and(|last| last.sentence == clause.sentence && cars::names_definite(reader, last));
    short
        && !limited
        && (!clause.question() || clause.to - clause.from <= BARE)
        && !scan.has(clause, Cue::Search)
        && (behind_a_car || reader.state.topic == Topic::Price)
}
