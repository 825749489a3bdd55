//! The orchestrator on a real database, with the real dedup-lock, calendar and CRM, and a channel-sender that notes what it is given.

mod handoffs;
mod harness;
mod submitting;
mod turns;
