//! Words and figures of a text, whatever tricks it is written with.

use super::Violation;

/// A run of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Lower case, without diacritics and apostrophes.
    pub norm: String,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// What stands before it.
    pub gap: String,
}

impl Token {
    pub fn has_digit(&self) -> bool {
        self.norm.bytes().any(|byte| byte.is_ascii_digit())
    }

    pub fn is_digits(&self) -> bool {
        self.norm.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// A text as it is read: wide, circled and raised digits are digits, invisible letters are gone.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter_map(plain_char).collect()
}

fn plain_char(char: char) -> Option<char> {
    let shifted = |from: char, to: char| char::from_u32(u32::from(char) - u32::from(from) + u32::from(to));
    match char {
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{fe0e}'
        | '\u{fe0f}'
        | '\u{20e3}'
        | '\u{300}'..='\u{36f}' => None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => shifted('\u{ff01}', '!'),
        '①'..='⑨' => shifted('①', '1'),
        '❶'..='❾' => shifted('❶', '1'),
        '₀'..='₉' => shifted('₀', '0'),
        '⁴'..='⁹' => shifted('⁴', '4'),
        '⁰' => Some('0'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '٠'..='٩' => shifted('٠', '0'),
        '۰'..='۹' => shifted('۰', '0'),
        '०'..='९' => shifted('०', '0'),
        _ => Some(char),
    }
}

/// A word in lower case without diacritics.
pub(crate) fn folded(word: &str) -> String {
    let mut norm = String::with_capacity(word.len());
    for char in word.chars().flat_map(char::to_lowercase) {
        match char {
            'à'..='å' | 'ā' | 'ă' | 'ą' => norm.push('a'),
            'æ' => norm.push_str("ae"),
            'ç' | 'ć' | 'č' => norm.push('c'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => norm.push('e'),
            'ì'..='ï' | 'ī' | 'į' => norm.push('i'),
            'ñ' | 'ń' | 'ň' => norm.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => norm.push('o'),
            'œ' => norm.push_str("oe"),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => norm.push('u'),
            'ý' | 'ÿ' => norm.push('y'),
            'ß' => norm.push_str("ss"),
            'ś' | 'š' | 'ş' => norm.push('s'),
            'ź' | 'ż' | 'ž' => norm.push('z'),
            'ł' => norm.push('l'),
            '\'' | '’' | '`' | '´' | '\u{300}'..='\u{36f}' => {}
            other => norm.push(other),
        }
    }
    norm
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut gap_from = 0;
    while let Some((start, char)) = chars.next() {
        if !char.is_alphanumeric() {
            continue;
        }
        let mut end = start + char.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            let apostrophe = matches!(next, '\'' | '’')
                && text[at + next.len_utf8()..].chars().next().is_some_and(char::is_alphabetic);
            if !(next.is_alphanumeric() || apostrophe) {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        let (gap, word) = (text[gap_from..start].to_owned(), &text[start..end]);
        tokens.push(Token { norm: folded(word), start, end, gap });
        gap_from = end;
    }
    tokens
}

/// Whether a letter belongs to the alphabet the assistant writes in.
pub(super) fn is_latin(char: char) -> bool {
    char.is_ascii() || matches!(char, '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Refuses what is written so that people read it and a guard does not: letters of another alphabet, words taken apart.
pub(super) fn undisguised(text: &str, tokens: &[Token]) -> Result<(), Violation> {
    if text.chars().any(|char| char.is_alphanumeric() && !is_latin(char)) {
        return Err(Violation::Disguised);
    }
    let mut single = 0;
    for (at, token) in tokens.iter().enumerate() {
        let letters = token.norm.bytes().all(|byte| byte.is_ascii_alphabetic());
        single = if letters && token.norm.len() == 1 { single + 1 } else { 0 };
        // "k-o-r-t-i-n-g"
        if single > 3 {
            return Err(Violation::Disguised);
        }
        // "kort!ng", "gr*tis", "gr@tis"
        let glued = at > 0 && letters && token.gap.chars().all(|char| "!*_~|+=^@$€£#:;\\".contains(char));
        if glued
            && !token.gap.is_empty()
            && tokens[at - 1].norm.ends_with(|char: char| char.is_ascii_alphabetic())
        {
            return Err(Violation::Disguised);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_digits_in_every_dress() {
        for (text, read) in
            [("１７９５０", "17950"), ("①②", "12"), ("1️⃣7️⃣", "17"), ("kor\u{200b}ting", "korting")]
        {
            assert_eq!(plain(text), read);
        }
    }

    #[test]
    fn words_taken_apart_are_refused() {
        let disguised = |text: &str| undisguised(text, &tokens(text)).is_err();
        for text in ["g r a t i s", "k-o-r-t-i-n-g", "gr@tis", "kort!ng", "grаtis met een cyrillische а"] {
            assert!(disguised(text), "{text}");
        }
        for text in ["H.J. van Beek", "Hoi! Zin in een proefrit?", "café 's avonds", "plug-in hybride"] {
            assert!(!disguised(text), "{text}");
        }
    }
}
