//! What a text asserts in figures and names: for checking replies rather than reading customers.

use dealer::Language;
use jiff::Zoned;
use jiff::civil::Date;

use super::gazetteer::Gazetteer;
use super::text::{Gap, Mark, Text};
use super::{cars, dates, numbers, times};

/// What one line of a text asserts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    /// Make and model of each car named with a model.
    pub cars: Vec<(String, String)>,
    /// Amounts of money, whole units.
    pub money: Vec<i32>,
    /// Figures of a thousand and more that are no money.
    pub figures: Vec<i32>,
    /// Days named.
    pub dates: Vec<Date>,
    /// Times named, minutes after midnight.
    pub times: Vec<u16>,
    /// Folded words, for looking for promises.
    pub words: Vec<String>,
    /// Has a per cent sign or word.
    pub per_cent: bool,
}

/// Reads the claims of one line, written at `at` in `language`.
pub fn claims(line: &str, at: &Zoned, language: Language, gazetteer: &Gazetteer) -> Claims {
    let mut text = Text::new(line);
    let named = cars::find(&mut text, gazetteer);
    let days = dates::find(&mut text, at, 0);
    let moments = times::find(&mut text, language);
    let mut claims = Claims {
        cars: named.into_iter().filter_map(|car| Some((car.make?, car.model?))).collect(),
        dates: days.into_iter().map(|day| day.date).collect(),
        times: moments.into_iter().map(|time| time.minutes).collect(),
        words: text.tokens.iter().map(|token| token.norm.clone()).collect(),
        ..Claims::default()
    };
    claims.per_cent = line.contains('%')
        || text.any(&["procent", "percent", "prozent", "rente", "interest", "zinsen", "apr", "jkp"]);
    let currency = |word: &str| {
        matches!(
            word,
            "euro"
                | "euros"
                | "eur"
                | "dollar"
                | "dollars"
                | "usd"
                | "pound"
                | "pounds"
                | "gbp"
                | "cent"
                | "cents"
                | "bucks"
                | "piek"
                | "ruggen"
        )
    };
    for number in numbers::find(&text) {
        let signed = text.raw[..text.tokens[number.from].start].trim_end().ends_with(['€', '$', '£']);
        let followed = text.raw[text.tokens[number.to - 1].end..].trim_start().starts_with(['€', '$', '£']);
        let after = text.word(number.to);
        let before = text.before(number.from, 1);
        let money = signed
            || followed
            || currency(after)
            || currency(before)
            || currency(&number.suffix)
            || number.thousands;
        let free = text.tokens[number.from].mark == Mark::None;
        if money {
            claims.money.push(number.whole());
        } else if free && number.value >= 1000.0 && !text.gap(number.from).has(Gap::HYPHEN) {
            claims.figures.push(number.whole());
        }
    }
    // "one dollar", "een euro": an article counts as one beside a currency.
    for pair in text.tokens.windows(2) {
        if pair[0].is(&["een", "one", "a", "ein", "einen", "1"])
            && currency(&pair[1].norm)
            && !claims.money.contains(&1)
        {
            claims.money.push(1);
        }
    }
    claims
}
