//! From raw text to tokens: lower case without diacritics, with what stood between them.

mod glued;

use dealer::Language;

use super::words::{self, Role};

/// What stood before a token, as a set of flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gap(u16);

impl Gap {
    pub const SPACE: Self = Self(1);
    pub const HYPHEN: Self = Self(1 << 1);
    pub const DOT: Self = Self(1 << 2);
    pub const COMMA: Self = Self(1 << 3);
    /// The end of a sentence: `.`, `!`, `?`, `;` or a line break.
    pub const STOP: Self = Self(1 << 4);
    pub const QUOTE: Self = Self(1 << 5);
    pub const SLASH: Self = Self(1 << 6);
    pub const LESS: Self = Self(1 << 7);
    pub const EURO: Self = Self(1 << 8);
    pub const COLON: Self = Self(1 << 9);
    pub const QUESTION: Self = Self(1 << 10);
    pub const LINE: Self = Self(1 << 11);

    pub const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Exactly this and nothing else.
    pub const fn is(self, flag: Self) -> bool {
        self.0 == flag.0
    }

    /// Nothing but a space or a comma.
    pub const fn is_close(self) -> bool {
        self.0 & !(Self::SPACE.0 | Self::COMMA.0) == 0
    }

    const fn add(&mut self, flag: Self) {
        self.0 |= flag.0;
    }
}

/// What a token was found to be part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mark {
    #[default]
    None,
    Car,
    Date,
    Time,
    Money,
    Distance,
    Year,
    Plate,
    Address,
    Name,
}

/// A run of letters and digits.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Lower case, no diacritics, no apostrophes.
    pub norm: String,
    /// Bytes in the raw text.
    pub start: usize,
    pub end: usize,
    /// What stood before it.
    pub gap: Gap,
    /// Number of the sentence it stands in.
    pub sentence: usize,
    pub capital: bool,
    /// Written wholly in capitals (two letters or more).
    pub upper: bool,
    pub mark: Mark,
    /// The word it was meant to be, where one letter was wrong; set by [`Text::mend`].
    pub mended: Option<&'static str>,
    /// Whether it says a number in words, once [`Text::mend`] looked.
    says_number: Option<bool>,
}

impl Token {
    pub fn is_number(&self) -> bool {
        self.norm.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// A message as tokens.
#[derive(Debug, Clone)]
pub(super) struct Text<'a> {
    pub raw: &'a str,
    pub tokens: Vec<Token>,
    /// What stood after the last token.
    pub tail: Gap,
}

/// Messages are read up to here: nobody types more, and all reading costs at most what this much costs.
const MAX_BYTES: usize = 8 * 1024;

/// Likewise; more tokens than this carry no wish a rule could find.
const MAX_TOKENS: usize = 400;

/// So much is kept of a word; no word known is longer.
const MAX_LETTERS: usize = 40;

impl<'a> Text<'a> {
    pub fn new(raw: &'a str) -> Self {
        let raw = cut(raw, MAX_BYTES);
        let mut tokens: Vec<Token> = Vec::new();
        let mut gap = Gap::default();
        let mut sentence = 0;
        let mut chars = raw.char_indices().peekable();
        while let Some((start, first)) = chars.next() {
            if !first.is_alphanumeric() {
                let next = chars.peek().map(|(_, next)| *next);
                note(&mut gap, first, next);
                continue;
            }
            if first.is_ascii_digit() && tokens.last().is_some_and(|last| is_abbreviated(last, gap)) {
                gap = Gap::SPACE;
            }
            let mut token = Token {
                norm: String::with_capacity(8),
                start,
                end: start + first.len_utf8(),
                gap,
                sentence,
                capital: first.is_uppercase(),
                upper: first.is_uppercase(),
                mark: Mark::None,
                mended: None,
                says_number: None,
            };
            if gap.has(Gap::STOP) && !tokens.is_empty() {
                sentence += 1;
                token.sentence = sentence;
            }
            fold(first, &mut token.norm);
            let mut letters = 1;
            while let Some(&(at, next)) = chars.peek() {
                if next.is_alphanumeric() {
                    if letters < MAX_LETTERS {
                        fold(next, &mut token.norm);
                    }
                    token.upper &= !next.is_lowercase();
                    letters += 1;
                    token.end = at + next.len_utf8();
                    chars.next();
                } else if is_apostrophe(next) && followed_by_letter(raw, at + next.len_utf8()) {
                    token.upper = token.upper && letters > 1;
                    chars.next();
                } else if is_combining(next) {
                    token.end = at + next.len_utf8();
                    chars.next();
                } else {
                    break;
                }
            }
            token.upper &= letters > 1;
            without_drawl(&mut token.norm);
            let (token, hour) = glued::apart(token);
            tokens.push(token);
            tokens.extend(hour);
            gap = Gap::default();
            if tokens.len() >= MAX_TOKENS {
                break;
            }
        }
        Self { raw, tokens, tail: gap }
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The word at `at`, or nothing beyond the ends.
    pub fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.norm.as_str())
    }

