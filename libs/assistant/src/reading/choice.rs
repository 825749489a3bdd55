//! Which of the offered slots was picked by number.

use super::numbers;
use super::text::{Gap, Mark, Text, Words};

const FILLERS: Words = Words(
    "doe maar graag optie nummer nr de die dan voor mij is prima goed ok oke okee ja top neem ik kies \
    keuze wordt het t aub svp please option number no the one slot ill i take go with for me works fine \
    good great yes lets do ich nehme bitte termin passt mir gerne gern den das ist gut super hoi hallo \
    hi hey dank dankje bedankt thanks danke perfect perfekt lijkt mooi fijn pak geef dat a will like \
    want would wil zou willen pick choose u gaat lukt id sounds",
);

/// The slot picked, from 1, when the message picks one of `offered` by number.
pub(super) fn find(text: &Text<'_>, offered: u32) -> Option<i32> {
    if offered == 0 {
        return None;
    }
    let last = i32::try_from(offered).unwrap_or(i32::MAX);
    let corrected = super::wishes::after_correction(text);
    ordinal(text, corrected, last)
        .or_else(|| figure(text, corrected, last))
        .filter(|choice| (1..=last).contains(choice))
}

/// "de tweede graag", "first one is fine", "de laatste".
fn ordinal(text: &Text<'_>, from: usize, last: i32) -> Option<i32> {
    for at in from..text.len() {
        if text.tokens[at].mark != Mark::None {
            continue;
        }
        let value = match text.word(at) {
            "eerste" | "vroegste" | "eerstvolgende" | "earliest" | "fruheste" | "fruhesten" | "first"
            | "erste" | "ersten" | "1e" | "1ste" | "1st" | "erster" => 1,
            "tweede" | "second" | "zweite" | "zweiten" | "2e" | "2de" | "2nd" | "zweiter" => 2,
            "derde" | "third" | "dritte" | "dritten" | "3e" | "3de" | "3rd" | "dritter" => 3,
            "vierde" | "fourth" | "vierte" | "vierten" | "4e" | "4de" | "4th" | "vierter" => 4,
            "vijfde" | "fifth" | "funfte" | "funften" | "5e" | "5de" | "5th" => 5,
            "zesde" | "sixth" | "sechste" | "sechsten" | "6e" | "6th" => 6,
            "laatste" | "last" | "letzte" | "letzten" | "onderste" | "letzter" => {
                if matches!(text.before(at, 1), "op" | "op_een" | "een" | "voor")
                    && text.word(at) != "onderste"
                    && text.before(at, 1) != "voor"
                {
                    continue;
                }
                if matches!(text.before(at, 1), "een" | "na") { last - 1 } else { last }
            }
            "voorlaatste" | "vorletzte" | "vorletzten" => last - 1,
            "bovenste" | "oberste" | "top" if text.before(at, 1) == "de" || text.word(at) == "bovenste" => 1,
            "middelste" | "middle" | "mittlere" | "mittleren" if last == 3 => 2,
            _ => continue,
        };
        let noun = text.word(at + 1);
        let something_else = matches!(
            noun,
            "keer" | "auto" | "time" | "car" | "mal" | "week" | "eigenaar" | "owner" | "plaats" | "hand"
        );
        let negated = matches!(text.before(at, 1), "niet" | "not" | "nicht")
            || matches!(text.before(at, 2), "niet" | "not" | "nicht");
        if !something_else && !negated {
            return Some(value);
        }
    }
    None
}

/// "2", "doe 3 maar", "optie 1", "nummer twee".
fn figure(text: &Text<'_>, from: usize, last: i32) -> Option<i32> {
    let mut found = None;
    let mut others = 0;
    for at in from..text.len() {
        let token = &text.tokens[at];
        let word = token.norm.as_str();
        let introduced = matches!(
            text.before(at, 1),
            "optie" | "option" | "nummer" | "number" | "nr" | "no" | "termin" | "slot" | "keuze"
        );
        let value = match word {
            "een" | "one" | "eins" | "ein" if introduced => Some(1),
            "eentje" | "eins" => Some(1),
            _ if token.is_number() => word.parse::<i32>().ok(),
            _ => numbers::value_of(word).filter(|value| value.fract() == 0.0).map(numbers::rounded),
        };
        let glued = text.gap(at + 1).has(Gap::COLON) && at + 1 < text.len();
        match value {
            Some(value) if token.mark == Mark::None && !glued && (1..=last).contains(&value) => {
                if introduced {
                    return Some(value);
                }
                found = found.or(Some(value));
            }
            Some(_) => return None,
            None if FILLERS.contains(word) || token.mark == Mark::Name => {}
            None => others += 1,
        }
    }
    // A figure among many other words picks nothing: "wij zijn met 2 volwassenen".
    found.filter(|_| others <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_picked_by_figure_word_or_place() {
        for (text, choice) in [
            ("2", 2),
            ("doe maar 2", 2),
            ("doe 3 maar", 3),
            ("de tweede graag", 2),
            ("first one is fine", 1),
            ("optie één", 1),
            ("de laatste", 4),
            ("ich nehme den dritten", 3),
            ("nummer 4 aub", 4),
        ] {
            assert_eq!(find(&Text::new(text), 4), Some(choice), "{text}");
        }
    }

    #[test]
    fn figures_that_count_something_else_pick_nothing() {
        for text in ["9", "wij zijn met 2 volwassenen en een hond", "ja vertel"] {
            assert_eq!(find(&Text::new(text), 4), None, "{text}");
        }
        assert_eq!(find(&Text::new("2"), 0), None);
    }
}
