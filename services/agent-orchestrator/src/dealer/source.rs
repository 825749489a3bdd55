//! Reading a file and saying where in it something is wrong.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is wrong with the dealer's files.
#[derive(Debug, thiserror::Error)]
pub enum DealerError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
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

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String, DealerError> {
    std::fs::read_to_string(path).map_err(|source| DealerError::Read { path: path.to_owned(), source })
}

/// A text with a name, for errors that point into it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// The error that `field`, which stands at `span`, has `problem`.
    pub fn wrong(self, field: &str, span: &Range<usize>, problem: impl Into<String>) -> DealerError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        self.wrong_at(field, before.matches('\n').count() + 1, problem)
    }

    /// The error that `field` on `line` has `problem`.
    pub fn wrong_at(self, field: &str, line: usize, problem: impl Into<String>) -> DealerError {
        DealerError::Wrong {
            file: self.name.to_owned(),
            line,
            field: field.to_owned(),
            problem: problem.into(),
        }
    }
}
