//! The channel sender from outside: its use cases on both engines, and what reaches a simulated Twilio.

mod accepting;
mod crashes;
mod sending;
mod world;
