//! The mesh from outside: both arms, and what servers tell strangers.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

mod arms;
mod servers;
mod support;
