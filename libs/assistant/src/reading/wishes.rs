//! Which of the things named are wished: negation, corrections, questions about a property.

use super::text::{Gap, Mark, Text, Words};

const NEGATIONS: Words = Words(
    "geen niet no not kein keine keinen keiner nicht nooit never behalve except ausser zonder without \
    ohne liever_niet dont gn nie nope nein instead isnt wont keinem keines niets anders",
);
const LINKS: Words =
    Words("of or oder en and und een a ein te per se zo de die eine einen op auf any want rode dus the");

/// Whether what starts at `at` is named only to be ruled out.
pub(super) fn is_negated(text: &Text<'_>, at: usize) -> bool {
    let mut back = at;
    for steps in 0..6 {
        if back == 0
            || text.gap(back).has(Gap::STOP)
            || text.gap(back).has(Gap::COMMA) && steps > 0 && !list_goes_on(text, back)
        {
            return false;
        }
        if text.gap(back).has(Gap::COMMA) && steps == 0 && !list_goes_on(text, back) {
            return false;
        }
        back -= 1;
        let word = text.word(back);
        if NEGATIONS.contains(word) {
            // "niet te duur, automaat", "niet ouder dan", "waarom niet een Polo"
            let softened = matches!(
                text.word(back + 1),
                "te" | "too"
                    | "zu"
                    | "alleen"
                    | "only"
                    | "nur"
                    | "ouder"
                    | "older"
                    | "alter"
                    | "meer"
                    | "more"
                    | "mehr"
                    | "idee"
                    | "probleem"
                    | "haast"
            ) || (word == "niet"
                && matches!(text.before(back, 1), "waarom" | "maakt" | "weet"))
                || (word == "not" && text.before(back, 1) == "why")
                || (word == "no" && text.gap(back + 1).has(Gap::COMMA))
                || (word == "anders")
                || (word == "zonder" && text.word(back + 1) != text.word(at));
            return !softened;
        }
        let passable =
            LINKS.contains(word) || text.tokens[back].mark != Mark::None || super::properties::is_word(word);
        if !passable {
            return false;
        }
    }
    false
}

/// "geen rode, witte of zwarte"
fn list_goes_on(text: &Text<'_>, at: usize) -> bool {
    let listed = |at: usize| super::properties::is_word(text.word(at));
    listed(at)
        && at > 0
        && listed(at - 1)
        && (at + 1..at + 3).any(|next| matches!(text.word(next), "of" | "or" | "oder"))
}

/// Sequences after which the customer corrects what they said before.
const CORRECTIONS: &[&[&str]] = &[
    &["of", "nee"],
    &["oh", "nee"],
    &["o", "nee"],
    &["nee", "toch"],
    &["nee", "wacht"],
    &["wacht", "nee"],
    &["nee", "doe"],
    &["of", "toch"],
    &["toch", "liever"],
    &["toch", "maar"],
    &["bij", "nader", "inzien"],
    &["ik", "bedoel"],
    &["correctie"],
    &["herstel"],
    &["or", "no"],
    &["oh", "no"],
    &["no", "wait"],
    &["wait", "no"],
    &["actually", "make", "that"],
    &["make", "that"],
    &["no", "make", "it"],
    &["or", "rather"],
    &["i", "mean"],
    &["i", "meant"],
    &["scratch", "that"],
    &["no", "actually"],
    &["sorry", "i", "mean"],
    &["correction"],
    &["no", "sorry"],
    &["nee", "sorry"],
    &["sorry", "nee"],
    &["oder", "nein"],
    &["ach", "nein"],
    &["nein", "doch"],
    &["nein", "lieber"],
    &["doch", "lieber"],
    &["ich", "meine"],
    &["ich", "meinte"],
    &["quatsch"],
    &["moment", "nein"],
];

/// The place after the last correction; 0 when there is none.
pub(super) fn after_correction(text: &Text<'_>) -> usize {
    let mut after = 0;
    for at in 1..text.len() {
        for words in CORRECTIONS {
            let here = words.iter().enumerate().all(|(offset, word)| text.word(at + offset) == *word);
            // "toch maar" without anything before it corrects nothing.
            if here && at + words.len() < text.len() {
                after = after.max(at + words.len());
            }
        }
    }
    after
}

