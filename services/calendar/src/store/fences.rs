//! Table `fences`.

use store::sqlx;
use store::{StoreError, Tx};

use crate::domain::Fence;

/// Notes a caller's token as seen; false when a higher one was seen before.
#[tracing::instrument(name = "db.fences.raise", level = "debug", skip_all)]
pub(crate) async fn raise(tx: &mut Tx, fence: &Fence) -> Result<bool, StoreError> {
    let raised = sqlx::query(
        "INSERT INTO fences (conversation_id, token) VALUES ($1, $2) \
         ON CONFLICT (conversation_id) DO UPDATE SET token = excluded.token WHERE fences.token <= excluded.token",
    )
    .bind(&fence.conversation_id)
    .bind(fence.token)
    .execute(tx.conn())
    .await?;
    Ok(raised.rows_affected() > 0)
}
