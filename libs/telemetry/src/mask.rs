//! Hides what names a person: use these wherever such a thing would otherwise reach a log, span, label or audit row.

use model::{ContactAddress, Phone};

/// Hides a contact address in whichever spelling; what cannot be read as one is hidden whole.
pub fn address(text: &str) -> String {
    ContactAddress::parse(text)
        .map_or_else(|_| "*".repeat(text.chars().count().min(8)), |address| address.masked())
}

/// Hides a phone number; what cannot be read as one is hidden whole.
pub fn phone(text: &str) -> String {
    Phone::parse(text).map_or_else(|_| "*".repeat(text.chars().count().min(8)), |phone| phone.masked())
}

/// Says how long a text is, and no more.
pub fn body(text: &str) -> String {
    format!("[{} characters]", text.chars().count())
}

/// Replaces phone numbers, WhatsApp ids and e-mail addresses inside a text that somebody else wrote, such as the
/// error text of a provider. Names and the like stay: this is no licence to log what a customer wrote.
pub fn free_text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            masked.push(' ');
        }
        masked_word(word, &mut masked);
    }
    masked
}

/// A run of this many digits may be a phone number.
const PHONE_DIGITS: usize = 8;

fn masked_word(word: &str, out: &mut String) {
    let is_email = word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if is_email {
        out.push_str("[e-mail]");
        return;
    }
    let mut rest = word;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let length = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, digits) = (&rest[..start], &rest[start..start + length]);
        out.push_str(before);
        if length >= PHONE_DIGITS {
            out.push_str("[number]");
        } else {
            out.push_str(digits);
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hidden_in_every_spelling() {
        assert_eq!(address("whatsapp:+31612345678"), "+316******78");
        assert_eq!(address("whatsapp:NL.13491208655302741918"), "NL.******************18");
        assert_eq!(address("Jan de Vries"), "********");
        assert_eq!(phone("31612345678@c.us"), "+316******78");
        assert_eq!(phone("06-1234"), "*******");
        assert_eq!(body("ik zoek een Golf"), "[16 characters]");
    }

    #[test]
    fn numbers_and_addresses_inside_a_text_are_hidden_and_codes_stay() {
        assert_eq!(
            free_text("The 'To' number whatsapp:+31612345678 is not valid (21211), ask jan@example.org"),
            "The 'To' number whatsapp:+[number] is not valid (21211), ask [e-mail]"
        );
        assert_eq!(free_text("error 63016 for NL.13491208655302741918."), "error 63016 for NL.[number].");
        assert_eq!(free_text(""), "");
    }
}
