//! How a process lives and ends: named tasks with an owner, signals, the admin port, readiness.
//!
//! Start at [`Tasks`]: every task has a name, an owner who awaits it and a stated consequence of ending.
//! [`Stop`] is how a task learns that it should end, [`Readiness`] how a service says whether it can do its
//! work, [`admin`] where both and the metrics are shown, and [`crash`] where tests pull the plug.

pub mod admin;
pub mod crash;
mod readiness;
mod stop;
mod tasks;

pub use readiness::{Readiness, Report};
pub use stop::Stop;
pub use tasks::{OnExit, Tasks};
