//! Phrases that tell what a clause wants, from the files in `phrases/`, and the search for them.
//!
//! A file holds one language and one idea. A line is one phrase of a section `[cue]`; `@name = a|b` names alternatives that
//! later phrases of that language use as `@name`. Elements stand apart by blanks:
//!
//! ```text
//! word        this word, folded        a|b        any of these           ?x    x or nothing
//! a_b         one and then the other, among alternatives
//! begin*      a word that begins so    *end       one that ends so       *mid* one that holds it
//! ~3          up to three words        !x         x does not follow      /x    x does not stand before
//! ^  $        start, end of a clause   ^^  $$     of the message         ??    only in a question    ?!  only outside one
//! <car> <date> <time> <moment> <money> <km> <year> <plate> <name> <num> <property>   something found before
//! ```

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::reading::text::{Gap, Mark, Text, squeeze};

macro_rules! cues {
    ($( $cue:ident = $name:literal ),* $(,)?) => {
        /// What a phrase speaks of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(in crate::reading) enum Cue { $( $cue, )* }

        impl Cue {
            fn named(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$cue), )* _ => None }
            }

            #[cfg(test)]
            pub const ALL: &[Self] = &[$( Self::$cue, )*];
        }
    };
}

cues! {
    // How something is said.
    And = "and", Opener = "opener", Wh = "wh", Condition = "condition", Correction = "correction", Past = "past",
    Filler = "filler", Doubt = "doubt", Polite = "polite",
    // Talk.
    Greet = "greet", Thanks = "thanks", Leave = "leave", Yes = "yes", No = "no", Small = "small",
    // People.
    Human = "human", CallBack = "call_back", Phone = "phone", Complaint = "complaint", Sensitive = "sensitive",
    WhenAnswered = "when_answered", OpenQuestions = "open_questions", ToColleague = "to_colleague", Machine = "machine", MachineMaybe = "machine_maybe",
    // No more messages.
    OptOut = "opt_out", OptOutMaybe = "opt_out_maybe", OptIn = "opt_in", NoOptOut = "no_opt_out",
    // Appointments.
    Drive = "drive", Visit = "visit", Cancel = "cancel", CancelMaybe = "cancel_maybe", Cancelling = "cancelling",
    NotCancel = "not_cancel", Move = "move", NotMove = "not_move", Late = "late",
    MoveWeak = "move_weak", CannotCome = "cannot_come", Keep = "keep",
    AskAppointment = "ask_appointment", OtherCar = "other_car", WhenFree = "when_free",
    Refuse = "refuse", TooEarly = "too_early", TooLate = "too_late", Except = "except", Also = "also",
    Choose = "choose", Fits = "fits", SlotNoun = "slot_noun", All = "all", One = "one", Counted = "counted", Wants = "wants",
    First = "first", Second = "second", Third = "third", Fourth = "fourth", Fifth = "fifth", Last = "last",
    // Cars.
    Available = "available", Price = "price", Year = "year", Mileage = "mileage", Fuel = "fuel", Gearbox = "gearbox",
    Color = "color", Body = "body", Variant = "variant", Plate = "plate", Photos = "photos", General = "general",
    Feature = "feature",
    FeatureAsked = "feature_asked", Search = "search", Definite = "definite", Indefinite = "indefinite", Pronoun = "pronoun", Compare = "compare",
    Family = "family", HighSeat = "high_seat", SmallCar = "small_car", Cheapest = "cheapest", Newest = "newest",
    FewestKm = "fewest_km", Else = "else", Not = "not", Wish = "wish", Subject = "subject",
    // The customer's own car.
    TradeIn = "trade_in", NotTradeIn = "not_trade_in", OwnCar = "own_car", Workshop = "workshop", NotWorkshop = "not_workshop",
    // Money.
    Finance = "finance", Bid = "bid", Discount = "discount", Buy = "buy", Reserve = "reserve", NotBuy = "not_buy", TakeBack = "take_back",
    // Practical.
    Hours = "hours", Address = "address", WhoAreYou = "who_are_you",
    Delivery = "delivery", Warranty = "warranty", Licence = "licence", Deposit = "deposit", DrivingAge = "driving_age",
    Route = "route", Parking = "parking", Payment = "payment", Export = "export", Papers = "papers",
    DriveLength = "drive_length", Companions = "companions", Pets = "pets", Children = "children",
    Insurance = "insurance", Returns = "returns", Charging = "charging", WalkIn = "walk_in",
    TestDriveRules = "test_drive_rules", WorkshopHours = "workshop_hours", Jobs = "jobs", Privacy = "privacy",
    Question = "question",
    // Names and manner.
    AfterThat = "after_that", Now = "now", Heard = "heard", Foreign = "foreign",
    NameIntro = "name_intro", NameOutro = "name_outro", NameSpelt = "name_spelt", NoName = "no_name",
    NameWeak = "name_weak", Signature = "signature", Request = "request",
    Formal = "formal", Familiar = "familiar", SmallTalk = "small_talk",
    // A message that has not come to its end.
    Dangling = "dangling",
    // "Kan dat?", "is dat een probleem?": asks about what was just said.
    ThatOk = "that_ok",
    // "Maakt niet uit": nothing is wished of it.
    NoMatter = "no_matter",
    // The mood of a sentence.
    Hypothesis = "hypothesis", CourtesyIf = "courtesy_if", Hedge = "hedge", Unsure = "unsure", PastDeed = "past_deed",
    Reported = "reported", OtherParty = "other_party", OtherObject = "other_object", ApptObject = "appt_object",
    OtherDeed = "other_deed", OtherSender = "other_sender", OtherTopic = "other_topic", Ban = "ban",
    HourComment = "hour_comment", WasIt = "was_it", NoMatterWhich = "no_matter_which", OnTheSite = "on_the_site",
    EitherOr = "either_or",
}

