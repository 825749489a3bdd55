use std::{any::type_name, cell::Cell, fmt, str::FromStr};

use model::Timestamp;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _, postgres::PgRow};

use crate::StoreError;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A row that a statement answered.
pub struct Row<'r> {
    source: Source<'r>,
    statement: &'r str,
    /// Where the next column is probably, for columns are mostly read in their order.
    next: Cell<usize>,
}

#[derive(Clone, Copy)]
enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

impl<'r> Row<'r> {
    pub(crate) fn sqlite(row: &'r rusqlite::Row<'r>, statement: &'r str) -> Self {
        Self { source: Source::Sqlite(row), statement, next: Cell::new(0) }
    }

    pub(crate) fn postgres(row: &'r PgRow, statement: &'r str) -> Self {
        Self { source: Source::Postgres(row), statement, next: Cell::new(0) }
    }

    /// Reads the column with this name.
    pub fn get<'v, T: Column<'v>>(&'v self, name: &str) -> Result<T, StoreError> {
        let index = self.index(name).ok_or_else(|| self.broken(name, "there is no such column".into()))?;
        self.at(index).map_err(|problem| self.broken(name, problem))
    }

    /// Reads the column with this name as one of our own types, by its text.
    pub fn parse<T>(&self, name: &str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Into<BoxError>>,
    {
        self.get::<&str>(name)?.parse().map_err(|problem: T::Err| self.broken(name, problem.into()))
    }

    fn at<'v, T: Column<'v>>(&'v self, index: usize) -> Result<T, BoxError> {
        T::read(self.source.value(index)?)
    }

    /// Reads the column in this place, from 0.
    fn place<'v, T: Column<'v>>(&'v self, index: usize) -> Result<T, StoreError> {
        self.at(index).map_err(|problem| self.broken(self.source.name(index).unwrap_or("?"), problem))
    }

    fn index(&self, name: &str) -> Option<usize> {
        let expected = self.next.get();
        let index = if self.source.name(expected) == Some(name) {
            expected
        } else {
            (0..).map_while(|index| self.source.name(index)).position(|known| known == name)?
        };
        self.next.set(index + 1);
        Some(index)
    }

    fn broken(&self, column: &str, problem: BoxError) -> StoreError {
        StoreError::Column {
            column: column.to_owned(),
            statement: self.statement.to_owned(),
            source: problem,
        }
    }
}

impl<'r> Source<'r> {
    fn name(self, index: usize) -> Option<&'r str> {
        match self {
            Self::Sqlite(row) => row.as_ref().column_name(index).ok(),
            Self::Postgres(row) => row.columns().get(index).map(sqlx::Column::name),
        }
    }

    fn value(self, index: usize) -> Result<Value<'r>, BoxError> {
        match self {
            Self::Sqlite(row) => Ok(match row.get_ref(index)? {
                rusqlite::types::ValueRef::Null => Value::Null,
                rusqlite::types::ValueRef::Integer(number) => Value::Int(number),
                rusqlite::types::ValueRef::Real(number) => Value::Real(number),
                rusqlite::types::ValueRef::Text(text) => Value::Text(str::from_utf8(text)?),
                rusqlite::types::ValueRef::Blob(_) => return Err("it holds bytes".into()),
            }),
            Self::Postgres(row) => {
                let value = row.try_get_raw(index)?;
                if value.is_null() {
                    return Ok(Value::Null);
                }
                let kind = value.type_info();
                Ok(match kind.name() {
                    "TEXT" | "VARCHAR" | "NAME" => {
                        Value::Text(sqlx::Decode::<sqlx::Postgres>::decode(value)?)
                    }
                    "INT8" => Value::Int(sqlx::Decode::<sqlx::Postgres>::decode(value)?),
                    "INT4" => Value::Int(<i32 as sqlx::Decode<sqlx::Postgres>>::decode(value)?.into()),
                    "FLOAT8" => Value::Real(sqlx::Decode::<sqlx::Postgres>::decode(value)?),
                    other => {
                        return Err(format!("{other} is not among TEXT, BIGINT and DOUBLE PRECISION").into());
                    }
                })
            }
        }
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its values may be private.
        f.debug_struct("Row").field("statement", &self.statement).finish_non_exhaustive()
    }
}

/// A value as both engines have it.
#[derive(Clone, Copy, Debug)]
pub enum Value<'v> {
    /// NULL.
    Null,
    /// TEXT.
    Text(&'v str),
    /// BIGINT.
    Int(i64),
    /// DOUBLE PRECISION.
    Real(f64),
}

/// What a column can be read as.
pub trait Column<'v>: Sized {
    /// Reads the value, or says what is wrong with it.
    fn read(value: Value<'v>) -> Result<Self, BoxError>;
}

/// Says what the columns of each kind can be read as.
macro_rules! columns {
    ($($type:ty: $kind:ident($value:ident) => $read:expr;)*) => { $(
        impl<'v> Column<'v> for $type {
            fn read(value: Value<'v>) -> Result<Self, BoxError> {
                match value {
                    Value::$kind($value) => $read,
                    Value::Null => Err(concat!("it is NULL where ", stringify!($type), " is expected").into()),
                    _ => Err(format!("it is not {}", type_name::<$type>()).into()),
                }
            }
        }

        impl FromRow for $type {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                row.place(0)
            }
        }
    )* };
}

columns! {
    String: Text(text) => Ok(text.to_owned());
    i64: Int(number) => Ok(number);
    u32: Int(number) => Ok(u32::try_from(number)?);
    u64: Int(number) => Ok(u64::try_from(number)?);
    Timestamp: Int(micros) => Ok(Timestamp::from_micros(micros));
    f64: Real(number) => Ok(number);
}

impl<'v> Column<'v> for &'v str {
    fn read(value: Value<'v>) -> Result<Self, BoxError> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err("it is not text".into()),
        }
    }
}

impl<'v, T: Column<'v>> Column<'v> for Option<T> {
    fn read(value: Value<'v>) -> Result<Self, BoxError> {
        if matches!(value, Value::Null) { Ok(None) } else { T::read(value).map(Some) }
    }
}

/// What a row can be read as: a type of ours, or its columns in their order.
pub trait FromRow: Sized {
    /// Reads the row.
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError>;
}

impl<T: for<'v> Column<'v>> FromRow for Option<T> {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.place(0)
    }
}

/// Rows whose columns are read in their order.
macro_rules! tuples {
    ($($($type:ident $place:literal),+;)*) => { $(
        impl<$($type: for<'v> Column<'v>),+> FromRow for ($($type,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                Ok(($(row.place::<$type>($place)?,)+))
            }
        }
    )* };
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}
