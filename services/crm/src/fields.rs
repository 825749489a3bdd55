//! Reading the fields of requests; every error names the field.

use std::collections::HashMap;
use std::str::FromStr;

use model::ContactAddress;

use crate::domain::Interests;
use crate::error::Error;

/// Characters a text may have: more is a mistake, not a name or a summary.
const LONGEST_TEXT: usize = 2_000;

/// Facts of interest one interaction may bring, and characters of each name and value.
const INTERESTS: (usize, usize) = (64, 200);

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

/// Facts of interest, those without a value left out.
pub(crate) fn interests(facts: HashMap<String, String>) -> Result<Interests, Error> {
    let (most, longest) = INTERESTS;
    if facts.len() > most {
        return Err(Error::invalid("interests", format!("must be at most {most}")));
    }
    let fits = |text: &String| text.chars().count() <= longest && !text.contains('\0');
    if !facts.iter().all(|(name, value)| fits(name) && fits(value)) {
        return Err(Error::invalid(
            "interests",
            format!("must have names and values of at most {longest} characters, without NUL"),
        ));
    }
    Ok(facts.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

/// How many rows a page has.
pub(crate) fn page_size(asked: u32) -> usize {
    let rows = if asked == 0 { PAGE.0 } else { asked.min(PAGE.1) };
    rows as usize
}

/// Where a page begins, as [`cursor_text`] wrote it: a number that sorts and an id. None for the first page.
pub(crate) fn cursor<N: FromStr, I: FromStr>(token: &str) -> Result<Option<(N, I)>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed =
        token.split_once('.').and_then(|(number, id)| Some((number.parse().ok()?, id.parse().ok()?)));
    parsed.map(Some).ok_or_else(|| Error::invalid("page_token", "must be a next_page_token of this list"))
}

/// Where the next page begins.
pub(crate) fn cursor_text(number: impl std::fmt::Display, id: impl std::fmt::Display) -> String {
    format!("{number}.{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ContactId;

    #[test]
    fn a_cursor_reads_back_and_anything_else_names_the_field() {
        let id: ContactId = model::Ids::seeded(3).next();
        assert_eq!(cursor::<u32, ContactId>(&cursor_text(125, id)).unwrap(), Some((125, id)));
        assert_eq!(cursor::<u32, ContactId>("").unwrap(), None);
        for wrong in ["x", "1.2", "1", ".", "-1.0198c5a2-7b3e-7cc0-8000-000000000001"] {
            let error = cursor::<u32, ContactId>(wrong).unwrap_err();
            assert!(error.to_string().starts_with("page_token must be"), "{wrong}");
        }
    }

    #[test]
    fn interests_are_bounded_and_empty_ones_are_left_out() {
        let facts = |facts: &[(&str, &str)]| {
            facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let kept = interests(facts(&[("make", "Volkswagen"), ("model", "")])).unwrap();
        assert_eq!(kept, Interests::from([("make".to_owned(), "Volkswagen".to_owned())]));
        assert!(interests(facts(&[("make", "x".repeat(201).as_str())])).is_err());
        assert!(interests((0..65).map(|n| (n.to_string(), "x".to_owned())).collect()).is_err());
    }
}