#[derive(Debug, Clone)]
enum Element {
    Word(String),
    Beginning(String),
    Ending(String),
    Part(String),
    Either(Vec<Element>),
    Sequence(Vec<Element>),
    Maybe(Box<Element>),
    Not(Box<Element>),
    NotBefore(Box<Element>),
    Upto(usize),
    Start,
    End,
    MessageStart,
    MessageEnd,
    Asked,
    NotAsked,
    Found(What),
}

#[derive(Debug, Clone, Copy)]
enum What {
    Mark(Mark),
    Moment,
    Number,
    Property,
}

#[derive(Debug)]
struct Phrase {
    cue: Cue,
    elements: Vec<Element>,
}

#[derive(Debug, Default)]
struct Phrases {
    all: Vec<Phrase>,
    by_word: HashMap<String, Vec<usize>>,
    by_beginning: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

/// Beginnings are looked up by so many letters.
const BEGINNING: usize = 3;

macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../phrases/", $language, "/talk.txt")),
            include_str!(concat!("../phrases/", $language, "/opt_out.txt")),
            include_str!(concat!("../phrases/", $language, "/people.txt")),
            include_str!(concat!("../phrases/", $language, "/appointments.txt")),
            include_str!(concat!("../phrases/", $language, "/cars.txt")),
            include_str!(concat!("../phrases/", $language, "/own_car.txt")),
            include_str!(concat!("../phrases/", $language, "/money.txt")),
            include_str!(concat!("../phrases/", $language, "/practical.txt")),
            include_str!(concat!("../phrases/", $language, "/names.txt")),
            include_str!(concat!("../phrases/", $language, "/mood.txt")),
        ]
    };
}

