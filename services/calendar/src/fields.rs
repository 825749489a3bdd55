//! Reading the fields of requests; every error names the field.

use model::{AppointmentId, ContactAddress, Timestamp};

use crate::domain::Fence;
use crate::error::Error;

/// Characters a text may have: more is a mistake, not a name or subject.
const LONGEST_TEXT: usize = 500;

/// Rows of a page when the request does not say how many, and at most.
const PAGE: (u32, u32) = (50, 200);

/// A text of bounded length.
pub(crate) fn text(field: &'static str, text: String) -> Result<String, Error> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::invalid(field, format!("must be at most {LONGEST_TEXT} characters")));
    }
    // PostgreSQL cannot store it.
    if text.contains('\0') {
        return Err(Error::invalid(field, "must not contain a NUL character"));
    }
    Ok(text)
}

/// A text that must be there.
pub(crate) fn required(field: &'static str, value: String) -> Result<String, Error> {
    if value.is_empty() {
        return Err(Error::invalid(field, "must be set"));
    }
    text(field, value)
}

/// A contact's address.
pub(crate) fn address(field: &'static str, text: &str) -> Result<ContactAddress, Error> {
    ContactAddress::parse(text).map_err(|error| Error::invalid(field, format!("is not usable: {error}")))
}

/// A contact's address, or none when empty.
pub(crate) fn optional_address(field: &'static str, text: &str) -> Result<Option<ContactAddress>, Error> {
    if text.is_empty() { Ok(None) } else { address(field, text).map(Some) }
}

/// The right to act in a conversation; none for token 0.
pub(crate) fn conversation(conversation_id: &str, token: i64) -> Result<Option<Fence>, Error> {
    match token {
        0 => Ok(None),
        ..0 => Err(Error::invalid("fencing_token", "must not be negative; 0 means unfenced")),
        _ if conversation_id.is_empty() => {
            Err(Error::invalid("conversation_id", "must be set when fencing_token is"))
        }
        _ => Ok(Some(Fence { conversation_id: conversation_id.to_owned(), token })),
    }
}

/// How many rows a page has.
pub(crate) fn page_size(asked: u32) -> usize {
    let rows = if asked == 0 { PAGE.0 } else { asked.min(PAGE.1) };
    rows as usize
}

/// Where a page begins, as [`cursor_text`] wrote it; none for the first page.
pub(crate) fn cursor(token: &str) -> Result<Option<(Timestamp, AppointmentId)>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed = token.split_once('.').and_then(|(micros, id)| {
        Some((Timestamp::from_micros(micros.parse().ok()?), id.parse::<AppointmentId>().ok()?))
    });
    parsed.map(Some).ok_or_else(|| Error::invalid("page_token", "must be a next_page_token of this list"))
}

/// Where the next page begins.
pub(crate) fn cursor_text((start, id): (Timestamp, AppointmentId)) -> String {
    format!("{}.{id}", start.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_names_the_field() {
        let here = (Timestamp::from_micros(-5), model::Ids::seeded(3).next());
        assert_eq!(cursor(&cursor_text(here)).unwrap(), Some(here));
        assert_eq!(cursor("").unwrap(), None);
        for wrong in ["x", "1.2", "1", ".", "9999999999999999999.0198c5a2-7b3e-7cc0-8000-000000000001"] {
            assert!(cursor(wrong).unwrap_err().to_string().starts_with("page_token must be"), "{wrong}");
        }
    }

    #[test]
    fn texts_are_bounded() {
        assert!(text("subject", "é".repeat(500)).is_ok());
        assert_eq!(
            text("subject", "x".repeat(501)).unwrap_err().to_string(),
            "subject must be at most 500 characters"
        );
        assert!(text("subject", "a\0b".to_owned()).is_err());
        assert_eq!(
            required("idempotency_key", String::new()).unwrap_err().to_string(),
            "idempotency_key must be set"
        );
    }

    #[test]
    fn a_token_without_a_conversation_is_refused() {
        assert!(conversation("", 0).unwrap().is_none());
        assert!(conversation("c", 4).unwrap().is_some());
        assert!(conversation("", 4).is_err());
        assert!(conversation("c", -1).is_err());
    }
}
