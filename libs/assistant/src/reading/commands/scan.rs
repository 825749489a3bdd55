//! What stands in a stretch of text: mentions, clauses, and the phrases of each clause.

use dealer::Language;
use jiff::Zoned;

use super::hits::Hits;
use super::phrases::{Cue, Hit, Place, search};
use crate::reading::amounts::{self, Amount};
use crate::reading::cars::{self, CarMention};
use crate::reading::gazetteer::Gazetteer;
use crate::reading::moments::{self, Known, MomentMention};
use crate::reading::numbers::{self, Number};
use crate::reading::properties::{self, PropertyMention};
use crate::reading::text::{Gap, Mark, Text};
use crate::reading::{contact, language, names};

/// Whether a clause asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    No,
    /// By the mark at the end of its sentence.
    ByMark,
    /// By its verb or a question word.
    ByWords,
}

/// A part of a sentence with a verb of its own, as far as commas and conjunctions tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    /// First token, and the one after the last.
    pub from: usize,
    pub to: usize,
    pub sentence: usize,
    pub asks: Asks,
    /// It speaks of what is not so: "als ik ziek word".
    pub condition: bool,
    /// It takes back what was said before it: "of nee, toch".
    pub correction: bool,
}

/// Clauses are read up to here; nobody wishes more in one turn.
const MOST_CLAUSES: usize = 60;

/// A clause that only takes back has no more words.
const CORRECTING: usize = 4;

impl Clause {
    /// It asks, in whatever way.
    pub fn question(&self) -> bool {
        self.asks != Asks::No
    }

    /// It asks by its own words.
    pub fn opens(&self) -> bool {
        self.asks == Asks::ByWords
    }
}

/// Something named once, with its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub from: usize,
    pub to: usize,
    pub value: String,
}

/// Everything found in a text.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub text: Text<'t>,
    pub language: Option<Language>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub plate: Option<Named>,
    pub link: Option<Named>,
    pub name: Option<Named>,
    pub cars: Vec<CarMention>,
    pub moments: Vec<MomentMention>,
    pub numbers: Vec<Number>,
    pub amounts: Vec<Amount>,
    pub properties: Vec<PropertyMention>,
    pub clauses: Vec<Clause>,
    pub hits: Hits,
}

impl<'t> Scan<'t> {
    /// Looks through `raw`, written at `now`, while the talk is about these moments.
    pub fn new(raw: &'t str, now: &Zoned, known: Known<'_>, gazetteer: &Gazetteer) -> Self {
        let mut text = Text::new(raw);
        let link = link(&mut text);
        let email = contact::email(&mut text);
        let phone = contact::phone(&mut text);
        let plate = contact::plate(&mut text).and_then(|value| marked(&text, Mark::Plate, value));
        let spoken = language::detect(&text);
        let cars = cars::find(&mut text, gazetteer);
        let moments = moments::find(&mut text, now, known, spoken);
        unmark(&mut text, &moments);
        let name = names::find(&mut text).and_then(|value| marked(&text, Mark::Name, value));
        let numbers = numbers::find(&text);
        let amounts = amounts::find(&mut text, &numbers, now);
        let language = language::spoken(&text);
        text.mend();
        let properties = properties::find(&text, language.unwrap_or_default());
        let mut scan = Self {
            text,
            language,
            email,
            phone,
            plate,
            link,
            name,
            cars,
            moments,
            numbers,
            amounts,
            properties,
            clauses: Vec::new(),
            hits: Hits::default(),
        };
        scan.split();
        scan
    }

    /// Forgets cars and properties that are part of something else: "Henk de Wit" wishes no white car.
    pub fn forget(&mut self, taken: &[usize]) {
        self.cars.retain(|car| !taken.contains(&car.from));
        self.properties.retain(|property| !taken.contains(&property.from));
    }

