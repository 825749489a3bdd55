//! The store on real databases: what a write promises, how a store opens, and how news travel.

#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

mod opening;
mod reads;
mod rows;
mod support;
mod topics;
mod writes;
