use std::borrow::Cow;

use model::Timestamp;

/// A value for a placeholder. Nothing is typed too, for PostgreSQL wants to know what is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Param<'a> {
    /// For TEXT.
    Text(Option<Cow<'a, str>>),
    /// For BIGINT.
    Int(Option<i64>),
    /// For DOUBLE PRECISION.
    Real(Option<f64>),
}

/// The values of a statement's placeholders, `$1` first: `params![id, now, Some("text")]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Param::from($value)),*] };
}

/// Says which types are values, and of which kind.
macro_rules! values {
    ($($type:ty: $kind:ident, $value:ident => $stored:expr;)*) => { $(
        impl<'a> From<$type> for Param<'a> {
            fn from($value: $type) -> Self {
                Self::$kind(Some($stored))
            }
        }

        impl<'a> From<Option<$type>> for Param<'a> {
            fn from(value: Option<$type>) -> Self {
                Self::$kind(value.map(|$value| $stored))
            }
        }
    )* };
}

values! {
    &'a str: Text, text => Cow::Borrowed(text);
    &'a String: Text, text => Cow::Borrowed(text.as_str());
    String: Text, text => Cow::Owned(text);
    i64: Int, number => number;
    u32: Int, number => i64::from(number);
    Timestamp: Int, moment => moment.as_micros();
    f64: Real, number => number;
}