    /// Finds the clauses and what each of them says.
    fn split(&mut self) {
        let said = self.said_properties();
        let mut clauses = Vec::new();
        let mut hits = Vec::new();
        let mut from = 0;
        while from < self.text.len() && clauses.len() < MOST_CLAUSES {
            let to = (from + 1..self.text.len()).find(|at| self.breaks(*at)).unwrap_or(self.text.len());
            let chunk = self.search(from, to, &said);
            let mut starts = vec![from];
            starts.extend((from + 1..to).filter(|at| {
                let joins = chunk.iter().any(|hit| hit.cue == Cue::And && hit.from == *at);
                // "Ik weet niet of ik kom" is one clause.
                let inside = |hit: &Hit| hit.from < *at && *at + 1 < hit.to;
                let whole = chunk.iter().any(|hit| matches!(hit.cue, Cue::Waver | Cue::Hedge) && inside(hit));
                joins && !whole && chunk.iter().any(|hit| hit.cue == Cue::Opener && hit.from == at + 1)
            }));
            if let [only] = starts.as_slice() {
                clauses.push(self.clause(*only, to, &chunk));
                hits.extend(chunk);
            } else {
                let ends: Vec<usize> = starts.iter().skip(1).copied().chain([to]).collect();
                for (start, end) in starts.into_iter().zip(ends) {
                    let own = self.search(start, end, &said);
                    clauses.push(self.clause(start, end, &own));
                    hits.extend(own);
                }
            }
            from = to;
        }
        farewells(&clauses, &mut hits);
        self.clauses = clauses;
        self.hits = Hits::new(hits, self.text.len());
        self.carry_corrections();
    }

    /// "Of eigenlijk nee, de Astra": a clause that only takes back does so for what follows it.
    fn carry_corrections(&mut self) {
        for at in 1..self.clauses.len() {
            let last = self.clauses[at - 1];
            let names = self.cars_in(&last).next().is_some()
                || self.moments_in(&last).next().is_some()
                || self.amounts_in(&last).next().is_some()
                || self.properties_in(&last).next().is_some();
            if last.correction
                && !names
                && last.to - last.from <= CORRECTING
                && last.sentence == self.clauses[at].sentence
            {
                self.clauses[at].correction = true;
            }
        }
    }

    fn said_properties(&self) -> Vec<bool> {
        let mut said = vec![false; self.text.len()];
        for mention in &self.properties {
            said.iter_mut().take(mention.to).skip(mention.from).for_each(|said| *said = true);
        }
        said
    }

    fn search(&self, from: usize, to: usize, properties: &[bool]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let question = self.text.in_question(from);
        let message = 0..self.text.len();
        search(&Place { text: &self.text, properties, within: from..to, message, question }, &mut hits);
        hits
    }

    fn clause(&self, from: usize, to: usize, hits: &[Hit]) -> Clause {
        let has = |cue: Cue| hits.iter().any(|hit| hit.cue == cue);
        let opens = |cue: Cue| hits.iter().any(|hit| hit.cue == cue && hit.from <= from + 1);
        let asks = if opens(Cue::Question) || opens(Cue::Wh) {
            Asks::ByWords
        } else if self.text.in_question(from) {
            Asks::ByMark
        } else {
            Asks::No
        };
        Clause {
            from,
            to,
            sentence: self.text.tokens[from].sentence,
            asks,
            condition: has(Cue::Condition),
            correction: opens(Cue::Correction),
        }
    }

    /// Whether a new clause begins at a token by what stands before it.
    fn breaks(&self, at: usize) -> bool {
        let gap = self.text.gap(at);
        // "Der 3. ist …": a German ordinal ends no sentence.
        let ordinal = gap.has(Gap::DOT)
            && !gap.has(Gap::LINE)
            && self.text.tokens[at - 1].is_number()
            && !self.text.tokens[at].capital;
        let ends = gap.has(Gap::STOP) || gap.has(Gap::COMMA) || (gap.has(Gap::HYPHEN) && gap.has(Gap::SPACE));
        ends && !ordinal && !self.within(at)
    }

    /// Whether a token stands inside something named.
    fn within(&self, at: usize) -> bool {
        let inside = |from: usize, to: usize| from < at && at < to;
        self.moments.iter().any(|said| inside(said.from, said.to))
            || self.numbers.iter().any(|number| inside(number.from, number.to))
            || self.amounts.iter().any(|amount| inside(amount.from, amount.to))
            || [&self.name, &self.plate, &self.link]
                .into_iter()
                .flatten()
                .any(|named| inside(named.from, named.to))
    }

    /// The first hit of a cue in a clause.
    pub fn hit(&self, clause: &Clause, cue: Cue) -> Option<Hit> {
        self.hits_of(clause, cue).next()
    }

    /// Every hit of a cue in a clause.
    pub fn hits_of(&self, clause: &Clause, cue: Cue) -> impl Iterator<Item = Hit> {
        self.hits.within(clause.from, clause.to, cue)
    }

    pub fn has(&self, clause: &Clause, cue: Cue) -> bool {
        self.hits.begins(clause.from, clause.to, cue)
    }

