//! Splits a text that is too long for one message, at the ends of sentences.

/// The longest body Twilio takes; counting UTF-16 units is the cautious reading of "1600 characters"
/// (<https://www.twilio.com/docs/api/errors/21617>).
pub const MAX_BODY_UNITS: usize = 1600;

/// How little of the room a sentence may fill before a cut at a blank is preferred.
const LEAST_FILL: usize = MAX_BODY_UNITS / 4;

/// Splits a body into parts of at most [`MAX_BODY_UNITS`] UTF-16 units, in order. Cuts after a sentence, else at a blank,
/// else between characters; blanks around a cut are dropped, nothing else is. A blank body has no parts.
pub fn split(body: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = body.trim();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(cut(rest));
        parts.push(part.trim_end().to_owned());
        rest = after.trim_start();
    }
    parts
}

/// Where the first part of a text ends, in bytes.
fn cut(text: &str) -> usize {
    let mut units = 0;
    let mut sentence_end = None;
    let mut blank = None;
    let mut joint = None;
    let mut before = None;
    for (at, character) in text.char_indices() {
        if character.is_whitespace() {
            blank = Some(at).filter(|at| *at > 0).or(blank);
            let ends_here = character == '\n' || before.is_some_and(ends_sentence);
            if ends_here && units >= LEAST_FILL {
                sentence_end = Some(at);
            }
        } else if at > 0 && !continues_character(character) && before != Some(JOINER) {
            joint = Some(at);
        }
        units += character.len_utf16();
        if units > MAX_BODY_UNITS {
            return sentence_end.or(blank).or(joint).unwrap_or(at);
        }
        before = Some(character);
    }
    text.len()
}

/// Zero-width joiner: glues emoji into one.
const JOINER: char = '\u{200d}';

fn ends_sentence(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | ':' | ';')
}

/// True for characters that belong to the one before: joiners, variation selectors, combining marks, skin tones.
fn continues_character(character: char) -> bool {
    matches!(character, JOINER | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(split("Goedemorgen! Hoe kan ik u helpen?"), ["Goedemorgen! Hoe kan ik u helpen?"]);
        assert_eq!(split(&"a".repeat(MAX_BODY_UNITS)).len(), 1);
        assert!(split(" \n ").is_empty());
    }

    #[test]
    fn a_long_text_is_cut_after_its_last_whole_sentence() {
        let sentence = "Deze auto kost € 18.950 en staat klaar voor een proefrit. ";
        let parts = split(&sentence.repeat(40));
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| part.ends_with("proefrit.") && units(part) <= MAX_BODY_UNITS));
    }

    #[test]
    fn a_sentence_without_end_is_cut_at_a_blank_and_a_word_without_end_between_characters() {
        let words = split(&"woord ".repeat(400));
        assert!(words.iter().all(|part| part.starts_with("woord") && part.ends_with("woord")));
        let emoji = "👩‍🔧".repeat(700);
        let parts = split(&emoji);
        assert!(parts.iter().all(|part| part.starts_with('👩') && units(part) <= MAX_BODY_UNITS));
        assert_eq!(parts.concat(), emoji);
    }

    #[test]
    fn emoji_count_as_two_units() {
        assert_eq!(split(&"🚗".repeat(800)).len(), 1);
        assert_eq!(split(&"🚗".repeat(801)).len(), 2);
    }

    proptest! {
        #[test]
        fn no_character_is_lost_and_no_part_is_too_long(text in "([a-zé🚗\u{301}]{1,900}[.!?]?[ \n]{0,3}){0,8}") {
            let parts = split(&text);
            prop_assert!(parts.iter().all(|part| !part.is_empty() && units(part) <= MAX_BODY_UNITS));
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeezed(&parts.concat()), squeezed(&text));
        }
    }
}
