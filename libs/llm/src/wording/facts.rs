//! The facts of a draft, each with a reference in its place: `{car:1.price}`, `{slot:1}`, `{dealer.name}`, `{line:2}`.

use std::fmt::Write as _;

use assistant::backend::Draft;
use assistant::piece::{Piece, Quoted};
use assistant::word::{Texts, car_line, car_name, day, grouped, moment, near, time};
use dealer::Car;
use jiff::Zoned;

use super::check::is_figure;

/// A fact with its reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// As it stands between braces.
    pub reference: String,
    /// As it is said.
    pub value: String,
}

/// A draft with its facts taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    /// The draft with references in the place of facts.
    pub text: String,
    /// What stands for what; every one is in the text.
    pub facts: Vec<Fact>,
}

impl Marked {
    /// Takes the facts out of a draft. Lines of a list, and those that still hold a figure, a day or a link, become one fact
    /// as a whole.
    pub(crate) fn of(draft: &Draft<'_>) -> Self {
        let mut known = known(draft);
        // "Volkswagen Golf" before "Golf": the longer one is the fact.
        known.sort_by_key(|fact| std::cmp::Reverse(fact.value.len()));
        let mut marked = Self { text: String::new(), facts: Vec::new() };
        for line in draft.reply.lines() {
            if !marked.text.is_empty() {
                marked.text.push('\n');
            }
            let (text, facts) = mark(line, &known);
            let is_item = line.trim_start().starts_with(['•', '-', '*']);
            if is_item
                || line.contains(['{', '}'])
                || line.contains("://")
                || is_figure(&outside_references(&text))
            {
                marked.keep_whole(line);
            } else {
                marked.text.push_str(&text);
                for fact in facts {
                    if !marked.facts.contains(&fact) {
                        marked.facts.push(fact);
                    }
                }
            }
        }
        marked
    }

    fn keep_whole(&mut self, line: &str) {
        let number = self.facts.iter().filter(|fact| fact.reference.starts_with("line:")).count() + 1;
        let reference = format!("line:{number}");
        let _ = write!(self.text, "{{{reference}}}");
        self.facts.push(Fact { reference, value: line.to_owned() });
    }
}

/// The line with its facts marked, and which they are.
fn mark(line: &str, known: &[Fact]) -> (String, Vec<Fact>) {
    let mut text = line.to_owned();
    let mut found = Vec::new();
    for fact in known {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| crate::words::find(rest, &fact.value)) {
            let (start, end) = (from + at.start, from + at.end);
            if text[..start].rfind('{') > text[..start].rfind('}') {
                // Within a reference that was marked before.
                from = end;
                continue;
            }
            let reference = format!("{{{}}}", fact.reference);
            text.replace_range(start..end, &reference);
            from = start + reference.len();
            if !found.contains(fact) {
                found.push(fact.clone());
            }
        }
    }
    (text, found)
}

/// A marked text without its references.
pub(super) fn outside_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for char in text.chars() {
        match char {
            '{' => inside = true,
            '}' => {
                inside = false;
                out.push(' ');
            }
            char if !inside => out.push(char),
            _ => {}
        }
    }
    out
}

/// Every fact the pieces carry, and those of the dealer.
fn known(draft: &Draft<'_>) -> Vec<Fact> {
    let mut known = Known { draft, list: Vec::new() };
    let dealer = &draft.knowledge.dealer;
    known.add("dealer.name", &dealer.name);
    known.add("dealer.address", &dealer.address);
    for (name, value) in [("phone", &dealer.phone), ("email", &dealer.email), ("website", &dealer.website)] {
        known.add(&format!("dealer.{name}"), value.as_deref().unwrap_or_default());
    }
    for (car, number) in draft.pieces.iter().flat_map(cars).zip(1..) {
        known.car(&format!("car:{number}"), car);
    }
    for (at, number) in draft.pieces.iter().flat_map(slots).zip(1..) {
        known.moment(&format!("slot:{number}"), at);
    }
    for (at, number) in draft.pieces.iter().filter_map(moments).zip(1..) {
        known.moment(&format!("moment:{number}"), at);
    }
    for (name, number) in draft.pieces.iter().filter_map(name).zip(1..) {
        known.add(&format!("name:{number}"), name);
    }
    known.list
}

fn cars(piece: &Piece) -> Vec<&Car> {
    match piece {
        Piece::Cars { cars, .. } => cars.iter().collect(),
        Piece::CarFacts { car, .. } => vec![car],
        Piece::Slots { car, .. } | Piece::Standing { car, .. } => car.iter().collect(),
        _ => Vec::new(),
    }
}

fn slots(piece: &Piece) -> &[Zoned] {
    match piece {
        Piece::Slots { slots, .. } => slots,
        _ => &[],
    }
}

fn moments(piece: &Piece) -> Option<&Zoned> {
    match piece {
        Piece::Slots { moving, .. } => moving.as_ref(),
        Piece::Standing { at, .. } => Some(at),
        Piece::Farewell { appointment } => appointment.as_ref(),
        _ => None,
    }
}

fn name(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Greeting { name: Some(Quoted(name)) } | Piece::NotInStock { named: name } => Some(name),
        _ => None,
    }
}

struct Known<'a> {
    draft: &'a Draft<'a>,
    list: Vec<Fact>,
}

impl Known<'_> {
    fn add(&mut self, reference: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() && !self.list.iter().any(|fact| fact.value == value) {
            self.list.push(Fact { reference: reference.to_owned(), value: value.to_owned() });
        }
    }

    /// Every way in which the dealer's texts tell a moment.
    fn moment(&mut self, reference: &str, at: &Zoned) {
        let language = self.draft.voice.language;
        self.add(reference, &moment(at, language));
        self.add(&format!("{reference}.near"), &near(at, self.draft.now, language));
        self.add(&format!("{reference}.day"), &day(at.date(), language));
        self.add(&format!("{reference}.time"), &time(at.time()));
    }

    fn car(&mut self, reference: &str, car: &Car) {
        let Draft { voice, knowledge, .. } = *self.draft;
        let language = voice.language;
        self.add(&format!("{reference}.name"), &car_name(car, &knowledge.inventory));
        self.add(&format!("{reference}.title"), &car.title());
        self.add(&format!("{reference}.model"), &car.model);
        self.add(&format!("{reference}.price"), &format!("€ {}", grouped(car.price_eur, language)));
        self.add(&format!("{reference}.mileage"), &grouped(car.mileage_km, language));
        self.add(&format!("{reference}.year"), &car.year.to_string());
        self.add(&format!("{reference}.variant"), &car.variant);
        self.add(&format!("{reference}.plate"), car.license_plate.as_deref().unwrap_or_default());
        // Fuel, gearbox and colour as the dealer's texts name them.
        let line = car_line(Texts::new(&knowledge.dealer, voice), car);
        for (part, number) in line.split([',', ':']).zip(1..) {
            self.add(&format!("{reference}.detail:{number}"), part);
        }
    }
}
