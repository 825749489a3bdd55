//! Table `fences`.

use store::{StoreError, Tx, params};

use crate::domain::Fence;

/// Notes a caller's token as seen; false when a higher one was seen before.
#[tracing::instrument(name = "db.fences.raise", level = "debug", skip_all)]
pub(crate) async fn raise(tx: &mut Tx, fence: &Fence) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO fences (conversation_id, token) VALUES ($1, $2)
        ON CONFLICT (conversation_id) DO UPDATE SET token = excluded.token
        WHERE fences.token <= excluded.token";
    let raised = tx.execute(SQL, params![&fence.conversation_id, fence.token]).await?;
    Ok(raised > 0)
}
