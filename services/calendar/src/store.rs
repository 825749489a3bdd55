//! The calendar's tables: `appointments`, `slots` (who has which) and `fences`. One file per table, each statement once.

mod appointments;
mod fences;
mod slot_rows;

pub(crate) use appointments::{
    Filter, amend, by_contact, by_id, by_key, erase, give_up, insert, list, lock, release, set,
};
pub(crate) use fences::raise;
pub(crate) use slot_rows::{free_all_but, free_expired, take, taken};

use store::Migration;

/// The calendar's schema.
pub const MIGRATIONS: &[Migration] = &[
    queue::MIGRATION,
    Migration::new(2, "calendar", include_str!("../migrations/0002_calendar.sql")),
    Migration::new(3, "replacing", include_str!("../migrations/0003_replacing.sql")),
];
