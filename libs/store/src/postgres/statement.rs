//! Statements on PostgreSQL: one round trip each, prepared once on each connection.

use std::borrow::Cow;

use sqlx::{
    Arguments, AssertSqlSafe, Executor as _, PgConnection, SqlSafeStr as _, postgres::PgArguments,
    query::Query,
};

use crate::{FromRow, Param, Row, Sql, StoreError};

pub(crate) async fn execute(
    connection: &mut PgConnection,
    sql: Sql,
    params: &[Param<'_>],
) -> Result<u64, StoreError> {
    Ok(connection.execute(bound(sql, params)?).await?.rows_affected())
}

pub(crate) async fn fetch_optional<T: FromRow>(
    connection: &mut PgConnection,
    sql: Sql,
    params: &[Param<'_>],
) -> Result<Option<T>, StoreError> {
    let row = connection.fetch_optional(bound(sql.clone(), params)?).await?;
    row.map(|row| T::from_row(&Row::postgres(&row, sql.as_str()))).transpose()
}

pub(crate) async fn fetch_all<T: FromRow>(
    connection: &mut PgConnection,
    sql: Sql,
    params: &[Param<'_>],
) -> Result<Vec<T>, StoreError> {
    let rows = connection.fetch_all(bound(sql.clone(), params)?).await?;
    rows.iter().map(|row| T::from_row(&Row::postgres(row, sql.as_str()))).collect()
}

fn bound(sql: Sql, params: &[Param<'_>]) -> Result<Query<'static, sqlx::Postgres, PgArguments>, StoreError> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Param::Text(text) => Arguments::add(&mut arguments, text.as_deref()),
            Param::Int(number) => Arguments::add(&mut arguments, *number),
            Param::Real(number) => Arguments::add(&mut arguments, *number),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    let text = match sql.into_text() {
        Cow::Borrowed(text) => text.into_sql_str(),
        Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
    };
    Ok(sqlx::query_with(text, arguments))
}
