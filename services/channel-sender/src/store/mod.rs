//! The sender's tables, one file each. Functions run on a connection, inside or outside a transaction.

pub mod attempts;
pub mod contacts;
pub mod fences;
pub mod messages;

use ::store::Migration;

/// The schema of this service: the queue's tables, then its own.
pub const MIGRATIONS: &[Migration] = &[
    queue::MIGRATION,
    Migration::new(
        2,
        "messages, attempts, contacts, fences",
        include_str!("../../migrations/0002_channel_sender.sql"),
    ),
];