    /// Whether a cue stands anywhere.
    pub fn anywhere(&self, cue: Cue) -> bool {
        self.hits.anywhere(cue)
    }

    pub fn any(&self, clause: &Clause, cues: &[Cue]) -> bool {
        cues.iter().any(|cue| self.has(clause, *cue))
    }

    /// Whether a token lies in a hit of a cue.
    pub fn covers(&self, cue: Cue, at: usize) -> bool {
        self.hits.covers(cue, at)
    }

    /// Whether every token of a clause lies in hits of these cues.
    pub fn only(&self, clause: &Clause, cues: &[Cue]) -> bool {
        (clause.from..clause.to).all(|at| cues.iter().any(|cue| self.covers(*cue, at)))
    }

    pub fn cars_in(&self, clause: &Clause) -> impl Iterator<Item = &CarMention> {
        let (from, to) = (clause.from, clause.to);
        self.cars.iter().filter(move |car| (from..to).contains(&car.from))
    }

    pub fn moments_in(&self, clause: &Clause) -> impl Iterator<Item = &MomentMention> {
        let (from, to) = (clause.from, clause.to);
        self.moments.iter().filter(move |said| (from..to).contains(&said.from))
    }

    pub fn properties_in(&self, clause: &Clause) -> impl Iterator<Item = &PropertyMention> {
        let (from, to) = (clause.from, clause.to);
        self.properties.iter().filter(move |property| (from..to).contains(&property.from))
    }

    pub fn amounts_in(&self, clause: &Clause) -> impl Iterator<Item = &Amount> {
        let (from, to) = (clause.from, clause.to);
        self.amounts.iter().filter(move |amount| (from..to).contains(&amount.from))
    }

    /// The raw words of a clause without the punctuation around them.
    pub fn raw(&self, clause: &Clause) -> &'t str {
        if clause.from < clause.to { self.text.raw_of(clause.from, clause.to) } else { "" }
    }
}

/// "Oké, tot zaterdag" takes leave, "kun je hem tot zaterdag vasthouden" does not: only courtesies stand before it.
fn farewells(clauses: &[Clause], hits: &mut Vec<Hit>) {
    const COURTESIES: [Cue; 8] =
        [Cue::Filler, Cue::Yes, Cue::No, Cue::Small, Cue::Thanks, Cue::Greet, Cue::Fits, Cue::Leave];
    let covered =
        |at: usize| hits.iter().any(|hit| COURTESIES.contains(&hit.cue) && (hit.from..hit.to).contains(&at));
    let leads = |hit: &&Hit| {
        let clause = clauses.iter().find(|clause| (clause.from..clause.to).contains(&hit.from));
        hit.cue == Cue::SeeYou && clause.is_some_and(|clause| (clause.from..hit.from).all(covered))
    };
    let leaves: Vec<Hit> =
        hits.iter().filter(leads).map(|hit| Hit { cue: Cue::Leave, from: hit.from, to: hit.to }).collect();
    hits.extend(leaves);
}

/// Takes the marks of moments that turned out to be none.
fn unmark(text: &mut Text<'_>, moments: &[MomentMention]) {
    for (at, token) in text.tokens.iter_mut().enumerate() {
        let named = moments.iter().any(|said| (said.from..said.to).contains(&at));
        if matches!(token.mark, Mark::Date | Mark::Time) && !named {
            token.mark = Mark::None;
        }
    }
}

fn marked(text: &Text<'_>, mark: Mark, value: String) -> Option<Named> {
    let from = text.tokens.iter().position(|token| token.mark == mark)?;
    let length = text.tokens[from..].iter().take_while(|token| token.mark == mark).count();
    Some(Named { from, to: from + length, value })
}

/// The first address of a page; its tokens are marked.
fn link(text: &mut Text<'_>) -> Option<Named> {
    let raw = text.raw;
    let start = ["http://", "https://", "www."].into_iter().filter_map(|scheme| raw.find(scheme)).min()?;
    let end = raw[start..].find(char::is_whitespace).map_or(raw.len(), |length| start + length);
    let value = raw[start..end].trim_end_matches(['.', ',', '!', '?', ')']).to_owned();
    let from = text.tokens.iter().position(|token| token.start >= start)?;
    let length = text.tokens[from..].iter().take_while(|token| token.end <= end).count();
    text.mark(from, from + length, Mark::Address);
    Some(Named { from, to: from + length, value })
}
