//! The page as HTML. Everything from outside goes through maud, which escapes it.

mod axis;
mod clock;
mod list;
mod page;
mod tasks;
mod thread;
mod tick;
mod trace;

pub use clock::Moments;
pub use list::row;
pub use page::{Day, Desk, Notice, desk, message_page};
pub use tasks::{TaskList, tasks_page};
pub use thread::{Thread, TraceLinks, entry};
pub use tick::progress;
pub use trace::trace_page;
