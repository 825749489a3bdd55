//! What statements give back: values of three kinds and their absence, by name and by place.

use store::{FromRow, Param, Row, Sql, Store, StoreError, params};

use crate::support::{Bench, benches};

#[derive(Debug, PartialEq)]
struct Sample {
    text: String,
    number: i64,
    real: f64,
    absent: Option<String>,
}

impl FromRow for Sample {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            // Not in the order of the statement.
            absent: row.get("absent")?,
            real: row.get("real")?,
            text: row.get("text")?,
            number: row.get("number")?,
        })
    }
}

const SAMPLE: &str = "SELECT CAST($3 AS TEXT) AS text, CAST($1 AS BIGINT) AS number, CAST($2 AS DOUBLE PRECISION) AS real, \
                      CAST($4 AS TEXT) AS absent";

async fn one<T: FromRow>(store: &Store, sql: impl Into<Sql>, params: &[Param<'_>]) -> Result<T, StoreError> {
    store.read("one").await?.fetch_one(sql, params).await
}

#[tokio::test]
async fn values_come_back_as_they_went_in_by_name_and_by_place() {
    for Bench { store, .. } in benches().await {
        let params = params![-7_i64, 0.25, "één", None::<&str>];
        let sample = one::<Sample>(&store, SAMPLE, params).await.unwrap();
        assert_eq!(sample, Sample { text: "één".into(), number: -7, real: 0.25, absent: None });
        let sample = one::<(String, i64, f64, Option<String>)>(&store, SAMPLE, params).await.unwrap();
        assert_eq!(sample, ("één".into(), -7, 0.25, None));
    }
}

#[tokio::test]
async fn text_put_together_at_run_time_runs_like_any_other() {
    for Bench { store, .. } in benches().await {
        let sql = Sql::built(format!("SELECT CAST($1 AS BIGINT) + {}", 2));
        assert_eq!(one::<i64>(&store, sql, params![40_i64]).await.unwrap(), 42);
    }
}

#[tokio::test]
async fn a_column_that_cannot_be_read_is_named_with_its_statement() {
    const SQL: &str = "SELECT CAST('x' AS TEXT) AS word, CAST(NULL AS BIGINT) AS gap";
    for Bench { store, .. } in benches().await {
        let wrong_kind = one::<(i64, Option<i64>)>(&store, SQL, params![]).await;
        let absent = one::<(String, i64)>(&store, SQL, params![]).await;
        for (read, expected) in [(wrong_kind.map(drop), "word"), (absent.map(drop), "gap")] {
            let Err(StoreError::Column { column, statement, .. }) = read else { panic!("{read:?}") };
            assert_eq!((column.as_str(), statement.as_str()), (expected, SQL));
        }
        let unknown = one::<Sample>(&store, SQL, params![]).await;
        assert!(unknown.unwrap_err().to_string().starts_with("cannot read the column absent of SELECT"));
    }
}

#[tokio::test]
async fn one_row_that_is_not_there_is_an_error_and_an_optional_one_is_not() {
    const SQL: &str = "SELECT note_id FROM notes WHERE text = $1";
    for Bench { store, .. } in benches().await {
        let none = one::<i64>(&store, SQL, params!["unknown"]).await;
        assert!(matches!(none, Err(StoreError::NoRow { statement }) if statement == SQL));
        let mut conn = store.read("none").await.unwrap();
        assert_eq!(conn.fetch_optional::<i64>(SQL, params!["unknown"]).await.unwrap(), None);
    }
}
