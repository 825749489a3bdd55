//! Wires the services together: all of them in one process ([`up`]), one alone (`serve`), and the commands around them.
//!
//! This is the only crate that knows every service. Start at [`cli`] for the commands and at [`up::build`] for the wiring.

pub mod cli;
mod demo;
mod env_files;
mod in_turn;
mod load;
mod migrate;
mod serve;
mod settings;
mod understand;
pub mod up;

pub use settings::Settings;
