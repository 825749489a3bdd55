//! The queue on real databases: what a lane promises, and what the workers do.

mod lanes;
mod support;
mod workers;
