//! The simulated Twilio over HTTP, as the services and the tests of the mesh use it.

#![expect(clippy::unwrap_used, reason = "a test and its harness fail by panicking")]

mod callbacks;
mod faults;
mod harness;
mod rest;
mod settings;