/// Whether the text begins by correcting an earlier one.
pub(super) fn opens_with_correction(text: &Text<'_>) -> bool {
    let sorry = usize::from(matches!(
        text.word(0),
        "sorry" | "oh" | "oeps" | "oops" | "ach" | "hmm" | "nee" | "no" | "nein"
    ));
    [0, sorry].into_iter().any(|start| {
        CORRECTIONS
            .iter()
            .any(|words| words.iter().enumerate().all(|(offset, word)| text.word(start + offset) == *word))
            || matches!(text.word(start), "toch" | "liever" | "doch" | "rather" | "actually" | "eigenlijk")
    })
}

/// Whether the property at `at` is asked about and not wished: "is het een automaat?"
pub(super) fn is_asked_about(text: &Text<'_>, at: usize) -> bool {
    // "de rode Clio": the property tells which car is meant.
    let before_car =
        text.tokens.get(at + 1).is_some_and(|next| next.mark == Mark::Car && text.same_clause(at, at + 1));
    let after_article = matches!(
        text.before(at, 1),
        "de" | "die" | "deze" | "the" | "that" | "this" | "der" | "den" | "dieser" | "diesen"
    );
    if before_car || after_article {
        return false;
    }
    let sentence = text.tokens[at].sentence;
    let start =
        (0..=at).rev().take_while(|back| text.tokens[*back].sentence == sentence).last().unwrap_or(at);
    let definite = |word: &str| {
        matches!(
            word,
            "het"
                | "hij"
                | "die"
                | "deze"
                | "dit"
                | "dat"
                | "ie"
                | "ze"
                | "it"
                | "this"
                | "that"
                | "the"
                | "der"
                | "das"
                | "er"
                | "es"
                | "dieser"
                | "diese"
                | "jullie"
                | "de"
                | "she"
        )
    };
    let existence = |word: &str| matches!(word, "er" | "there" | "iets" | "ook" | "nog");
    for token in start..at {
        let (word, next) = (text.word(token), text.word(token + 1));
        let car_next = text.tokens[token + 1].mark == Mark::Car;
        let verb = matches!(word, "is" | "ist" | "was" | "rijdt" | "loopt" | "does" | "lauft" | "fahrt")
            || (word == "heeft" || word == "has" || word == "hat");
        let german_er = word == "ist" && next == "er";
        let opens = token == start || token <= start + 3 || text.gap(token).has(Gap::COMMA);
        if verb
            && opens
            && (car_next || (definite(next) && (german_er || !existence(next))))
            && !matches!(text.word(token + 2), "er" | "ook")
        {
            return text.in_question(at) || token == start || text.gap(token).has(Gap::COMMA);
        }
    }
    // "of is dat een automaat", "weten of hij automaat is"
    let asked = (start..at).any(|token| {
        matches!(text.word(token), "of" | "whether" | "if" | "ob")
            && (definite(text.word(token + 1)))
            && (1..4).any(|back| {
                matches!(text.before(token, back), "weten" | "vraag" | "know" | "wissen" | "benieuwd")
            })
    });
    asked || is_choice_of_kinds(text, start, at)
}

/// "benzine of diesel?" about one definite car.
fn is_choice_of_kinds(text: &Text<'_>, start: usize, at: usize) -> bool {
    let either = matches!(text.before(at, 1), "of" | "or" | "oder")
        || matches!(text.word(at + 1), "of" | "or" | "oder");
    let wishing = (start..text.len()).any(|token| {
        matches!(
            text.word(token),
            "zoek"
                | "zoeken"
                | "wil"
                | "looking"
                | "suche"
                | "liefst"
                | "hebben"
                | "have"
                | "habt"
                | "haben"
                | "graag"
                | "want"
                | "moet"
                | "mag"
                | "maakt"
        )
    });
    let subject = (start..at)
        .any(|token| matches!(text.word(token), "die" | "deze" | "hij" | "it" | "dat" | "der" | "this"));
    either && subject && !wishing && text.in_question(at)
}
