//! Questions about cars, and looking for one.

use super::fields::{as_question, asked_before, asked_words, fields, is_asked, is_kind_of_car};
use super::kinds::{limited, names_a_thing, names_kind, names_unknown, wished};
use super::listed::{among_listed, asked_by, is_superlative, listed, numbered};
use super::phrases::Cue;
use super::scan::{Asks, Clause};
use super::{Draft, Reader, cars, line, practical};
use crate::command::{CarRef, Command, Field};
use crate::state::{Asked, Topic};
use crate::wishes::{Order, Wishes};

/// Reads a clause about cars.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let scan = reader.scan;
    // "Schade." is a German pity, no Dutch damage.
    let courtesy = scan.only(clause, &[Cue::Small, Cue::Filler, Cue::Yes]);
    let leaves = reader.has(clause, Cue::Leave) && !clause.opens();
    if leaves || (courtesy && scan.properties_in(clause).next().is_none()) {
        return Vec::new();
    }
    if let Some(draft) = numbered(reader, clause) {
        return vec![draft];
    }
    let about = About::new(reader, clause, before);
    if about.own() && !clause.question() && !about.definite {
        return Vec::new();
    }
    if let Some(drafts) = recommended(reader, clause, &about) {
        return drafts;
    }
    let command = about
        .sought()
        .or_else(|| about.told_before())
        .or_else(|| about.asked())
        .or_else(|| about.generally())
        .or_else(|| about.kind())
        .or_else(|| about.pointed())
        .or_else(|| about.taken())
        .or_else(|| about.guessed());
    command.map(|command| reader.draft(clause, command)).into_iter().collect()
}

/// "De e-2008 of de ID.3, wat raad je aan?": what the records know of both, and a colleague for the rest.
fn recommended(reader: &Reader<'_>, clause: &Clause, about: &About<'_, '_>) -> Option<Vec<Draft>> {
    let asks = reader.has(clause, Cue::Recommend) && !about.seeking;
    if !asks {
        return None;
    }
    let question = reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) });
    let of_cars = about.named.iter().all(|car| car.place.is_none()) && about.named.len() > 1;
    let told = of_cars.then(|| reader.draft(clause, about.tell(Vec::new())));
    Some(told.into_iter().chain([question]).collect())
}

/// "Ich darf nur Automatik fahren": what is driven is wished, and no test drive.
pub(super) fn only_drives(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let told = reader.has(clause, Cue::OnlyDrives) && reader.scan.moments_in(clause).next().is_none();
    if !told || cars::names_definite(reader, clause) {
        return Vec::new();
    }
    vec![reader.draft(clause, Command::Show(cars::wishes(reader, clause)))]
}

/// A clause that may be about cars, with what is known of it.
struct About<'a, 'r> {
    reader: &'a Reader<'r>,
    clause: &'a Clause,
    /// The cars it points at.
    named: Vec<CarRef>,
    /// What it asks of them.
    asked: Vec<Field>,
    /// What it wishes of one.
    wishes: Wishes,
    /// It names a definite car.
    definite: bool,
    /// It looks for one.
    seeking: bool,
    /// It compares cars without naming one alone.
    compares: bool,
    /// What was read last before it.
    last: Option<&'a Command>,
}

