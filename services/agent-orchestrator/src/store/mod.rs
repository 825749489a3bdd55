//! The orchestrator's tables, one file per table.

pub mod audit;
pub mod conversations;
pub mod messages;
pub mod tasks;

use store::Migration;

/// The schema of the service.
pub const MIGRATIONS: &[Migration] = &[
    queue::MIGRATION,
    Migration::new(2, "conversations", include_str!("../../migrations/0002_conversations.sql")),
    Migration::new(3, "tasks", include_str!("../../migrations/0003_tasks.sql")),
];

/// Published when a message was committed; watchers of conversations wait for it.
pub const MESSAGES: &str = "messages";
