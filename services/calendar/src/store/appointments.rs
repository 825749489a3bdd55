//! Table `appointments`.

use model::{AppointmentId, ContactAddress, Source, Timestamp};
use store::sqlx::{self, AnyConnection, AssertSqlSafe};
use store::{StoreError, Tx};

use crate::domain::{Appointment, Booking, Details, Status};
use crate::slots::Slot;

type Row = (String, i64, i64, String, i64, String, String, String, String, String, String, String);

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
pub(crate) async fn by_key(conn: &mut AnyConnection, key: &str) -> Result<Option<Appointment>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as(select!("WHERE idempotency_key = $1")).bind(key).fetch_optional(conn).await?;
    row.map(appointment).transpose()
}

/// Reads an appointment.
#[tracing::instrument(name = "db.appointments.by_id", level = "debug", skip_all)]
pub(crate) async fn by_id(
    conn: &mut AnyConnection,
    id: AppointmentId,
) -> Result<Option<Appointment>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as(select!("WHERE appointment_id = $1")).bind(id.as_str()).fetch_optional(conn).await?;
    row.map(appointment).transpose()
}

/// Reads an appointment and keeps others from changing it until the commit.
#[tracing::instrument(name = "db.appointments.lock", level = "debug", skip_all)]
pub(crate) async fn lock(tx: &mut Tx, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
    let statement = format!("{}{}", select!("WHERE appointment_id = $1"), tx.engine().for_update());
    let row: Option<Row> =
        sqlx::query_as(AssertSqlSafe(statement)).bind(id.as_str()).fetch_optional(tx.conn()).await?;
    row.map(appointment).transpose()
}