impl<'a, 'r> About<'a, 'r> {
    fn new(reader: &'a Reader<'r>, clause: &'a Clause, before: &'a [Draft]) -> Self {
        let has = |cue: Cue| reader.has(clause, cue);
        let mut named = cars::refs(reader, clause);
        let mut asked = fields(reader, clause);
        let wishes = cars::wishes(reader, clause);
        let definite = cars::names_definite(reader, clause);
        // "We hebben bagageruimte nodig" looks for a car.
        let looks = has(Cue::Search) || reader.state.focus.is_empty();
        if looks && !definite && !clause.question() && wishes.purpose.is_some() {
            asked.clear();
        }
        // "Niet ouder dan 2019" asks no year.
        if limited(reader, clause) && !clause.opens() && !definite {
            asked.retain(|field| !matches!(field, Field::Year | Field::Mileage));
        }
        let cheapest_of_all = wishes.order.is_some() && listed(reader).is_empty();
        // "Half past two" compares nothing.
        let in_moment =
            |at: usize| reader.scan.moments_in(clause).any(|said| (said.from..said.to).contains(&at));
        let says_so = reader.scan.hits_of(clause, Cue::Compare).any(|hit| !in_moment(hit.from));
        let compares = says_so && named.len() != 1 && !cheapest_of_all;
        // "En de jongste?", "und der billigste?": of the cars just shown.
        let superlative = is_superlative(&wishes) && named.is_empty() && !has(Cue::Search);
        if superlative && let Some(of_the_list) = among_listed(reader, &wishes) {
            named = of_the_list;
            if asked.is_empty() {
                asked.extend(wishes.order.map(asked_by));
            }
        }
        if compares && named.is_empty() {
            named = among_listed(reader, &wishes).unwrap_or_else(|| listed(reader));
        }
        // "In welke staat is ie?" of one of those on the list, and not of all of them.
        let one_of_them = reader.state.focus.is_empty() && reader.state.shown.len() > 1;
        let other = asked.iter().any(|field| matches!(field, Field::Other(_)));
        let named_before = before
            .iter()
            .any(|draft| matches!(&draft.command, Command::Tell { cars, .. } if !cars.is_empty()));
        if one_of_them
            && !named_before
            && other
            && named.is_empty()
            && !compares
            && points_at_one(reader, clause)
        {
            named = vec![CarRef { pointing: true, ..CarRef::default() }];
        }
        Self {
            last: before.last().map(|draft| &draft.command),
            seeking: (has(Cue::Search) || has(Cue::Else) || cars::names_any(reader, clause)) && !definite,
            reader,
            clause,
            named,
            asked,
            wishes,
            definite,
            compares,
        }
    }

    fn has(&self, cue: Cue) -> bool {
        self.reader.has(self.clause, cue)
    }

    /// The clause before looked for a car.
    const fn goes_on(&self) -> bool {
        matches!(self.last, Some(Command::Show(_)))
    }

    /// The clause before spoke of the customer's own car.
    const fn own(&self) -> bool {
        matches!(self.last, Some(Command::TradeIn(_) | Command::Workshop { .. }))
    }

    /// "Welke is groter, …": the cars follow.
    fn cars_follow(&self) -> bool {
        let next = self.reader.next(self.clause).filter(|next| next.sentence == self.clause.sentence);
        next.is_some_and(|next| self.reader.scan.cars_in(next).next().is_some())
    }

    fn show(&self) -> Command {
        Command::Show(self.wishes.clone())
    }

    fn tell(&self, fields: Vec<Field>) -> Command {
        Command::Tell { cars: self.named.clone(), fields }
    }

    /// The talk is about the customer's own car, and nothing here points at another.
    fn of_the_workshop(&self) -> bool {
        self.reader.state.topic == Topic::Workshop && self.named.is_empty() && !self.has(Cue::Subject)
    }

    /// Cars of a kind are looked for.
    fn sought(&self) -> Option<Command> {
        let (reader, clause) = (self.reader, self.clause);
        let kinds_only = self.asked.iter().all(is_kind_of_car);
        let of_a_kind = kinds_only
            || !clause.question()
            || cars::names_any(reader, clause)
            || names_kind(reader, clause)
            || (self.wishes.purpose.is_some() && !self.has(Cue::Pronoun) && !self.has(Cue::Subject));
        let within_limits = limited(reader, clause) && !self.definite && kinds_only;
        let sought = !self.wishes.is_empty() && ((self.seeking && of_a_kind) || within_limits);
        let cheapest = self.wishes.order.is_some_and(|order| order != Order::NearLimit)
            && self.named.is_empty()
            && !self.compares
            && !self.cars_follow()
            && !self.has(Cue::Price)
            && !self.has(Cue::Available);
        // "…, was Kleines wäre gut": the word for "something" is the one for "what".
        let asks =
            clause.question() && (clause.asks == Asks::ByMark || reader.scan.text.in_question(clause.from));
        let more = self.goes_on() && !self.definite && !self.wishes.is_empty() && !asks;
        // "Alleen de automaten" of a list: the other wishes stay.
        let narrows = self.has(Cue::Only)
            && reader.state.shown.len() > 1
            && !self.wishes.names_a_car()
            && !self.wishes.is_empty()
            && !reader.has_offer();
        (sought || cheapest || more || narrows).then(|| self.show())
    }

