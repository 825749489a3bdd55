//! Table `appointments`.

use std::str::FromStr;

use model::{AppointmentId, ContactAddress, Source, Timestamp};
use store::{Conn, FromRow, Row, Sql, StoreError, Tx, params};

use crate::domain::{Appointment, Booking, Details, Status};
use crate::slots::Slot;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT appointment_id, start_at, end_at, status, hold_expires_at, resource, contact, contact_name, subject, ",
            "conversation_id, replaces, replaced_by FROM appointments ",
            $rest
        )
    };
}

/// Reads the appointment made under an idempotency key.
#[tracing::instrument(name = "db.appointments.by_key", level = "debug", skip_all)]
pub(crate) async fn by_key(conn: &mut Conn, key: &str) -> Result<Option<Appointment>, StoreError> {
    conn.fetch_optional(select!("WHERE idempotency_key = $1"), params![key]).await
}

/// Reads an appointment.
#[tracing::instrument(name = "db.appointments.by_id", level = "debug", skip_all)]
pub(crate) async fn by_id(conn: &mut Conn, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
    conn.fetch_optional(select!("WHERE appointment_id = $1"), params![id.as_str()]).await
}

/// Reads an appointment and keeps others from changing it until the commit.
#[tracing::instrument(name = "db.appointments.lock", level = "debug", skip_all)]
pub(crate) async fn lock(tx: &mut Tx, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
    let statement = format!("{}{}", select!("WHERE appointment_id = $1"), tx.engine().for_update());
    tx.fetch_optional(Sql::built(statement), params![id.as_str()]).await
}

/// Adds an appointment; false when the idempotency key has one already.
#[tracing::instrument(name = "db.appointments.insert", level = "debug", skip_all)]
pub(crate) async fn insert(
    tx: &mut Tx,
    booking: &Booking,
    appointment: &Appointment,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let details = &appointment.details;
    const SQL: &str = "
        INSERT INTO appointments (appointment_id, idempotency_key, resource, start_at, end_at, status,
            hold_expires_at, contact, contact_name, subject, conversation_id, created_at, updated_at, replaces)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)
        ON CONFLICT (idempotency_key) DO NOTHING";
    let inserted = tx
        .execute(
            SQL,
            params![
                appointment.id.as_str(),
                &booking.idempotency_key,
                &appointment.resource,
                appointment.slot.start,
                appointment.slot.end,
                appointment.status.as_str(),
                appointment.hold_expires_at,
                details.contact.as_ref().map(ToString::to_string).unwrap_or_default(),
                &details.contact_name,
                &details.subject,
                &details.conversation_id,
                now,
                appointment.replaces.as_ref().map(AppointmentId::as_str).unwrap_or_default()
            ],
        )
        .await?;
    Ok(inserted > 0)
}

