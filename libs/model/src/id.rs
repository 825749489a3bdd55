//! Ids: UUIDs of version 7 as text, one type for each thing that has one.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{SharedClock, Timestamp};

/// Text that is not a hyphenated lower-case UUID stood where an id was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} must be a uuid such as 0198c5a2-7b3e-7cc0-8000-000000000001")]
pub struct InvalidId(pub &'static str);

/// A type declared by [`id!`](crate::id): made from a UUID, read as text.
pub trait Id: Copy + Send + Sync + 'static {
    /// The id with this UUID's text.
    fn from_uuid(uuid: Uuid) -> Self;
}

/// The 36 characters of a hyphenated UUID; what every id holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UuidText([u8; 36]);

impl UuidText {
    /// The text of a UUID.
    pub fn new(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self(text)
    }

    /// Reads a hyphenated UUID; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 36 {
            return None;
        }
        Uuid::try_parse(text).ok().map(Self::new)
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the text of a uuid is ascii")
    }
}

impl Serialize for UuidText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for UuidText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(InvalidId("an id")))
    }
}

/// Declares an id type: a newtype over a UUID of version 7, text on the wire and in SQL, that sorts by creation.
///
/// ```
/// model::id!(/// Names a parcel.
///     ParcelId);
/// let ids = model::Ids::seeded(7);
/// let id: ParcelId = ids.next();
/// assert_eq!(id.as_str().parse::<ParcelId>().unwrap(), id);
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::UuidText);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl $crate::Id for $name {
            fn from_uuid(uuid: $crate::__private::Uuid) -> Self {
                Self($crate::UuidText::new(uuid))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::InvalidId;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::UuidText::parse(text).map(Self).ok_or($crate::InvalidId(stringify!($name)))
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <$crate::UuidText as $crate::__private::Deserialize<'de>>::deserialize(deserializer).map(Self)
            }
        }
    };
}

id!(
    /// Names a message, inbound or outbound, in our own books.
    MessageId
);
id!(
    /// Names a conversation; the only spelling of one in logs, spans and audit rows.
    ConversationId
);
id!(
    /// Names a contact: the key of lanes, locks and fences.
    ContactId
);
id!(
    /// Names a turn: the frozen set of messages that one reply answers.
    TurnId
);
id!(
    /// Names an appointment.
    AppointmentId
);
id!(
    /// Names one attempt at sending a message.
    AttemptId
);

/// Where ids come from: random when running, a fixed sequence in tests. Clones share the sequence.
#[derive(Clone)]
pub struct Ids(Arc<Mutex<Source>>);

struct Source {
    time: Time,
    random: StdRng,
    /// Milliseconds shifted left by twelve bits, plus a counter: what the next id must exceed.
    last: u64,
}

enum Time {
    Clock(SharedClock),
    /// A millisecond passes with each id.
    Counted(i64),
}

impl Ids {
    /// Random ids that carry the clock's time and never go back within this process.
    pub fn random(clock: SharedClock) -> Self {
        Self::from_source(Time::Clock(clock), StdRng::from_rng(&mut rand::rng()))
    }

    /// The same sequence of ids for the same number, for tests.
    pub fn seeded(seed: u64) -> Self {
        // Thursday 1 January 2026, so that ids of tests look like ids.
        Self::from_source(Time::Counted(1_767_225_600_000), StdRng::seed_from_u64(seed))
    }

    fn from_source(time: Time, random: StdRng) -> Self {
        Self(Arc::new(Mutex::new(Source { time, random, last: 0 })))
    }

    /// The next id, of whichever type is asked for.
    pub fn next<T: Id>(&self) -> T {
        T::from_uuid(self.uuid())
    }

    /// The next id as a bare UUID (version 7, RFC 9562 section 5.7, with the time's fraction in `rand_a`).
    pub fn uuid(&self) -> Uuid {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = &mut *source;
        let now = match &mut source.time {
            Time::Clock(clock) => clock.now(),
            Time::Counted(millis) => {
                *millis += 1;
                Timestamp::from_millis(*millis)
            }
        };
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let fraction = u64::try_from(now.as_micros().rem_euclid(1_000)).unwrap_or(0) * 4_096 / 1_000;
        let position = ((millis << 12) | fraction).max(source.last + 1);
        source.last = position;
        let mut tail = [0; 10];
        source.random.fill_bytes(&mut tail[2..]);
        let counter = u16::try_from(position & 0xfff).expect("twelve bits fit");
        tail[..2].copy_from_slice(&counter.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(position >> 12, &tail).into_uuid()
    }

    /// A token nobody can guess (128 random bits as hex), for claims and locks. Seeded ids give seeded tokens.
    pub fn token(&self) -> String {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bits = [0; 16];
        source.random.fill_bytes(&mut bits);
        format!("{:032x}", u128::from_be_bytes(bits))
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

impl FromStr for UuidText {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(InvalidId("an id"))
    }
}

impl fmt::Debug for UuidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestClock;

    #[test]
    fn ids_sort_by_creation_even_when_the_clock_stands_still_or_goes_back() {
        let clock = TestClock::default();
        let ids = Ids::random(clock.shared());
        let mut made: Vec<MessageId> = (0..10_000).map(|_| ids.next()).collect();
        clock.set(Timestamp::EPOCH);
        made.push(ids.next());
        let mut sorted = made.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted, made);
    }

    #[test]
    fn an_id_is_a_version_7_uuid_of_the_clocks_time() {
        let clock = TestClock::default();
        let uuid = Ids::random(clock.shared()).uuid();
        assert_eq!(uuid.get_version_num(), 7);
        let (seconds, _) = uuid.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, 1_772_442_000);
    }

    #[test]
    fn seeded_ids_repeat_and_differ_by_seed() {
        let one: Vec<ContactId> = {
            let ids = Ids::seeded(1);
            (0..3).map(|_| ids.next()).collect()
        };
        let again: Vec<ContactId> = {
            let ids = Ids::seeded(1);
            (0..3).map(|_| ids.next()).collect()
        };
        assert_eq!(one, again);
        assert_ne!(one[0], Ids::seeded(2).next::<ContactId>());
    }

    #[test]
    fn tokens_are_32_hex_digits_and_never_alike() {
        let ids = Ids::seeded(1);
        let (a, b) = (ids.token(), ids.token());
        assert_eq!(a.len(), 32);
        assert_ne!(a, b);
    }

    #[test]
    fn an_id_survives_text_and_json_and_refuses_anything_else() {
        let id: TurnId = Ids::seeded(3).next();
        assert_eq!(id.to_string().parse::<TurnId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<TurnId>(&json).unwrap(), id);
        for wrong in ["", "7", "0198c5a27b3e7cc08000000000000001", "{0198c5a2-7b3e-7cc0-8000-0000000001}"] {
            assert_eq!(wrong.parse::<TurnId>(), Err(InvalidId("TurnId")), "{wrong}");
        }
        assert!(serde_json::from_str::<TurnId>("\"x\"").is_err());
    }
}
