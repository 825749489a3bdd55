//! Statements on SQLite: prepared once, run where they are called.

use rusqlite::{
    CachedStatement, Connection,
    types::{ToSqlOutput, ValueRef},
};

use crate::{FromRow, Param, Row, StoreError};

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
    Ok(bound(connection, sql, params)?.raw_execute()? as u64)
}

pub(crate) fn fetch_optional<T: FromRow>(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Option<T>, StoreError> {
    let mut statement = bound(connection, sql, params)?;
    let mut rows = statement.raw_query();
    let first = rows.next()?.map(|row| T::from_row(&Row::sqlite(row, sql))).transpose()?;
    // To its end, for it may be a change that answers rows.
    while rows.next()?.is_some() {}
    Ok(first)
}

pub(crate) fn fetch_all<T: FromRow>(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<T>, StoreError> {
    let mut statement = bound(connection, sql, params)?;
    let mut rows = statement.raw_query();
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        read.push(T::from_row(&Row::sqlite(row, sql))?);
    }
    Ok(read)
}

fn bound<'c>(
    connection: &'c Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut places = Places { seen: vec![false; params.len() + 1], count: 0 };
    for number in placeholders(sql) {
        let Some(place) = places.place_of(number) else { continue };
        statement.raw_bind_parameter(place, value(&params[number - 1]))?;
    }
    if places.count != statement.parameter_count() || places.count != params.len() {
        return Err(StoreError::params(sql, params.len()));
    }
    Ok(statement)
}

fn value<'p>(param: &'p Param<'_>) -> ToSqlOutput<'p> {
    ToSqlOutput::Borrowed(match param {
        Param::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
        Param::Int(Some(number)) => ValueRef::Integer(*number),
        Param::Real(Some(number)) => ValueRef::Real(*number),
        Param::Text(None) | Param::Int(None) | Param::Real(None) => ValueRef::Null,
    })
}

/// The numbers of the placeholders outside of quotes, as they come in the text.
fn placeholders(sql: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = sql.as_bytes();
    let (mut at, mut quoted) = (0, false);
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memchr2(b'$', b'\'', &bytes[at..]) {
            let is_quote = bytes[at + found] == b'\'';
            at += found + 1;
            if is_quote {
                quoted = !quoted;
            } else if !quoted {
                let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
                let number = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
                if number > 0 {
                    return Some(number);
                }
            }
        }
        None
    })
}

/// SQLite takes `$1` as a name and gives names their places in the order of their first use: this does the same.
struct Places {
    seen: Vec<bool>,
    count: usize,
}

impl Places {
    /// The place of a number that is seen for the first time and has a value.
    fn place_of(&mut self, number: usize) -> Option<usize> {
        let seen = self.seen.get_mut(number)?;
        if std::mem::replace(seen, true) {
            return None;
        }
        self.count += 1;
        Some(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn placeholders_are_those_outside_of_quotes() {
        let found: Vec<_> =
            placeholders("a = $2 AND b = 'it''s $1' AND c = $10 AND d = $2 OR '$3' = e").collect();
        assert_eq!(found, [2, 10, 2]);
    }

    #[test]
    fn values_go_to_their_placeholders_whatever_the_order() {
        let connection = Connection::open_in_memory().unwrap();
        let read: Option<(String, i64, String)> =
            fetch_optional(&connection, "SELECT $3, $1, $3 || $2", params![7_i64, "b", "c"]).unwrap();
        assert_eq!(read, Some(("c".into(), 7, "cb".into())));
    }

    #[test]
    fn a_value_too_few_or_too_many_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        for params in [params![1_i64].as_slice(), params![1_i64, 2_i64, 3_i64]] {
            let read = fetch_all::<(i64, i64)>(&connection, "SELECT $1, $2", params);
            assert!(matches!(read, Err(StoreError::Statement(_))), "{read:?}");
        }
    }
}