/// Writes an appointment's slot and status.
#[tracing::instrument(name = "db.appointments.set", level = "debug", skip_all)]
pub(crate) async fn set(tx: &mut Tx, appointment: &Appointment) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE appointments SET start_at = $1, end_at = $2, status = $3, hold_expires_at = $4,
            updated_at = $5
        WHERE appointment_id = $6";
    let now = tx.now();
    tx.execute(
        SQL,
        params![
            appointment.slot.start,
            appointment.slot.end,
            appointment.status.as_str(),
            appointment.hold_expires_at,
            now,
            appointment.id.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// Writes whose an appointment is and what it is about.
#[tracing::instrument(name = "db.appointments.amend", level = "debug", skip_all)]
pub(crate) async fn amend(tx: &mut Tx, appointment: &Appointment) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE appointments SET contact_name = $1, subject = $2, updated_at = $3 WHERE appointment_id = $4",
        params![
            &appointment.details.contact_name,
            &appointment.details.subject,
            now,
            appointment.id.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// Marks an appointment whose place another one took.
#[tracing::instrument(name = "db.appointments.give_up", level = "debug", skip_all)]
pub(crate) async fn give_up(
    tx: &mut Tx,
    id: AppointmentId,
    replaced_by: AppointmentId,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE appointments SET status = $1, replaced_by = $2, updated_at = $3 WHERE appointment_id = $4",
        params![Status::Replaced.as_str(), replaced_by.as_str(), now, id.as_str()],
    )
    .await?;
    Ok(())
}

/// Marks a hold that has run out as released; false when it was confirmed, called off or renewed.
#[tracing::instrument(name = "db.appointments.release", level = "debug", skip_all)]
pub(crate) async fn release(tx: &mut Tx, id: AppointmentId) -> Result<bool, StoreError> {
    let now = tx.now();
    let released = tx
        .execute(
            "UPDATE appointments SET status = 'released', updated_at = $1 \
         WHERE appointment_id = $2 AND status = 'held' AND hold_expires_at <= $1",
            params![now, id.as_str()],
        )
        .await?;
    Ok(released > 0)
}

/// Which appointments to list.
pub(crate) struct Filter {
    /// Those that start at this moment or later.
    pub from: Timestamp,
    /// Those that start before this moment.
    pub to: Timestamp,
    /// Only this contact's.
    pub contact: Option<ContactAddress>,
    /// Those behind this start and id.
    pub after: Option<(Timestamp, AppointmentId)>,
    /// So many at most.
    pub limit: i64,
}

/// Lists appointments by start, then id.
#[tracing::instrument(name = "db.appointments.list", level = "debug", skip_all)]
pub(crate) async fn list(conn: &mut Conn, filter: &Filter) -> Result<Vec<Appointment>, StoreError> {
    let (after_start, after_id) = match &filter.after {
        Some((start, id)) => (start.as_micros(), id.as_str()),
        None => (i64::MIN, ""),
    };
    // `start_at >= $3` says nothing new, but lets the index begin there.
    match &filter.contact {
        None => {
            conn.fetch_all(
                select!(
                    "WHERE start_at >= $1 AND start_at < $2 AND start_at >= $3 \
                 AND (start_at > $3 OR appointment_id > $4) ORDER BY start_at, appointment_id LIMIT $5"
                ),
                params![filter.from, filter.to, after_start, after_id, filter.limit],
            )
            .await
        }
        Some(contact) => {
            conn.fetch_all(
                select!(
                    "WHERE contact = $6 AND start_at >= $1 AND start_at < $2 AND start_at >= $3 \
                 AND (start_at > $3 OR appointment_id > $4) ORDER BY start_at, appointment_id LIMIT $5"
                ),
                params![filter.from, filter.to, after_start, after_id, filter.limit, contact.to_string()],
            )
            .await
        }
    }
}

/// Reads all appointments of a contact, by start.
#[tracing::instrument(name = "db.appointments.by_contact", level = "debug", skip_all)]
pub(crate) async fn by_contact(
    conn: &mut Conn,
    contact: &ContactAddress,
) -> Result<Vec<Appointment>, StoreError> {
    conn.fetch_all(
        select!("WHERE contact = $1 ORDER BY start_at, appointment_id"),
        params![contact.to_string()],
    )
    .await
}

/// Deletes a contact's appointments, their slots and the fences of their conversations; says how many appointments.
#[tracing::instrument(name = "db.appointments.erase", level = "debug", skip_all)]
pub(crate) async fn erase(tx: &mut Tx, contact: &ContactAddress) -> Result<u64, StoreError> {
    let address = contact.to_string();
    for statement in [
        "DELETE FROM slots WHERE appointment_id IN (SELECT appointment_id FROM appointments WHERE contact = $1)",
        "DELETE FROM fences WHERE conversation_id IN (SELECT conversation_id FROM appointments WHERE contact = $1)",
    ] {
        tx.execute(statement, params![&address]).await?;
    }
    for source in [Source::Twilio, Source::Waha, Source::Chatwoot] {
        tx.execute("DELETE FROM fences WHERE conversation_id = $1", params![contact.conversation_id(source)])
            .await?;
    }
    tx.execute("DELETE FROM appointments WHERE contact = $1", params![&address]).await
}

impl FromRow for Appointment {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let broken =
            |problem: String| StoreError::Document { what: "appointment status", source: problem.into() };
        let id = row.parse("appointment_id")?;
        let slot = Slot { start: row.get("start_at")?, end: row.get("end_at")? };
        let word: &str = row.get("status")?;
        let status = Status::parse(word).ok_or_else(|| broken(format!("{word:?} is not known")))?;
        let replaced_by = perhaps(row, "replaced_by")?;
        Ok(Self {
            id,
            slot,
            status: if replaced_by.is_some() { Status::Replaced } else { status },
            hold_expires_at: row.get("hold_expires_at")?,
            resource: row.get("resource")?,
            details: Details {
                contact: perhaps(row, "contact")?,
                contact_name: row.get("contact_name")?,
                subject: row.get("subject")?,
                conversation_id: row.get("conversation_id")?,
            },
            replaces: perhaps(row, "replaces")?,
            replaced_by,
        })
    }
}

/// Reads a column that is empty where there is nothing.
fn perhaps<T>(row: &Row<'_>, column: &str) -> Result<Option<T>, StoreError>
where
    T: FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    if row.get::<&str>(column)?.is_empty() { Ok(None) } else { row.parse(column).map(Some) }
}
