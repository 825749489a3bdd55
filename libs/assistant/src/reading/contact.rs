//! Contact details in a message: e-mail address, phone number, licence plate.

use super::gazetteer::Gazetteer;
use super::lexicon;
use super::text::{Gap, Mark, Text};
use super::words::{Role, Tag};

/// The first e-mail address; its tokens are marked.
pub(super) fn email(text: &mut Text<'_>) -> Option<String> {
    let raw = text.raw;
    let at = raw.find('@')?;
    let local = |char: char| char.is_ascii_alphanumeric() || "._%+-".contains(char);
    let start = raw[..at].rfind(|char| !local(char)).map_or(0, |before| before + after_char(raw, before));
    let rest = &raw[at + 1..];
    let host = |char: char| char.is_ascii_alphanumeric() || ".-".contains(char);
    let length = rest.find(|char| !host(char)).unwrap_or(rest.len());
    let domain = rest[..length].trim_end_matches(['.', '-']);
    let end = at + 1 + domain.len();
    if start == at || !domain.contains('.') || domain.starts_with('.') {
        return None;
    }
    mark_bytes(text, start, end, Mark::Address);
    Some(raw[start..end].to_owned())
}

fn after_char(raw: &str, at: usize) -> usize {
    raw[at..].chars().next().map_or(1, char::len_utf8)
}

fn mark_bytes(text: &mut Text<'_>, start: usize, end: usize, mark: Mark) {
    for token in &mut text.tokens {
        if token.start >= start && token.end <= end {
            token.mark = mark;
        }
    }
}

/// The first phone number in E.164; a number without country code is Dutch, or German or British where it must be.
pub(super) fn phone(text: &mut Text<'_>) -> Option<String> {
    let raw = text.raw;
    let bytes = raw.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let opens = bytes[start] == b'+' || bytes[start].is_ascii_digit();
        let fresh = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
        if !(opens && fresh) {
            start += 1;
            continue;
        }
        let mut digits = String::new();
        let mut end = start;
        for (offset, char) in raw[start..].char_indices() {
            if char.is_ascii_digit() {
                digits.push(char);
                end = start + offset + 1;
            } else if !(" -./()+".contains(char) && digits.len() < 15) || (char == '+' && offset > 0) {
                break;
            }
        }
        let glued = raw[end..].chars().next().is_some_and(char::is_alphanumeric);
        if let Some(number) = e164(&digits, bytes[start] == b'+')
            && !glued
        {
            mark_bytes(text, start, end, Mark::Address);
            return Some(number);
        }
        start = raw[start..]
            .find(|char: char| !char.is_ascii_digit() && char != '+')
            .map_or(raw.len(), |n| start + n);
    }
    None
}

fn e164(digits: &str, plus: bool) -> Option<String> {
    let international = if plus { Some(digits) } else { digits.strip_prefix("00") };
    if let Some(number) = international {
        let number = match number.strip_prefix("310") {
            Some(rest) if rest.len() == 9 => format!("31{rest}"),
            _ => number.to_owned(),
        };
        let fits = (10..=15).contains(&number.len()) && !number.starts_with('0');
        return (fits && (!number.starts_with("31") || number.len() == 11)).then(|| format!("+{number}"));
    }
    match (digits.len(), digits.as_bytes()) {
        (10, [b'0', second, ..]) if *second != b'0' => Some(format!("+31{}", &digits[1..])),
        (11 | 12, [b'0', b'1', b'5'..=b'7', ..]) => Some(format!("+49{}", &digits[1..])),
        (11, [b'0', b'7', ..]) => Some(format!("+44{}", &digits[1..])),
        (11, [b'3', b'1', b'6', ..]) => Some(format!("+{digits}")),
        (9, [b'6', ..]) => Some(format!("+31{digits}")),
        _ => None,
    }
}

/// Shapes of Dutch plates: `a` a letter, `9` a digit.
const SHAPES: &[&str] = &[
    "aa9999", "9999aa", "99aa99", "aa99aa", "aaaa99", "99aaaa", "99aaa9", "9aaa99", "aa999a", "a999aa",
    "aaa99a", "a99aaa", "9aa999", "999aa9", "a999aa", "aa99a9",
];

