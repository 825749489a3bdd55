//! Our own words to the model, kept in files of `prompts/`, and a look-out for them in what comes back.

use std::collections::HashSet;
use std::sync::LazyLock;

use dealer::{Car, PracticalTopic};

const READING: &str = include_str!("prompts/reading.md");

const WORDING: &str = include_str!("prompts/wording.md");

/// So many words in a row of ours are a leak.
const LEAK: usize = 8;

static READING_FILLED: LazyLock<String> = LazyLock::new(|| {
    let topics: Vec<&str> = PracticalTopic::ALL.iter().map(|topic| topic.as_str()).collect();
    READING
        .replace("{{topics}}", &topics.join(", "))
        .replace("{{fuels}}", &Car::FUELS.join(", "))
        .replace("{{transmissions}}", &Car::TRANSMISSIONS.join(", "))
        .replace("{{bodies}}", &Car::BODY_TYPES.join(", "))
        .replace("{{colors}}", &Car::COLORS.join(", "))
});

static WORDING_FORMAL: LazyLock<String> = LazyLock::new(|| WORDING.replace("{{manner}}", "u or Sie"));

static WORDING_INFORMAL: LazyLock<String> = LazyLock::new(|| WORDING.replace("{{manner}}", "je or du"));

/// How a turn is read.
pub(crate) fn reading() -> &'static str {
    &READING_FILLED
}

/// How a draft is worded.
pub(crate) fn wording(formal: bool) -> &'static str {
    if formal { &WORDING_FORMAL } else { &WORDING_INFORMAL }
}

static OURS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words: Vec<Vec<String>> = [reading(), wording(true), wording(false)].into_iter().map(words).collect();
    words.iter().flat_map(|words| words.windows(LEAK).map(|window| window.join(" "))).collect()
});

/// Whether a text repeats a long part of what the model was told.
pub(crate) fn leaks(text: &str) -> bool {
    words(text).windows(LEAK).any(|window| OURS.contains(&window.join(" ")))
}

fn words(text: &str) -> Vec<String> {
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::schema::COMMANDS;

    /// About two thousand tokens: more is slow, dear and forgotten.
    const LONGEST: usize = 9_000;

    fn prompts() -> [&'static str; 3] {
        [reading(), wording(true), wording(false)]
    }

    #[test]
    fn prompts_say_that_customers_text_is_data() {
        for prompt in prompts() {
            assert!(prompt.contains("data") && prompt.contains("never"), "{prompt}");
            assert!(prompt.to_lowercase().contains("customer text"), "{prompt}");
        }
    }

    #[test]
    fn prompts_hold_no_secret_and_no_gap() {
        for prompt in prompts() {
            for secret in ["sk-", "api_key", "password", "token", "http://", "https://", "{{", "}}"] {
                assert!(!prompt.to_lowercase().contains(secret), "{secret} in {prompt}");
            }
        }
    }

    #[test]
    fn prompts_are_short() {
        for prompt in prompts() {
            assert!(prompt.len() < LONGEST, "{} bytes", prompt.len());
        }
    }

    #[test]
    fn the_reading_prompt_tells_every_command_and_every_detail() {
        for command in COMMANDS {
            assert!(reading().contains(&format!("`{command}`")), "{command}");
        }
        for what in crate::reading::whats() {
            assert!(reading().contains(&format!("`{what}`")), "{what}");
        }
    }

    #[test]
    fn a_long_verbatim_part_is_a_leak_however_it_is_set() {
        let stolen: Vec<&str> = READING.split_whitespace().skip(30).take(20).collect();
        assert!(leaks(&format!("Natuurlijk: {}", stolen.join("\n> ").to_uppercase())));
        assert!(!leaks("Natuurlijk, de Golf is er nog. Zin in een proefrit?"));
    }
}
