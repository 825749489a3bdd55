//! Which language a message is in.

use std::collections::HashMap;
use std::sync::LazyLock;

use dealer::Language;

use super::text::{Mark, Text};

const TABLE: &str = include_str!("languages.txt");

/// Weight of each word for Dutch, English and German.
static WORDS: LazyLock<HashMap<String, [f32; 3]>> = LazyLock::new(|| {
    let mut words: HashMap<String, [f32; 3]> = HashMap::new();
    let mut column = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        match line {
            "[nl]" => column = 0,
            "[en]" => column = 1,
            "[de]" => column = 2,
            _ => {
                for word in line.split(' ') {
                    let key: String = super::text::squeeze(word);
                    words.entry(key).or_default()[column] = 1.0;
                }
            }
        }
    }
    // A word of one language tells most; one of all three tells nothing.
    for weights in words.values_mut() {
        let languages: f32 = weights.iter().sum();
        for weight in weights.iter_mut() {
            *weight /= languages;
        }
    }
    words
});

/// Beginnings and endings that few words of the other languages have.
const ENDINGS: &[(&str, usize)] = &[
    ("tje", 0),
    ("tjes", 0),
    ("ijk", 0),
    ("lijke", 0),
    ("heid", 0),
    ("aar", 0),
    ("oek", 0),
    ("ijden", 0),
    ("ijd", 0),
    ("aal", 0),
    ("ing", 1),
    ("tion", 1),
    ("ght", 1),
    ("ly", 1),
    ("ness", 1),
    ("ung", 2),
    ("ungen", 2),
    ("keit", 2),
    ("heit", 2),
    ("lich", 2),
    ("liche", 2),
    ("schaft", 2),
];

/// Whether `word` is an everyday word of any of the languages.
pub(super) fn is_common(word: &str) -> bool {
    WORDS.contains_key(word)
}

/// Every everyday word.
pub(super) fn common_words() -> impl Iterator<Item = &'static str> {
    WORDS.keys().map(String::as_str)
}

/// The language most of the words speak for; Dutch when none does.
pub(super) fn detect(text: &Text<'_>) -> Language {
    spoken(text).unwrap_or_default()
}

/// The language most of the words speak for, if any does.
pub(super) fn spoken(text: &Text<'_>) -> Option<Language> {
    let mut votes = [0.05_f32, 0.0, 0.0];
    for token in text.tokens.iter().filter(|token| matches!(token.mark, Mark::None | Mark::Date | Mark::Time))
    {
        if let Some(weights) = WORDS.get(&token.norm) {
            for (vote, weight) in votes.iter_mut().zip(weights) {
                *vote += weight;
            }
            continue;
        }
        let ending = ENDINGS.iter().find(|(ending, _)| {
            token.norm.len() > ending.len() + 2 && token.norm.ends_with(ending) && !token.upper
        });
        if let Some((_, language)) = ending {
            votes[*language] += 0.3;
        }
        if token.norm.contains("sch") && token.norm.len() > 4 {
            votes[2] += 0.1;
            votes[0] += 0.1;
        }
        if ["ij", "aa", "uu", "ieuw"].iter().any(|pair| token.norm.contains(pair)) {
            votes[0] += 0.3;
        }
    }
    for char in text.raw.chars() {
        match char {
            'ä' | 'ö' | 'ü' | 'ß' | 'Ä' | 'Ö' | 'Ü' => votes[2] += 0.5,
            _ => {}
        }
    }
    let mut best = Language::Nl;
    for (language, vote) in Language::ALL.into_iter().zip(votes) {
        if vote > votes[Language::ALL.iter().position(|other| *other == best).unwrap_or_default()] {
            best = language;
        }
    }
    votes.iter().any(|vote| *vote >= 0.5).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart_and_a_wordless_message_is_dutch() {
        for (text, language) in [
            ("Hoi, is de Polo nog te koop?", Language::Nl),
            ("Is the Polo still available?", Language::En),
            ("Ist der Polo noch zu haben?", Language::De),
            ("Danke, alles klar", Language::De),
            ("first one is fine", Language::En),
            ("2", Language::Nl),
            ("👍", Language::Nl),
            ("STOP", Language::Nl),
            ("nice, dan kom ik zaterdag", Language::Nl),
            ("Hi there! Lovely to meet you", Language::En),
            ("die van donderdag half 5", Language::Nl),
        ] {
            assert_eq!(detect(&Text::new(text)), language, "{text}");
        }
    }
}
