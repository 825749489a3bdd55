//! Turns played against fakes that keep state.

mod dialogue;
mod fakes;
mod turns;