const LANGUAGES: [[&str; 10]; 3] = [files!("nl"), files!("en"), files!("de")];

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for files in LANGUAGES {
        let mut named: HashMap<&str, String> = HashMap::new();
        let mut cue = None;
        for line in files.iter().flat_map(|file| file.lines()).map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
            } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                cue = Cue::named(name);
            } else if let Some((name, words)) = line.strip_prefix('@').and_then(|rest| rest.split_once(" = "))
            {
                named.insert(name, spelt_out(words, &named));
            } else if let Some(cue) = cue {
                let elements = line.split_whitespace().map(|one| element(&spelt_out(one, &named))).collect();
                phrases.add(Phrase { cue, elements });
            }
        }
    }
    phrases
});

/// Puts named alternatives in place of their names.
fn spelt_out(text: &str, named: &HashMap<&str, String>) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|char: char| !char.is_ascii_lowercase() && char != '_').unwrap_or(rest.len());
        out.push_str(named.get(&rest[..end]).map_or("", String::as_str));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn element(text: &str) -> Element {
    match text {
        "^" => return Element::Start,
        "$" => return Element::End,
        "^^" => return Element::MessageStart,
        "$$" => return Element::MessageEnd,
        "??" => return Element::Asked,
        "?!" => return Element::NotAsked,
        _ => {}
    }
    if let Some(rest) = text.strip_prefix('~') {
        return Element::Upto(rest.parse().unwrap_or(1));
    }
    for (sign, wrap) in [
        ('?', Element::Maybe as fn(Box<Element>) -> Element),
        ('!', Element::Not as fn(Box<Element>) -> Element),
        ('/', Element::NotBefore as fn(Box<Element>) -> Element),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return wrap(Box::new(element(rest)));
        }
    }
    if text.contains('|') {
        return Element::Either(text.split('|').filter(|one| !one.is_empty()).map(element).collect());
    }
    if text.contains('_') {
        return Element::Sequence(text.split('_').filter(|one| !one.is_empty()).map(element).collect());
    }
    let found = match text {
        "<car>" => Some(What::Mark(Mark::Car)),
        "<date>" => Some(What::Mark(Mark::Date)),
        "<time>" => Some(What::Mark(Mark::Time)),
        "<money>" => Some(What::Mark(Mark::Money)),
        "<km>" => Some(What::Mark(Mark::Distance)),
        "<year>" => Some(What::Mark(Mark::Year)),
        "<plate>" => Some(What::Mark(Mark::Plate)),
        "<name>" => Some(What::Mark(Mark::Name)),
        "<moment>" => Some(What::Moment),
        "<num>" => Some(What::Number),
        "<property>" => Some(What::Property),
        _ => None,
    };
    if let Some(what) = found {
        return Element::Found(what);
    }
    let key = squeeze(text);
    match (text.starts_with('*'), text.ends_with('*')) {
        (true, true) => Element::Part(key),
        (true, false) => Element::Ending(key),
        (false, true) => Element::Beginning(key),
        (false, false) => Element::Word(key),
    }
}

impl Phrases {
    fn add(&mut self, phrase: Phrase) {
        let at = self.all.len();
        let elements = phrase.elements.clone();
        for element in &elements {
            match element {
                Element::Start
                | Element::MessageStart
                | Element::Asked
                | Element::NotAsked
                | Element::Not(_)
                | Element::NotBefore(_) => {}
                // What may be left out: the phrase may begin with it, or with what follows.
                Element::Maybe(element) => self.index(element, at),
                element => {
                    self.index(element, at);
                    break;
                }
            }
        }
        self.all.push(phrase);
    }

    fn index(&mut self, element: &Element, at: usize) {
        let list = match element {
            Element::Word(word) => self.by_word.entry(word.clone()).or_default(),
            Element::Beginning(word) if word.len() >= BEGINNING && word.is_char_boundary(BEGINNING) => {
                self.by_beginning.entry(word[..BEGINNING].to_owned()).or_default()
            }
            Element::Either(elements) => {
                for element in elements {
                    self.index(element, at);
                }
                return;
            }
            Element::Sequence(elements) => {
                if let Some(first) = elements.first() {
                    self.index(first, at);
                }
                return;
            }
            _ => &mut self.others,
        };
        if list.last() != Some(&at) {
            list.push(at);
        }
    }
}

