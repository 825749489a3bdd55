//! The assistant: what messages mean, what is done about them, and what is answered. Text in, effects and a reply out: no
//! database, no gRPC, no service.
//!
//! ```text
//! messages + state ──read──▶ commands ──decide──▶ plan ──act (calendar)──▶ done ──word──▶ pieces and text ──check──▶ out
//! ```
//!
//! - [`turn::run`] is the whole road; [`turn::TurnInput`] goes in, [`turn::Outcome`] comes out.
//! - [`reading`] makes [`command::Command`]s of what a customer writes; its words stand in data files by language and role.
//! - [`decide`] holds the policy: what acts, what asks, what is passed on to a person.
//! - [`act`] reads the calendar and holds slots through [`ports::Agenda`].
//! - [`word`] makes text of [`piece::Piece`]s, in Dutch, English and German; [`guard`] lets no offer out that no record backs.
//! - [`state::State`] is what a dialogue is about between turns; [`stock`] finds the cars.
//! - [`backend::Backend`] is who reads and words: rules, or a model.
//! - [`eval`] measures it all, on labelled messages and on played conversations.

mod knowledge;
mod lead;

pub mod act;
pub mod backend;
pub mod command;
pub mod crm;
pub mod decide;
pub mod eval;
pub mod guard;
pub mod names;
pub mod piece;
pub mod ports;
pub mod reading;
pub mod state;
pub mod stock;
pub mod task;
pub mod turn;
pub mod when;
pub mod wishes;
pub mod word;

pub use dealer::Language;
pub use knowledge::Knowledge;
