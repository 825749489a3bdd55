//! Words that more than one service speaks: moments, ids, contact addresses, kinds of error. No I/O.
//!
//! Start at [`ContactAddress`] (who a message is from), [`Clock`] and [`Ids`] (where time and ids come
//! from, so that tests choose them) and [`ErrorKind`] (what an error means to a caller).

mod address;
mod error_kind;
mod id;
pub mod parse;
mod phone;
mod source;
mod time;

pub use address::{Bsuid, ContactAddress, InvalidAddress};
pub use error_kind::{Classify, ErrorKind, Repeat};
pub use id::{
    AppointmentId, AttemptId, ContactId, ConversationId, Id, Ids, InvalidId, MessageId, TurnId, UuidText,
};
pub use parse::Rate;
pub use phone::{InvalidPhone, Phone};
pub use source::{InvalidSource, Source};
pub use time::{Clock, SharedClock, SystemClock, TestClock, Timestamp, TimestampOutOfRange};

#[doc(hidden)]
pub mod __private {
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
    pub use uuid::Uuid;
}
