//! Reading a turn: what the model is shown, what its answer may look like, and what of it is believed.

pub(crate) mod answer;
pub(crate) mod data;
mod details;
mod evidence;
pub(crate) mod merge;
pub(crate) mod schema;

/// Names of every detail.
#[cfg(test)]
pub(crate) fn whats() -> Vec<&'static str> {
    details::What::ALL.iter().map(|what| what.as_str()).collect()
}
