//! Questions about cars, and looking for one.

use super::phrases::{Cue, Hit};
use super::scan::{Asks, Clause, Scan};
use super::{Draft, Reader, budgets, cars, line, practical};
use crate::command::{CarRef, Command, Field, Pick};
use crate::reading::amounts::Kind;
use crate::reading::moments::Known;
use crate::reading::properties::Property;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};
use crate::wishes::{Excluded, Order, Wishes};

const FIELDS: [(Cue, Field); 11] = [
    (Cue::Available, Field::Available),
    (Cue::Price, Field::Price),
    (Cue::Year, Field::Year),
    (Cue::Mileage, Field::Mileage),
    (Cue::Fuel, Field::Fuel),
    (Cue::Gearbox, Field::Gearbox),
    (Cue::Color, Field::Color),
    (Cue::Body, Field::Body),
    (Cue::Variant, Field::Variant),
    (Cue::Plate, Field::Plate),
    (Cue::Photos, Field::Photos),
];

/// What a clause asks of a car, in the order it is asked.
fn fields(reader: &Reader<'_>, clause: &Clause) -> Vec<Field> {
    let scan = reader.scan;
    let mut found: Vec<(usize, Field)> = Vec::new();
    for (cue, field) in FIELDS {
        if let Some(hit) = scan.hit(clause, cue)
            && asks_for(reader, clause, cue)
            && !(cue == Cue::Plate && scan.plate.is_some())
        {
            found.push((hit.from, field));
        }
    }
    for (at, field) in properties_asked(reader, clause) {
        if found.iter().all(|(_, one)| *one != field) {
            found.push((at, field));
        }
    }
    if let Some(words) = feature(reader, clause) {
        found.push((words.0, Field::Other(words.1)));
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, field)| field).collect()
}

/// "Is dat een handbak?", "is der Kona ein Vollhybrid?": a property that a question about one car names asks for its kind.
fn properties_asked(reader: &Reader<'_>, clause: &Clause) -> Vec<(usize, Field)> {
    let scan = reader.scan;
    let of_one = clause.question() && scan.any(clause, &[Cue::Subject, Cue::Pronoun]);
    let others = [Cue::Search, Cue::Drive, Cue::Available, Cue::Buy, Cue::TradeIn];
    if !of_one || scan.any(clause, &others) {
        return Vec::new();
    }
    let asked = scan.properties_in(clause).filter(|property| {
        let of_a_car = scan.cars_in(clause).any(|car| car.from == property.to);
        !of_a_car && !cars::is_definite(reader, property.from)
    });
    asked
        .map(|property| {
            let field = match property.property {
                Property::Fuel => Field::Fuel,
                Property::Transmission => Field::Gearbox,
                Property::Color => Field::Color,
                Property::Body => Field::Body,
            };
            (property.from, field)
        })
        .collect()
}

/// Whether a clause asks facts of a car.
pub(super) fn is_asked(reader: &Reader<'_>, clause: &Clause) -> bool {
    !fields(reader, clause).is_empty()
}

/// Whether a phrase of a field is not only a description: "is de grijze er nog?" asks no colour.
fn asks_for(reader: &Reader<'_>, clause: &Clause, cue: Cue) -> bool {
    let scan = reader.scan;
    if !matches!(cue, Cue::Fuel | Cue::Gearbox | Cue::Color | Cue::Body) {
        return true;
    }
    scan.hits_of(clause, cue).any(|hit| {
        let mut inside =
            scan.properties_in(clause).filter(|one| (hit.from..hit.to).contains(&one.from)).peekable();
        inside.peek().is_none() || inside.any(|one| cars::is_asked_about(reader, clause, one))
    })
}

/// What no record tells, in the customer's words: the thing where only it is named, else the whole question.
fn feature(reader: &Reader<'_>, clause: &Clause) -> Option<(usize, String)> {
    let scan = reader.scan;
    // "Wir kommen aus Leer" names a town; "wa mot ie kosten" asks no MOT: it is the verb of a question that is read already.
    let verb = |at: usize| scan.hits_of(clause, Cue::Price).any(|hit| hit.from + 1 == at && at + 1 < hit.to);
    let stands = |hit: &Hit| !scan.covers(Cue::Origin, hit.from) && !verb(hit.from);
    let things: Vec<_> = scan.hits_of(clause, Cue::Feature).filter(stands).collect();
    let asked: Vec<_> = scan.hits_of(clause, Cue::FeatureAsked).collect();
    let from = things.iter().chain(&asked).map(|hit| hit.from).min()?;
    let first = things.first();
    let last = things.last();
    let together = things.windows(2).all(|pair| matches!(pair, [one, two] if two.from <= one.to));
    // "Hoeveel eigenaren": the question adds nothing to the thing.
    let holds = |question: &Hit, thing: &Hit| question.from <= thing.from && thing.to <= question.to;
    let plain = asked.iter().all(|question| things.iter().any(|thing| holds(question, thing)));
    let words = match (first, last) {
        (Some(first), Some(last)) if together && plain => {
            scan.text.raw_of(first.from, last.to.max(first.to)).to_owned()
        }
        _ => as_question(asked_words(reader, clause)),
    };
    Some((from, line(&words)))
}

/// A question with its mark: it is no thing that a sentence could be about.
fn as_question(words: &str) -> String {
    let words = words.trim_end_matches(['?', '!', '.']);
    format!("{words}?")
}