/// Words that announce a plate.
const CUES: Tag = Tag(Role::Plates, "plate");

/// The first licence plate, upper case without dashes; its tokens are marked.
pub(super) fn plate(text: &mut Text<'_>) -> Option<String> {
    let cue = text.tokens.iter().any(|token| CUES.contains(&token.norm));
    // Dashes join surely; parts with spaces between only just after the word that announces them.
    let announced = |at: usize| cue && (1..=4).any(|back| CUES.contains(text.before(at, back)));
    let spaced: Vec<bool> = (0..text.len()).map(announced).collect();
    for allow_spaces in [false, true] {
        for (at, after_cue) in spaced.iter().copied().enumerate() {
            if !text.free(at) || (allow_spaces && !after_cue) {
                continue;
            }
            for parts in (1..=4).rev() {
                let Some(key) = joined(text, at, parts, allow_spaces) else { continue };
                let shape: String =
                    key.bytes().map(|byte| if byte.is_ascii_digit() { '9' } else { 'a' }).collect();
                let dutch = key.len() == 6 && SHAPES.contains(&shape.as_str());
                let belgian = shape == "9aaa999";
                let german = cue && (2..=4).contains(&parts) && is_german(&shape);
                let sure = parts > 1 || after_cue || text.tokens[at].upper;
                if !Gazetteer::builtin().models(&key).is_empty() {
                    continue;
                }
                if (dutch || belgian || german) && sure {
                    text.mark(at, at + parts, Mark::Plate);
                    return Some(key.to_ascii_uppercase());
                }
            }
        }
    }
    None
}

/// Letters, then digits: "HD-AB 1234".
fn is_german(shape: &str) -> bool {
    let letters = shape.bytes().take_while(|byte| *byte == b'a').count();
    let digits = shape.len() - letters;
    (2..=5).contains(&letters)
        && (1..=4).contains(&digits)
        && shape[letters..].bytes().all(|byte| byte == b'9')
}

fn joined(text: &Text<'_>, at: usize, parts: usize, spaces: bool) -> Option<String> {
    if at + parts > text.len() {
        return None;
    }
    let mut key = String::new();
    for number in at..at + parts {
        let token = &text.tokens[number];
        let gap = token.gap;
        let together =
            number == at || gap.is(Gap::HYPHEN) || (spaces && (gap.is(Gap::SPACE) || gap.is(Gap::DOT)));
        let word = token.norm.len() > 3 && lexicon::is_known(&token.norm);
        if !together || !text.free(number) || word || !token.norm.is_ascii() {
            return None;
        }
        key.push_str(&token.norm);
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_become_e164() {
        for (text, number) in [
            ("bel 06-12345903", "+31612345903"),
            ("06 12 34 59 03 graag", "+31612345903"),
            ("+31 6 12345903.", "+31612345903"),
            ("0031612345903", "+31612345903"),
            ("+31 (0)6 12345903", "+31612345903"),
            ("0341-123456", "+31341123456"),
            ("+49 151 23456789", "+4915123456789"),
            ("0151 23456789", "+4915123456789"),
            ("07700 900123", "+447700900123"),
        ] {
            assert_eq!(phone(&mut Text::new(text)).as_deref(), Some(number), "{text}");
        }
        assert_eq!(phone(&mut Text::new("budget 15.000, max 90.000 km")), None);
    }

    #[test]
    fn plates_lose_their_dashes() {
        for (text, plate_of) in [
            ("kenteken 38-nz-lt", "38NZLT"),
            ("TD-842-S", "TD842S"),
            ("kenteken 38nzlt", "38NZLT"),
            ("kenteken: g 731 nt", "G731NT"),
        ] {
            assert_eq!(plate(&mut Text::new(text)).as_deref(), Some(plate_of), "{text}");
        }
        assert_eq!(plate(&mut Text::new("een T-Cross van 2020")), None);
    }

    #[test]
    fn an_email_address_ends_before_the_full_stop() {
        assert_eq!(
            email(&mut Text::new("mail h.prins@example.com.")).as_deref(),
            Some("h.prins@example.com")
        );
        assert_eq!(email(&mut Text::new("@ home")), None);
    }
}
