//! The outside world, simulated on one port, for the demo and for tests.
//!
//! It plays Twilio strictly: a request that the real API would refuse is refused with the real API's error body,
//! webhooks and status callbacks are signed, messages live through their statuses. Faults are scripted over
//! [`/sim/faults`](control), and what reached the customers is read from [`/sim/ledger`](control).
//!
//! Start at [`build`], then [`twilio`] for the API played and [`control`] for the routes that steer it. Further outside
//! systems become modules beside [`twilio`], over the same [`faults`], [`ledger`] and [`cut`].

pub mod config;
pub mod control;
pub mod cut;
pub mod error;
pub mod faults;
pub mod ledger;
pub mod outside;
pub mod service;
pub mod settings;
pub mod twilio;

pub use config::Config;
pub use error::Error;
pub use service::{Deps, Service, build};