    /// The word `back` places before `at`.
    pub fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.word(at))
    }

    /// The word at `at` with a typing error mended; nothing beyond the ends.
    pub fn spelt(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.mended.unwrap_or(&token.norm))
    }

    /// Whether the word at `at` says a number.
    pub fn says_number(&self, at: usize) -> bool {
        let known = self.tokens.get(at).and_then(|token| token.says_number);
        known.unwrap_or_else(|| super::numbers::value_of(self.spelt(at)).is_some())
    }

    /// Mends typing errors in what was not found to be a name, an amount or an address.
    pub fn mend(&mut self) {
        for token in &mut self.tokens {
            if matches!(token.mark, Mark::None | Mark::Date | Mark::Time) {
                token.mended = super::lexicon::mended(&token.norm);
            }
            let spelt = token.mended.unwrap_or(&token.norm);
            token.says_number = Some(super::numbers::value_of(spelt).is_some());
        }
    }

    /// What stands before the token at `at`; after the last one, what ends the text.
    pub fn gap(&self, at: usize) -> Gap {
        self.tokens.get(at).map_or(self.tail, |token| token.gap)
    }

    pub fn same_sentence(&self, a: usize, b: usize) -> bool {
        match (self.tokens.get(a), self.tokens.get(b)) {
            (Some(a), Some(b)) => a.sentence == b.sentence,
            _ => false,
        }
    }

    /// Whether no comma or sentence end stands between two places, `a` before `b`.
    pub fn same_clause(&self, a: usize, b: usize) -> bool {
        (a + 1..=b).all(|at| !self.gap(at).has(Gap::STOP) && !self.gap(at).has(Gap::COMMA))
    }

    /// Whether the sentence of the token at `at` ends in a question mark.
    pub fn in_question(&self, at: usize) -> bool {
        let sentence = self.tokens.get(at).map_or(0, |token| token.sentence);
        let next = self.tokens[at..].iter().position(|token| token.sentence != sentence);
        next.map_or(self.tail, |offset| self.gap(at + offset)).has(Gap::QUESTION)
    }

    pub fn mark(&mut self, from: usize, to: usize, mark: Mark) {
        for token in self.tokens.iter_mut().take(to).skip(from) {
            token.mark = mark;
        }
    }

    pub fn free(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.mark == Mark::None)
    }

    /// The raw text from one token to before another.
    pub fn raw_of(&self, from: usize, to: usize) -> &'a str {
        let start = self.tokens[from].start;
        let end = self.tokens[to - 1].end;
        &self.raw[start..end]
    }
}

/// The first `most` bytes of a text, or a few less where a letter would be cut in two.
pub(super) fn cut(raw: &str, most: usize) -> &str {
    let end = (0..=most.min(raw.len())).rev().find(|end| raw.is_char_boundary(*end)).unwrap_or(0);
    &raw[..end]
}

/// "wo. 10:00", "Do. 14 Uhr": a full stop after the short name of a day, before a figure, ends no sentence.
fn is_abbreviated(word: &Token, gap: Gap) -> bool {
    let mut stop = Gap::DOT;
    stop.add(Gap::STOP);
    stop.add(Gap::SPACE);
    let short = |language| words::value(language, Role::ShortWeekdays, &word.norm).is_some();
    gap.is(stop) && Language::ALL.into_iter().any(short)
}

