//! The queue on real databases: what a lane promises, and what the workers do.

#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

mod crashes;
mod lanes;
mod locks;
mod model;
mod support;
mod workers;
