//! The webhooks over real HTTP, with the services behind the ingress played by fakes in the same process.

mod callbacks;
mod fakes;
mod messages;
mod refusals;
mod server;
mod world;
