//! What is wrong with the dealer's files, and where.

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;

/// What is wrong with the dealer's files.
#[derive(Debug, thiserror::Error)]
pub enum DealerError {
    /// A file that cannot be read.
    #[error("DEALER_CONFIG: cannot read {path}: {reason}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// A value that is not as it should be.
    #[error("{file} line {line}: {field}: {problem}")]
    Wrong {
        /// Which file.
        file: String,
        /// Line number, from 1.
        line: usize,
        /// Which field.
        field: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

/// A word that none of a fixed set is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {word:?}")]
pub struct UnknownWord {
    /// What was being read.
    pub what: &'static str,
    /// What stood there.
    pub word: String,
}

/// A text with a name, for errors that point into it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The file's name in errors.
    pub(crate) name: &'a str,
    /// What stands in it.
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// The error that `field`, which stands at `span`, has `problem`.
    pub(crate) fn wrong(self, field: &str, span: &Range<usize>, problem: impl Into<String>) -> DealerError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        self.wrong_at(field, before.matches('\n').count() + 1, problem)
    }

    /// The error that `field` on `line`, counted from 1, has `problem`.
    pub(crate) fn wrong_at(self, field: &str, line: usize, problem: impl Into<String>) -> DealerError {
        DealerError::Wrong {
            file: self.name.to_owned(),
            line,
            field: field.to_owned(),
            problem: problem.into(),
        }
    }

    /// The error of the TOML reader, with the key that stands on its line.
    pub(crate) fn malformed(self, error: &toml::de::Error) -> DealerError {
        let span = error.span().unwrap_or(0..0);
        let line_start =
            self.text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let line = self.text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let key = line.split('=').next().unwrap_or_default().trim();
        self.wrong(if key.is_empty() { "syntax" } else { key }, &span, error.message().trim())
    }

    /// The text of `value`, which must hold more than spaces.
    pub(crate) fn filled(self, field: &str, value: Spanned<String>) -> Result<String, DealerError> {
        if value.get_ref().trim().is_empty() {
            return Err(self.wrong(field, &value.span(), "is empty; write a text"));
        }
        Ok(value.into_inner())
    }
}