    /// "5 kids, what fits?", "past de fiets erin? Zoek iets tot 15.000": what a car that is looked for is to be like.
    fn told_before(&self) -> Option<Command> {
        let state = &self.reader.state;
        let nothing_yet = state.focus.is_empty() && state.shown.is_empty() && self.named.is_empty();
        let told = !self.clause.opens() || self.wishes.purpose.is_some();
        let looks = nothing_yet && !self.definite && self.reader.scan.anywhere(Cue::Search);
        (looks && told && !self.wishes.is_empty()).then(|| self.show())
    }

    /// Facts of definite cars are asked.
    fn asked(&self) -> Option<Command> {
        let asks = self.clause.question() || !self.named.is_empty() || !self.goes_on();
        let told = !self.asked.is_empty() && !self.of_the_workshop() && asks;
        told.then(|| self.tell(self.asked.clone()))
    }

    /// More is asked, of nothing in particular.
    fn generally(&self) -> Option<Command> {
        let of_one = !self.named.is_empty() || self.has(Cue::Pronoun);
        (self.has(Cue::General) && of_one).then(|| self.tell(Vec::new()))
    }

    /// A kind of car by its name or its properties alone: "Clio hybride", "hebben jullie iets leuks?"
    fn kind(&self) -> Option<Command> {
        let (reader, clause) = (self.reader, self.clause);
        let described = limited(reader, clause) || reader.scan.properties_in(clause).next().is_some();
        let answers = matches!(reader.state.asked, Some(Asked::WhichCar { .. } | Asked::AnyCar { .. }));
        // "Could the 3 Series Touring be shipped to Dublin?" asks more than whether there is one.
        let asks_more = clause.opens() && !is_bare(clause, &self.named);
        let bare_kind = !self.named.is_empty()
            && !self.definite
            && described
            && !clause.condition
            && !answers
            && !asks_more;
        let unknown = self.seeking
            && self.wishes.is_empty()
            && (names_unknown(reader, clause) || names_a_thing(reader, clause));
        let says = !self.wishes.is_empty() || self.has(Cue::Search);
        (!unknown && says && (self.seeking || bare_kind)).then(|| self.show())
    }

    /// "Die dan", "that one please": the car that was just named.
    fn taken(&self) -> Option<Command> {
        let state = &self.reader.state;
        let bare = !self.reader.has_offer() && self.named.is_empty() && !self.clause.opens();
        // "Doe die maar morgen om 10 uur" wishes a moment for it.
        let when = self.reader.scan.moments_in(self.clause).next().is_some();
        if !(bare && self.has(Cue::ThatOne)) || when {
            return None;
        }
        if !state.focus.is_empty() {
            return Some(self.tell(Vec::new()));
        }
        // Of cars listed by what was asked ("the cheapest hybrid?") it is the first.
        let first = CarRef { place: Some(1), ..CarRef::default() };
        let ordered = state.wishes.order.is_some() && state.shown.len() > 1;
        ordered.then(|| Command::Tell { cars: vec![first], fields: Vec::new() })
    }

    /// A car is named and nothing asked of it.
    fn pointed(&self) -> Option<Command> {
        (!self.named.is_empty()).then(|| pointed(self.reader, self.clause, self.named.clone()))
    }