/// Adds an appointment; false when the idempotency key has one already.
#[tracing::instrument(name = "db.appointments.insert", level = "debug", skip_all)]
pub(crate) async fn insert(
    tx: &mut Tx,
    booking: &Booking,
    appointment: &Appointment,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let details = &appointment.details;
    let inserted = sqlx::query(
        "INSERT INTO appointments (appointment_id, idempotency_key, resource, start_at, end_at, status, hold_expires_at, \
         contact, contact_name, subject, conversation_id, created_at, updated_at, replaces) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13) ON CONFLICT (idempotency_key) DO NOTHING",
    )
    .bind(appointment.id.as_str())
    .bind(&booking.idempotency_key)
    .bind(&appointment.resource)
    .bind(appointment.slot.start.as_micros())
    .bind(appointment.slot.end.as_micros())
    .bind(appointment.status.as_str())
    .bind(appointment.hold_expires_at.as_micros())
    .bind(details.contact.as_ref().map(ToString::to_string).unwrap_or_default())
    .bind(&details.contact_name)
    .bind(&details.subject)
    .bind(&details.conversation_id)
    .bind(now.as_micros())
    .bind(appointment.replaces.as_ref().map(AppointmentId::as_str).unwrap_or_default())
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Writes an appointment's slot and status.
#[tracing::instrument(name = "db.appointments.set", level = "debug", skip_all)]
pub(crate) async fn set(tx: &mut Tx, appointment: &Appointment, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE appointments SET start_at = $1, end_at = $2, status = $3, hold_expires_at = $4, updated_at = $5 \
         WHERE appointment_id = $6",
    )
    .bind(appointment.slot.start.as_micros())
    .bind(appointment.slot.end.as_micros())
    .bind(appointment.status.as_str())
    .bind(appointment.hold_expires_at.as_micros())
    .bind(now.as_micros())
    .bind(appointment.id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes whose an appointment is and what it is about.
#[tracing::instrument(name = "db.appointments.amend", level = "debug", skip_all)]
pub(crate) async fn amend(tx: &mut Tx, appointment: &Appointment, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE appointments SET contact_name = $1, subject = $2, updated_at = $3 WHERE appointment_id = $4",
    )
    .bind(&appointment.details.contact_name)
    .bind(&appointment.details.subject)
    .bind(now.as_micros())
    .bind(appointment.id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks an appointment whose place another one took.
#[tracing::instrument(name = "db.appointments.give_up", level = "debug", skip_all)]
pub(crate) async fn give_up(
    tx: &mut Tx,
    id: AppointmentId,
    replaced_by: AppointmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE appointments SET status = $1, replaced_by = $2, updated_at = $3 WHERE appointment_id = $4",
    )
    .bind(Status::Replaced.as_str())
    .bind(replaced_by.as_str())
    .bind(now.as_micros())
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks a hold that has run out as released; false when it was confirmed, called off or renewed.
#[tracing::instrument(name = "db.appointments.release", level = "debug", skip_all)]
pub(crate) async fn release(tx: &mut Tx, id: AppointmentId, now: Timestamp) -> Result<bool, StoreError> {
    let released = sqlx::query(
        "UPDATE appointments SET status = 'released', updated_at = $1 \
         WHERE appointment_id = $2 AND status = 'held' AND hold_expires_at <= $1",
    )
    .bind(now.as_micros())
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(released.rows_affected() > 0)
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
pub(crate) async fn list(conn: &mut AnyConnection, filter: &Filter) -> Result<Vec<Appointment>, StoreError> {
    let (after_start, after_id) = match &filter.after {
        Some((start, id)) => (start.as_micros(), id.as_str()),
        None => (i64::MIN, ""),
    };
    // `start_at >= $3` says nothing new, but lets the index begin there.
    let rows: Vec<Row> = match &filter.contact {
        None => {
            sqlx::query_as(select!(
                "WHERE start_at >= $1 AND start_at < $2 AND start_at >= $3 \
                 AND (start_at > $3 OR appointment_id > $4) ORDER BY start_at, appointment_id LIMIT $5"
            ))
            .bind(filter.from.as_micros())
            .bind(filter.to.as_micros())
            .bind(after_start)
            .bind(after_id)
            .bind(filter.limit)
            .fetch_all(conn)
            .await?
        }
        Some(contact) => {
            sqlx::query_as(select!(
                "WHERE contact = $6 AND start_at >= $1 AND start_at < $2 AND start_at >= $3 \
                 AND (start_at > $3 OR appointment_id > $4) ORDER BY start_at, appointment_id LIMIT $5"
            ))
            .bind(filter.from.as_micros())
            .bind(filter.to.as_micros())
            .bind(after_start)
            .bind(after_id)
            .bind(filter.limit)
            .bind(contact.to_string())
            .fetch_all(conn)
            .await?
        }
    };
    rows.into_iter().map(appointment).collect()
}

/// Reads all appointments of a contact, by start.
#[tracing::instrument(name = "db.appointments.by_contact", level = "debug", skip_all)]
pub(crate) async fn by_contact(
    conn: &mut AnyConnection,
    contact: &ContactAddress,
) -> Result<Vec<Appointment>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(select!("WHERE contact = $1 ORDER BY start_at, appointment_id"))
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(appointment).collect()
}

/// Deletes a contact's appointments, their slots and the fences of their conversations; says how many appointments.
#[tracing::instrument(name = "db.appointments.erase", level = "debug", skip_all)]
pub(crate) async fn erase(tx: &mut Tx, contact: &ContactAddress) -> Result<u64, StoreError> {
    let address = contact.to_string();
    for statement in [
        "DELETE FROM slots WHERE appointment_id IN (SELECT appointment_id FROM appointments WHERE contact = $1)",
        "DELETE FROM fences WHERE conversation_id IN (SELECT conversation_id FROM appointments WHERE contact = $1)",
    ] {
        sqlx::query(statement).bind(&address).execute(tx.conn()).await?;
    }
    for source in [Source::Twilio, Source::Waha, Source::Chatwoot] {
        sqlx::query("DELETE FROM fences WHERE conversation_id = $1")
            .bind(contact.conversation_id(source))
            .execute(tx.conn())
            .await?;
    }
    let erased =
        sqlx::query("DELETE FROM appointments WHERE contact = $1").bind(&address).execute(tx.conn()).await?;
    Ok(erased.rows_affected())
}

fn appointment(row: Row) -> Result<Appointment, StoreError> {
    let (
        id,
        start,
        end,
        status,
        hold_expires_at,
        resource,
        contact,
        contact_name,
        subject,
        conversation_id,
        replaces,
        replaced_by,
    ) = row;
    let broken = |problem: Box<dyn std::error::Error + Send + Sync>| StoreError::Document {
        what: "appointment",
        source: problem,
    };
    let contact = match contact.as_str() {
        "" => None,
        address => Some(ContactAddress::parse(address).map_err(|error| broken(error.into()))?),
    };
    let other = |id: &str| match id {
        "" => Ok(None),
        id => id.parse::<AppointmentId>().map(Some).map_err(|error| broken(error.into())),
    };
    let replaced_by = other(&replaced_by)?;
    let status = match Status::parse(&status) {
        Some(_) if replaced_by.is_some() => Status::Replaced,
        Some(status) => status,
        None => return Err(broken(format!("appointment status {status:?} is not known").into())),
    };
    Ok(Appointment {
        id: id.parse().map_err(|error: model::InvalidId| broken(error.into()))?,
        slot: Slot { start: Timestamp::from_micros(start), end: Timestamp::from_micros(end) },
        status,
        hold_expires_at: Timestamp::from_micros(hold_expires_at),
        resource,
        details: Details { contact, contact_name, subject, conversation_id },
        replaces: other(&replaces)?,
        replaced_by,
    })
}