/// A question without the conjunction before it.
fn asked_words<'r>(reader: &Reader<'r>, clause: &Clause) -> &'r str {
    let scan = reader.scan;
    let leads = |at: &usize| [Cue::And, Cue::Small, Cue::Filler].iter().any(|cue| scan.covers(*cue, *at));
    let first = clause.from + (clause.from..clause.to).take_while(leads).count();
    scan.text.raw_of(if first < clause.to { first } else { clause.from }, clause.to)
}

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
        let kinds_only = self
            .asked
            .iter()
            .all(|field| matches!(field, Field::Fuel | Field::Gearbox | Field::Body | Field::Color));
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
        let when = self.reader.scan.moments_in(self.clause).next().is_some();
        if !(bare && self.has(Cue::ThatOne)) || when {
            return None;
        }
        if !state.focus.is_empty() {
            // "Doe die maar morgen om 10 uur" wishes a moment for it.
            if self.reader.scan.moments_in(self.clause).next().is_some() {
                return None;
            }
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

/// So near behind "een" stands what is looked for: "een hele mooie auto".
const NEAR: usize = 3;

/// "Hebben jullie een kinderzitje voor in de auto?": something is asked for, and it is no car.
fn names_a_thing(reader: &Reader<'_>, clause: &Clause) -> bool {
    let scan = reader.scan;
    let asked_for = scan.hits_of(clause, Cue::Indefinite).last().filter(|hit| hit.to < clause.to);
    clause.question()
        && asked_for.is_some_and(|hit| {
            let until = (hit.to + NEAR).min(clause.to);
            (hit.from..until).all(|at| !scan.covers(Cue::CarNoun, at))
        })
}

/// Whether a clause looks for something that no word here names: "do you sell campervans?"
fn names_unknown(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.scan.text.tokens[clause.from..clause.to].iter().any(|token| {
        token.norm.len() >= 5 && token.mark == Mark::None && !crate::reading::lexicon::is_known(&token.norm)
    })
}

/// A question with an indefinite car or property: "is er nog een automaat?"
fn names_kind(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader
        .scan
        .properties_in(clause)
        .any(|property| property.from > clause.from && reader.scan.covers(Cue::Indefinite, property.from - 1))
        && reader.has(clause, Cue::Search)
}

fn limited(reader: &Reader<'_>, clause: &Clause) -> bool {
    let amounts: Vec<_> = reader.scan.amounts_in(clause).collect();
    amounts.len() > 1 || amounts.iter().any(|amount| amount.limited || amount.kind != Kind::Price)
}

/// Whether properties or limits without a car are wished: the talk is about finding one.
fn wished(reader: &Reader<'_>, clause: &Clause) -> bool {
    let scan = reader.scan;
    let topic = matches!(reader.state.topic, Topic::None | Topic::Cars | Topic::Drive);
    let asked = matches!(reader.state.asked, Some(Asked::Wishes | Asked::AnyCar { .. }));
    let excludes = cars::wishes(reader, clause).not != Excluded::default();
    let properties = scan.properties_in(clause).next().is_some() || excludes;
    let limits = limited(reader, clause) || budgets::short(reader, clause).is_some();
    asked
        || limits
        || (topic
            && properties
            && (!clause.question() || reader.has(clause, Cue::Wish) || reader.state.focus.is_empty()))
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

/// What was asked in the turn before: "en de Kuga?" asks the same of another car.
fn asked_before(reader: &Reader<'_>) -> Vec<Field> {
    let Some(last) = reader.state.turns.last() else { return Vec::new() };
    let scan = Scan::new(&last.customer, reader.now, Known::default(), &reader.knowledge.gazetteer);
    let earlier = Reader { scan: &scan, ..*reader };
    let mut asked: Vec<Field> = Vec::new();
    for field in scan.clauses.iter().flat_map(|clause| fields(&earlier, clause)) {
        if !asked.contains(&field) {
            asked.push(field);
        }
    }
    asked
}

/// The cars last shown, when a question compares without naming any.
pub(super) fn listed(reader: &Reader<'_>) -> Vec<CarRef> {
    match reader.state.shown.len() {
        shown @ 2..=5 => {
            (1..).take(shown).map(|place| CarRef { place: Some(place), ..CarRef::default() }).collect()
        }
        _ => Vec::new(),
    }
}

/// "Welcher davon ist ein Diesel?", "welke heeft het minst gelopen?": the one of the list that is so.
fn among_listed(reader: &Reader<'_>, wishes: &Wishes) -> Option<Vec<CarRef>> {
    let tells = wishes.order.is_some()
        || wishes.transmission.is_some()
        || !(wishes.fuels.is_empty() && wishes.bodies.is_empty() && wishes.colors.is_empty());
    let listed = reader.state.shown.len() > 1 && tells && !wishes.names_a_car();
    listed.then(|| vec![CarRef { described: wishes.clone(), pointing: true, ..CarRef::default() }])
}

/// Whether an order is all that is wished.
fn is_superlative(wishes: &Wishes) -> bool {
    wishes.order.is_some() && Wishes { order: None, ..wishes.clone() }.is_empty()
}

/// What an order is by.
const fn asked_by(order: Order) -> Field {
    match order {
        Order::Cheapest | Order::Dearest | Order::NearLimit => Field::Price,
        Order::Newest => Field::Year,
        Order::FewestKilometres => Field::Mileage,
    }
}

/// A number where it was asked which car.
fn numbered(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let Some(Asked::WhichCar { cars, .. }) = &reader.state.asked else { return None };
    if reader.has_offer() {
        return None;
    }
    let numbers = super::picks::numbers(reader, clause, cars.len());
    let short = clause.to - clause.from <= 6 && reader.scan.cars_in(clause).next().is_none();
    match numbers.as_slice() {
        [number] if short && !clause.question() => {
            Some(reader.draft(clause, Command::Pick(Pick::Number(*number))))
        }
        _ => None,
    }
}