    /// "Does it have a tow bar? It is for towing a caravan": why something is asked of a car, and no wish for another.
    fn is_reason(&self) -> bool {
        let asked = matches!(&self.last, Some(Command::Tell { fields, .. }) if !fields.is_empty());
        asked && !self.has(Cue::Search) && !self.has(Cue::Wish)
    }

    /// Wishes without a word that they are some, and questions about the car the talk is about.
    fn guessed(&self) -> Option<Command> {
        let (reader, clause, scan) = (self.reader, self.clause, self.reader.scan);
        let nothing_yet = reader.state.topic == Topic::None && reader.state.focus.is_empty();
        let of_a_drive = matches!(self.last, Some(Command::Drive { car: Some(_), .. }));
        let of_a_list = reader.state.topic == Topic::Cars
            && reader.state.shown.len() > 1
            && reader.state.focus.is_empty()
            && clause.to - clause.from <= SHORT_WISH;
        let for_somebody = self.wishes.purpose.is_some()
            && !clause.question()
            && !of_a_drive
            && !self.is_reason()
            && (nothing_yet || of_a_list);
        if !self.wishes.is_empty() && (wished(reader, clause) || for_somebody) {
            return Some(self.show());
        }
        // "En in het wit?": the other wishes stay.
        let of_a_color = Wishes { colors: Vec::new(), ..self.wishes.clone() }.is_empty()
            && !self.wishes.colors.is_empty()
            && reader.state.topic == Topic::Cars;
        if of_a_color && clause.question() && !clause.opens() && clause.to - clause.from <= SHORT_WISH {
            return Some(self.show());
        }
        let cars_follow = self.cars_follow();
        let unclear_what = self.has(Cue::ThatOk)
            || practical::is_asked(reader, clause)
            || reader.state.topic == Topic::Workshop
            || scan.moments_in(clause).next().is_some();
        let of_the_one = self.has(Cue::Subject) && !reader.state.focus.is_empty() && !unclear_what;
        (clause.question() && ((self.compares && cars_follow) || of_the_one)).then(|| Command::Tell {
            cars: Vec::new(),
            fields: vec![Field::Other(line(&as_question(scan.raw(clause))))],
        })
    }
}

/// "Hij", "die auto": one car is pointed at.
fn points_at_one(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.any(clause, &[Cue::Subject, Cue::Pronoun]) && clause.question()
}

/// Longer clauses about children or a dog say more than what a car is to be for.
const SHORT_WISH: usize = 6;

/// Whether a clause says little more than the cars it names.
const fn is_bare(clause: &Clause, named: &[CarRef]) -> bool {
    clause.to - clause.from <= named.len() * 4 + 1
}

/// What a car named without a question comes to: the answer to what was asked before, or more about it.
fn pointed(reader: &Reader<'_>, clause: &Clause, named: Vec<CarRef>) -> Command {
    let car = named.first().cloned();
    if let Some(Asked::WhichCar { when: Some(when), .. } | Asked::AnyCar { when: Some(when) }) =
        &reader.state.asked
        && !asks_next(reader, clause)
    {
        return Command::Drive { car, when: when.clone() };
    }
    if matches!(reader.state.asked, Some(Asked::AnyCar { .. } | Asked::WhichCar { .. }))
        && reader.state.topic == Topic::Price
    {
        return Command::Discount { car };
    }
    let fields = match (clause.question(), is_bare(clause, &named)) {
        (true, true) if is_sentence(reader, clause) => asked_before(reader),
        (true, false) if clause.opens() => {
            vec![Field::Other(line(&as_question(asked_words(reader, clause))))]
        }
        _ => Vec::new(),
    };
    Command::Tell { cars: named, fields }
}

/// "De rode Ibiza, welk jaar is die?": the clause behind the car asks about it.
fn asks_next(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.next(clause).is_some_and(|next| next.sentence == clause.sentence && is_asked(reader, next))
}

/// Whether a clause is all of its sentence.
fn is_sentence(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.scan.clauses.iter().filter(|one| one.sentence == clause.sentence).count() == 1
}