/// Every whole word of the phrases, for knowing what is spelt right.
pub(in crate::reading) fn words() -> impl Iterator<Item = &'static str> {
    fn gather(element: &'static Element, into: &mut Vec<&'static str>) {
        match element {
            Element::Word(word) => into.push(word),
            Element::Either(elements) | Element::Sequence(elements) => {
                for element in elements {
                    gather(element, into);
                }
            }
            Element::Maybe(inner) | Element::Not(inner) | Element::NotBefore(inner) => gather(inner, into),
            _ => {}
        }
    }
    let mut words = Vec::new();
    PHRASES.all.iter().flat_map(|phrase| &phrase.elements).for_each(|element| gather(element, &mut words));
    words.into_iter()
}

/// A phrase found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reading) struct Hit {
    pub cue: Cue,
    /// First token, and the one after the last.
    pub from: usize,
    pub to: usize,
}

/// Where phrases are looked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::reading) struct Place<'t> {
    pub text: &'t Text<'t>,
    /// The words with typing errors mended.
    pub words: &'t [String],
    /// Which tokens say a property of a car.
    pub properties: &'t [bool],
    /// First token and the one after the last.
    pub from: usize,
    pub to: usize,
    /// Whether it is asked.
    pub question: bool,
}

/// Every phrase that stands in `place`, the longest of each cue at each token.
pub(in crate::reading) fn search(place: &Place<'_>, hits: &mut Vec<Hit>) {
    let phrases = &*PHRASES;
    let mut seen: HashSet<(Cue, usize)> = HashSet::new();
    for at in place.from..place.to {
        let word = place.words[at].as_str();
        let by_word = phrases.by_word.get(word).into_iter().flatten();
        let beginning =
            word.get(..BEGINNING).and_then(|key| phrases.by_beginning.get(key)).into_iter().flatten();
        for &number in by_word.chain(beginning).chain(&phrases.others) {
            let phrase = &phrases.all[number];
            let Some(to) = end_of(place, &phrase.elements, at) else { continue };
            if seen.insert((phrase.cue, at)) {
                hits.push(Hit { cue: phrase.cue, from: at, to });
            } else if let Some(hit) =
                hits.iter_mut().rev().find(|hit| hit.cue == phrase.cue && hit.from == at)
            {
                hit.to = hit.to.max(to);
            }
        }
    }
}

/// Where the phrase ends that starts at `at`, when it stands there.
fn end_of(place: &Place<'_>, elements: &[Element], at: usize) -> Option<usize> {
    let Some((first, rest)) = elements.split_first() else { return Some(at) };
    match first {
        Element::Start => (at == place.from).then(|| end_of(place, rest, at)).flatten(),
        Element::End => (at >= place.to).then(|| end_of(place, rest, at)).flatten(),
        Element::MessageStart => (at == 0).then(|| end_of(place, rest, at)).flatten(),
        Element::MessageEnd => (at >= place.words.len()).then(|| end_of(place, rest, at)).flatten(),
        Element::Asked => place.question.then(|| end_of(place, rest, at)).flatten(),
        Element::NotAsked => (!place.question).then(|| end_of(place, rest, at)).flatten(),
        Element::Upto(most) => (0..=*most)
            .take_while(|skip| at + skip <= place.to)
            .find_map(|skip| end_of(place, rest, at + skip)),
        Element::Maybe(element) => width(place, element, at)
            .and_then(|width| end_of(place, rest, at + width))
            .or_else(|| end_of(place, rest, at)),
        Element::Not(element) => {
            width(place, element, at).is_none().then(|| end_of(place, rest, at)).flatten()
        }
        Element::NotBefore(element) => {
            let before = at.checked_sub(1).filter(|before| *before >= place.from);
            let stands = before.is_some_and(|before| width(place, element, before).is_some());
            (!stands).then(|| end_of(place, rest, at)).flatten()
        }
        element => width(place, element, at).and_then(|width| end_of(place, rest, at + width)),
    }
}

