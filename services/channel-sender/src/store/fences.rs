//! `fences`: the highest lock token seen for each conversation.

use ::store::{StoreError, Tx, params};

/// Raises a conversation's fence to a token. False when a higher token was seen: whoever carries this one has lost the
/// lock. Safe to repeat.
pub async fn raise(tx: &mut Tx, conversation_id: &str, token: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let raised = tx
        .execute(
            "INSERT INTO fences (conversation_id, token, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (conversation_id) DO UPDATE SET token = excluded.token, updated_at = excluded.updated_at
         WHERE fences.token <= excluded.token",
            params![conversation_id, token, now],
        )
        .await?;
    Ok(raised == 1)
}
