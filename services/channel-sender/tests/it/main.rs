//! The channel sender from outside: its use cases on both engines, and what reaches a simulated Twilio.

#[cfg(test)]
mod accepting;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod tracing;
#[cfg(test)]
mod world;