/// How many tokens an element takes at `at`, when it fits.
fn width(place: &Place<'_>, element: &Element, at: usize) -> Option<usize> {
    match element {
        Element::Either(either) => return either.iter().find_map(|element| width(place, element, at)),
        Element::End => return (at >= place.to).then_some(0),
        _ if at >= place.to => return None,
        Element::Sequence(elements) => {
            return elements
                .iter()
                .try_fold(0, |wide, element| Some(wide + width(place, element, at + wide)?));
        }
        Element::Found(what) => return found(place, *what, at),
        _ => {}
    }
    // What is the name of a car, a plate or an address says nothing else.
    let named = matches!(place.text.tokens[at].mark, Mark::Car | Mark::Plate | Mark::Address);
    let word = if named { "" } else { place.words[at].as_str() };
    let fits = match element {
        Element::Word(known) => word == known,
        Element::Beginning(known) => word.starts_with(known.as_str()),
        Element::Ending(known) => word.ends_with(known.as_str()),
        Element::Part(known) => word.contains(known.as_str()),
        _ => false,
    };
    fits.then_some(1)
}

/// No moment, name or amount has more tokens.
const LONGEST_RUN: usize = 12;

fn found(place: &Place<'_>, what: What, at: usize) -> Option<usize> {
    let run = |fits: &dyn Fn(usize) -> bool| {
        let length = (at..place.to).take(LONGEST_RUN).take_while(|at| fits(*at)).count();
        (length > 0).then_some(length)
    };
    match what {
        What::Mark(mark) => run(&|at| place.text.tokens[at].mark == mark),
        What::Moment => run(&|at| matches!(place.text.tokens[at].mark, Mark::Date | Mark::Time)),
        What::Property => run(&|at| place.properties[at]),
        What::Number => {
            // "17.500" is two tokens and one number.
            let figures = run(&|at| place.text.tokens[at].is_number());
            figures.or_else(|| crate::reading::numbers::value_of(place.words[at].as_str()).map(|_| 1))
        }
    }
}

/// Whether a comma or a full stop stands before a token.
pub(in crate::reading) fn is_apart(text: &Text<'_>, at: usize) -> bool {
    text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA)
}

/// The bytes of the tokens `from..to`.
pub(in crate::reading) fn bytes(text: &Text<'_>, from: usize, to: usize) -> Range<usize> {
    match (text.tokens.get(from), to.checked_sub(1).and_then(|last| text.tokens.get(last))) {
        (Some(first), Some(last)) if first.start <= last.end => first.start..last.end,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_every_file_is_a_cue() {
        for line in LANGUAGES.iter().flatten().flat_map(|file| file.lines()).map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                assert!(Cue::named(name).is_some(), "[{name}]");
            }
        }
    }

    #[test]
    fn every_name_used_is_given_before() {
        for files in LANGUAGES {
            let mut named: HashSet<&str> = HashSet::new();
            for line in files.iter().flat_map(|file| file.lines()).map(str::trim) {
                if line.starts_with('#') {
                    continue;
                }
                let used = line.split('@').skip(1).map(|rest| {
                    rest.split(|char: char| !char.is_ascii_lowercase() && char != '_')
                        .next()
                        .unwrap_or_default()
                });
                for (at, name) in used.enumerate() {
                    if at == 0 && line.starts_with('@') {
                        named.insert(name);
                    } else {
                        assert!(named.contains(name), "@{name} in {line}");
                    }
                }
            }
        }
    }

    #[test]
    fn there_is_room_for_every_cue() {
        assert!(Cue::ALL.len() <= 192, "{}", Cue::ALL.len());
    }

    #[test]
    fn every_cue_has_a_phrase() {
        for cue in Cue::ALL {
            assert!(PHRASES.all.iter().any(|phrase| phrase.cue == *cue), "{cue:?}");
        }
    }
}
