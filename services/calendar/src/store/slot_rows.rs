//! Table `slots`: who has which slot, and until when.

use std::time::Duration;

use model::{AppointmentId, Timestamp};
use store::{Conn, StoreError, Tx, params};

use crate::slots::Slot;

/// `held_until` of a slot that is taken for good.
pub(crate) const FOR_GOOD: Timestamp = Timestamp::from_micros(i64::MAX);

/// No slot is longer (`booking.slot_minutes` is at most 480), so nothing that starts earlier overlaps.
const LONGEST: Duration = Duration::from_hours(8);

/// Gives a slot to an appointment until a moment; false when somebody else has it, or has one that overlaps it since the
/// dealer changed the length of slots.
///
/// Of callers at the same time one wins: the others wait for its row and then find it taken. A hold that has run out
/// is no obstacle, whether or not it was cleared away.
#[tracing::instrument(name = "db.slots.take", level = "debug", skip_all)]
pub(crate) async fn take(
    tx: &mut Tx,
    resource: &str,
    slot: Slot,
    by: AppointmentId,
    held_until: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let taken = tx
        .execute(
            "INSERT INTO slots (resource, start_at, end_at, appointment_id, held_until) \
         SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS ( \
             SELECT 1 FROM slots WHERE resource = $1 AND start_at > $7 AND start_at < $3 AND start_at <> $2 \
             AND end_at > $2 AND held_until > $6 AND appointment_id <> $4) \
         ON CONFLICT (resource, start_at) DO UPDATE SET end_at = excluded.end_at, \
             appointment_id = excluded.appointment_id, held_until = excluded.held_until \
         WHERE slots.held_until <= $6 OR slots.appointment_id = excluded.appointment_id",
            params![
                resource,
                slot.start,
                slot.end,
                by.as_str(),
                held_until.unwrap_or(FOR_GOOD),
                now,
                slot.start - LONGEST
            ],
        )
        .await?;
    Ok(taken > 0)
}

/// Frees the slots an appointment has, but for the one that starts at `keep`.
#[tracing::instrument(name = "db.slots.free_all_but", level = "debug", skip_all)]
pub(crate) async fn free_all_but(
    tx: &mut Tx,
    appointment: AppointmentId,
    keep: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM slots WHERE appointment_id = $1 AND start_at <> $2",
        params![appointment.as_str(), keep.map_or(i64::MIN, Timestamp::as_micros)],
    )
    .await?;
    Ok(())
}

/// Clears away the slot of a hold that has run out.
#[tracing::instrument(name = "db.slots.free_expired", level = "debug", skip_all)]
pub(crate) async fn free_expired(tx: &mut Tx, appointment: AppointmentId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "DELETE FROM slots WHERE appointment_id = $1 AND held_until <= $2",
        params![appointment.as_str(), now],
    )
    .await?;
    Ok(())
}

/// Reads the slots of a resource that are taken at `now` and overlap `[from, to)`, by start.
#[tracing::instrument(name = "db.slots.taken", level = "debug", skip_all)]
pub(crate) async fn taken(
    conn: &mut Conn,
    resource: &str,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<Vec<Slot>, StoreError> {
    const SQL: &str = "
        SELECT start_at, end_at FROM slots
        WHERE resource = $1 AND start_at > $2 AND start_at < $3 AND end_at > $4
            AND held_until > $5
        ORDER BY start_at";
    let rows: Vec<(i64, i64)> = conn.fetch_all(SQL, params![resource, from - LONGEST, to, from, now]).await?;
    let slot = |(start, end)| Slot { start: Timestamp::from_micros(start), end: Timestamp::from_micros(end) };
    Ok(rows.into_iter().map(slot).collect())
}
