//! From text to [`Analysis`]: finds what is named, decides the intent, keeps what is wished.

use dealer::Language;
use jiff::Zoned;

use super::analysis::{Analysis, Entities, Intent, Sentiment};
use super::gazetteer::Gazetteer;
use super::text::Text;
use super::topics::phrases::{Found, Topic};
use super::topics::{self, Facts, Likely, Model, Scores};
use super::{
    amounts, cars, choice, contact, dates, entities, language, moments, names, numbers, plain, properties,
    times,
};

/// What is known before a message is read.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// How many numbered slots the assistant has just offered.
    pub offered_slots: u32,
    /// Makes and models to look for.
    pub gazetteer: &'a Gazetteer,
    /// What weighs the words.
    pub model: &'a Model,
}

impl Default for Context<'_> {
    fn default() -> Self {
        Self { offered_slots: 0, gazetteer: Gazetteer::builtin(), model: Model::builtin() }
    }
}

/// A customer is silenced on letters and words alone only when they leave so little doubt.
const SURE_WITHOUT_PHRASE: f32 = 0.55;

/// One odd word alone never silences a customer.
const WORDS_WITHOUT_PHRASE: usize = 2;

/// Everything named in a message, before it is decided what is wished.
pub(super) struct Named<'t> {
    pub text: Text<'t>,
    pub language: Language,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub plate: Option<String>,
    pub name: Option<String>,
    pub cars: Vec<cars::CarMention>,
    pub moments: Vec<moments::MomentMention>,
    pub dates: Vec<dates::DateMention>,
    pub times: Vec<times::TimeMention>,
    pub amounts: Vec<amounts::Amount>,
    pub properties: Vec<properties::PropertyMention>,
    pub choice: Option<i32>,
}

/// Finds everything named in a message, marks it there and mends the other words.
pub(super) fn named<'t>(text: &'t str, at: &Zoned, context: &Context<'_>) -> Named<'t> {
    let mut text = Text::new(super::words_of(text));
    let language = language::detect(&text);
    let email = contact::email(&mut text);
    let phone = contact::phone(&mut text);
    let plate = contact::plate(&mut text);
    let cars = cars::find(&mut text, context.gazetteer);
    let moments = moments::find(&mut text.clone(), at, moments::Known::default(), language);
    let dates = dates::find(&mut text, at, language, context.offered_slots);
    let times = times::find(&mut text, language);
    let name = names::find(&mut text);
    let numbers = numbers::find(&text);
    let amounts = amounts::find(&mut text, &numbers, at);
    let language = language::detect(&text);
    text.mend();
    let properties = properties::find(&text, language);
    let choice = choice::find(&text, context.offered_slots);
    Named {
        text,
        language,
        email,
        phone,
        plate,
        name,
        cars,
        moments,
        dates,
        times,
        amounts,
        properties,
        choice,
    }
}

/// Understands `text`, written at `at` in the dealer's time zone.
pub fn analyze(text: &str, at: &Zoned, context: &Context<'_>) -> Analysis {
    let mut named = named(text, at, context);
    let facts = Facts { offered_slots: context.offered_slots, model: context.model };
    let scores = topics::scores(&named.text, 0, named.text.len(), facts);
    let (intent, confidence) = decided(&named.text, &scores);
    named.language = scores.language().0;
    let urgent = scores.found.weight(Topic::Urgent) > 0.0;
    let entities = entities::wished(&named, intent, urgent);
    // What picks none of the slots, and is about them, refuses them.
    let intent =
        if intent == Intent::BookingChoice && !picks(&entities) { Intent::BookingChange } else { intent };
    Analysis {
        intent,
        confidence,
        language: named.language,
        sentiment: sentiment(intent, &scores.found),
        should_escalate: must_escalate(intent, &scores) || is_urgent(text),
        entities,
    }
}

/// The likeliest intents of `text`, written at `at`, with what tells them.
pub fn explain(text: &str, at: &Zoned, context: &Context<'_>) -> Vec<Likely> {
    let named = named(text, at, context);
    let facts = Facts { offered_slots: context.offered_slots, model: context.model };
    topics::explain(&named.text, 0, named.text.len(), facts)
}

/// The likeliest intent, but for what is too plain to weigh and for what must not be done on a guess.
fn decided(text: &Text<'_>, scores: &Scores) -> (Intent, f32) {
    if text.len() == 0 {
        return (Intent::Other, 0.2);
    }
    if plain::says_only_stop(text) {
        return (Intent::OptOut, 0.99);
    }
    let (intent, confidence) = scores.best();
    let said = scores.found.intent(intent);
    let doubted = confidence < SURE_WITHOUT_PHRASE || text.len() < WORDS_WITHOUT_PHRASE;
    let unsaid = intent == Intent::OptOut && said <= 0.0 && doubted;
    let denied = intent == Intent::BookingCancel && said < 0.0;
    if unsaid || denied {
        return scores.best_but(intent);
    }
    (intent, confidence)
}

/// Whether a slot is picked, by number, day or time.
fn picks(entities: &Entities) -> bool {
    entities.choice.is_some() || entities.preferred_date.is_some() || entities.preferred_time.is_some()
}

/// Whether plain words want a person or must have one; nobody writes them further down.
fn is_urgent(text: &str) -> bool {
    const READ: usize = 3000;
    super::commands::is_urgent(super::text::cut(text, READ)) == Some(super::commands::Urgent::Person)
}

/// From this probability on a person is called: to call one for nothing costs less than to call none.
const ESCALATES_FROM: f32 = 0.3;

fn must_escalate(intent: Intent, scores: &Scores) -> bool {
    let about_a_person = scores.of(Intent::HumanRequest) + scores.of(Intent::Complaint);
    matches!(intent, Intent::HumanRequest | Intent::Complaint)
        || scores.escalate().max(about_a_person) >= ESCALATES_FROM
        || scores.found.weight(Topic::Alarm) > 0.0
}

fn sentiment(intent: Intent, found: &Found) -> Sentiment {
    let pleased = found.weight(Topic::Pleased);
    let displeased = found.weight(Topic::Displeased) + found.weight(Topic::Alarm);
    if intent == Intent::Complaint || displeased > pleased {
        Sentiment::Negative
    } else if pleased > 0.0 || intent == Intent::Thanks {
        Sentiment::Positive
    } else {
        Sentiment::Neutral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn read(text: &str, offered: u32) -> Analysis {
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        analyze(text, &at, &Context { offered_slots: offered, ..Context::default() })
    }

    #[test]
    fn an_empty_message_is_something_else_with_low_confidence() {
        let analysis = read("", 0);
        assert_eq!(analysis.intent, Intent::Other);
        assert!(analysis.confidence < Analysis::LOW_CONFIDENCE);
    }

    #[test]
    fn a_marker_is_never_the_customers_words() {
        for marker in ["[Media message - no text]", "[Location message - no text]", "[Message - no text]"] {
            assert_eq!(read(marker, 3), read("", 3), "{marker}");
        }
    }

    #[test]
    fn yes_tell_me_picks_no_slot() {
        assert_ne!(read("ja vertel", 3).intent, Intent::BookingChoice);
        assert_ne!(read("yes, tell me", 3).intent, Intent::BookingChoice);
    }
}
