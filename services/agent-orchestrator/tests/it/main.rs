//! The orchestrator on a real database, with the real dedup-lock, calendar and CRM, and a channel-sender that notes what it is given.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

mod bursts;
mod handoffs;
mod harness;
mod submitting;
mod turns;