fn note(gap: &mut Gap, char: char, next: Option<char>) {
    let ends = next.is_none_or(|next| !next.is_alphanumeric());
    match char {
        '-' | '–' | '—' | '‑' => gap.add(Gap::HYPHEN),
        '.' => {
            gap.add(Gap::DOT);
            if ends {
                gap.add(Gap::STOP);
            }
        }
        '?' => {
            gap.add(Gap::QUESTION);
            gap.add(Gap::STOP);
        }
        '\n' => {
            gap.add(Gap::STOP);
            gap.add(Gap::LINE);
        }
        '!' | ';' => gap.add(Gap::STOP),
        ',' => gap.add(Gap::COMMA),
        '\'' | '’' | '`' | '´' | '"' => gap.add(Gap::QUOTE),
        '/' => gap.add(Gap::SLASH),
        '<' => gap.add(Gap::LESS),
        '€' => gap.add(Gap::EURO),
        ':' => gap.add(Gap::COLON),
        _ => gap.add(Gap::SPACE),
    }
}

const fn is_apostrophe(char: char) -> bool {
    matches!(char, '\'' | '’' | '`' | '´')
}

const fn is_combining(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}')
}

fn followed_by_letter(raw: &str, at: usize) -> bool {
    raw[at..].chars().next().is_some_and(char::is_alphabetic)
}

/// Appends `char` in lower case without diacritics.
pub(super) fn fold(char: char, to: &mut String) {
    if char.is_ascii() {
        return to.push(char.to_ascii_lowercase());
    }
    for lower in char.to_lowercase() {
        match lower {
            'à'..='å' | 'ā' | 'ă' | 'ą' => to.push('a'),
            'ç' | 'ć' | 'č' => to.push('c'),
            'è'..='ë' | 'ē' | 'ę' | 'ě' => to.push('e'),
            'ì'..='ï' | 'ı' => to.push('i'),
            'ñ' | 'ń' => to.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => to.push('o'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => to.push('u'),
            'ý' | 'ÿ' => to.push('y'),
            'š' | 'ś' | 'ş' => to.push('s'),
            'ž' | 'ź' | 'ż' => to.push('z'),
            'ğ' => to.push('g'),
            'ł' => to.push('l'),
            'ß' => to.push_str("ss"),
            'æ' => to.push_str("ae"),
            'ĳ' => to.push_str("ij"),
            '①'..='⑨' => to.push(circled(lower, '①')),
            '❶'..='❾' => to.push(circled(lower, '❶')),
            other if is_combining(other) => {}
            other => to.push(other),
        }
    }
}

/// Shorter words are left as they are: three of a letter may stand in a licence plate.
const DRAWL_FROM: usize = 5;

/// "hallooo" and "stopppp" as they are spelt without drawl: three of a letter and more become one.
fn without_drawl(word: &mut String) {
    let bytes = word.as_bytes();
    let drawn = |three: &[u8]| three[0].is_ascii_lowercase() && three[0] == three[1] && three[1] == three[2];
    if bytes.len() < DRAWL_FROM || bytes.len() == MAX_LETTERS || !bytes.windows(3).any(drawn) {
        return;
    }
    let mut kept = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(char) = chars.next() {
        let mut run = 1;
        while chars.peek() == Some(&char) {
            chars.next();
            run += 1;
        }
        let times = if run >= 3 && char.is_ascii_lowercase() { 1 } else { run };
        kept.extend(std::iter::repeat_n(char, times));
    }
    *word = kept;
}

/// The figure in a circle, where `one` is the first of them.
fn circled(char: char, one: char) -> char {
    u32::from(char)
        .checked_sub(u32::from(one))
        .and_then(|from_one| char::from_digit(from_one + 1, 10))
        .unwrap_or(char)
}

/// A whole text folded, with everything but letters and digits left out: the key of the gazetteer.
pub(super) fn squeeze(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for char in text.chars().filter(|char| char.is_alphanumeric()) {
        fold(char, &mut key);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Text::new(text).tokens.into_iter().map(|token| token.norm).collect()
    }

    #[test]
    fn words_lose_case_diacritics_and_apostrophes() {
        assert_eq!(words("M'n Citroën, héél grote straße!"), ["mn", "citroen", "heel", "grote", "strasse"]);
        assert_eq!(words("T-Cross <20k"), ["t", "cross", "20k"]);
    }

    #[test]
    fn sentences_end_at_stops_but_not_inside_figures() {
        let text = Text::new("Om 13.00 graag. Kan dat?");
        let sentences: Vec<usize> = text.tokens.iter().map(|token| token.sentence).collect();
        assert_eq!(sentences, [0, 0, 0, 0, 1, 1]);
        assert!(text.in_question(5) && !text.in_question(0));
    }
}
