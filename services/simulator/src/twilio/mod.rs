//! Twilio as a customer of the API sees it: REST, webhooks, status callbacks, media.
//!
//! [`rest`] takes requests, [`rules`] refuses what the real API refuses, [`world`] keeps the messages, [`life`] moves
//! them through their statuses and tells them by callback, [`inbound`] lets a customer write.

pub mod account;
pub mod inbound;
pub mod life;
pub mod log;
pub mod media;
pub mod message;
pub mod post;
pub mod range;
pub mod refusal;
pub mod rest;
pub mod rules;
pub mod twiml;
pub mod world;
