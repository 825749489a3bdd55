//! Which language a message is in.

use std::sync::LazyLock;

use dealer::Language;

use super::quick::QuickMap;
use super::text::{Mark, Text};
use super::words::{self, Role};

/// Weight of each word for Dutch, English and German.
static WORDS: LazyLock<QuickMap<&'static str, [f32; 3]>> = LazyLock::new(|| {
    let mut weights: QuickMap<&'static str, [f32; 3]> = QuickMap::default();
    for (column, language) in Language::ALL.into_iter().enumerate() {
        for (word, _) in words::words(language, Role::Everyday) {
            weights.entry(word).or_default()[column] = 1.0;
        }
    }
    // A word of one language tells most; one of all three tells nothing.
    for weights in weights.values_mut() {
        let languages: f32 = weights.iter().sum();
        for weight in weights.iter_mut() {
            *weight /= languages;
        }
    }
    weights
});

/// The endings with the place of their language, the longest first.
static ENDINGS: LazyLock<Vec<(&'static str, usize)>> = LazyLock::new(|| {
    let mut endings: Vec<(&'static str, usize)> = Language::ALL
        .into_iter()
        .enumerate()
        .flat_map(|(column, language)| {
            words::words(language, Role::Endings).map(move |(ending, _)| (ending, column))
        })
        .collect();
    endings.sort_by_key(|(ending, column)| (std::cmp::Reverse(ending.len()), *column, *ending));
    endings
});

/// Whether `word` is an everyday word of any of the languages.
pub(super) fn is_common(word: &str) -> bool {
    WORDS.contains_key(word)
}

/// Every everyday word.
pub(super) fn common_words() -> impl Iterator<Item = &'static str> {
    WORDS.keys().copied()
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
        if let Some(weights) = WORDS.get(token.norm.as_str()) {
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
