//! The cars that a text names: for checking replies rather than reading customers.

use std::ops::Range;

use super::cars;
use super::gazetteer::Gazetteer;
use super::text::Text;

/// A make, a model or both, as a text names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Brand.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// The bytes of the text.
    pub words: Range<usize>,
}

/// Every car named in a line, by a spelling that is known: what is a typing error away ("always", "Aiways") is no claim.
pub fn named_cars(line: &str, gazetteer: &Gazetteer) -> Vec<Named> {
    let mut text = Text::new(line);
    let mentions = cars::find(&mut text, gazetteer);
    mentions
        .into_iter()
        .filter_map(|mention| {
            let tokens = text.tokens.get(mention.from..mention.to)?;
            let joined: String = tokens.iter().map(|token| token.norm.as_str()).collect();
            let known = |key: &str| gazetteer.make(key).is_some() || !gazetteer.models(key).is_empty();
            let figure = |key: &str| key.bytes().any(|byte| byte.is_ascii_digit());
            let spelt = tokens.iter().any(|token| known(&token.norm)) || known(&joined) || figure(&joined);
            if !spelt {
                return None;
            }
            let (first, last) =
                (text.tokens.get(mention.from)?, text.tokens.get(mention.to.checked_sub(1)?)?);
            Some(Named { make: mention.make, model: mention.model, words: first.start..last.end })
        })
        .collect()
}

/// Whether a folded word is an everyday one of any language, and so hardly a name.
pub fn is_everyday(word: &str) -> bool {
    super::language::is_common(word)
}

/// Whether a folded word is a given name.
pub fn is_given_name(word: &str) -> bool {
    super::given_names::has(word)
}
