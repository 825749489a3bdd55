//! Claims, locks and rate limits for the whole mesh.

pub mod domain;
mod error;
pub mod memory;
pub mod redis;
pub mod store;
pub mod waiting;

pub use error::{Error, StoreError};
