//! Between the contract's types and ours.

use std::collections::HashMap;

use assistant::reading::{Analysis, Entities, Sentiment};
use mesh::convert::to_proto_timestamp as moment;
use model::{ContactAddress, Source, Timestamp};
use proto::{
    delivery::v1::Delivery,
    orchestrator::v1::{self as v1, InboundMessage},
};
use telemetry::TraceContext;
use tonic::Status;

use crate::{
    outgoing,
    store::{
        audit::AuditEvent,
        conversations::{Conversation, Key, Owner},
        messages::StoredMessage,
        tasks::StoredTask,
    },
    submit::Inbound,
};

/// Checks a submitted message.
pub fn inbound(message: Option<InboundMessage>) -> Result<Inbound, Status> {
    let message = message.ok_or_else(|| mesh::invalid("message", "must be set"))?;
    let source = match message.source() {
        proto::common::v1::Source::Twilio => Source::Twilio,
        proto::common::v1::Source::Waha => Source::Waha,
        proto::common::v1::Source::Chatwoot => Source::Chatwoot,
        proto::common::v1::Source::Unspecified => {
            return Err(mesh::invalid(
                "message.source",
                "must be SOURCE_TWILIO, SOURCE_WAHA or SOURCE_CHATWOOT",
            ));
        }
    };
    if message.message_id.is_empty() {
        return Err(mesh::invalid("message.message_id", "must be the provider's id of the message"));
    }
    let address = address(&message)?;
    let org_id = if message.org_id.is_empty() { crate::keys::DEFAULT_ORG.to_owned() } else { message.org_id };
    Ok(Inbound {
        key: Key { org_id, source, address, contact_name: message.contact_name },
        provider_message_id: message.message_id,
        from_address: message.from_address,
        to_address: message.to_address,
        body: message.message_content,
        media: message.media.into_iter().map(|media| (media.url, media.content_type)).collect(),
        metadata: message.metadata.into_iter().collect(),
        raw: message.raw.into_iter().map(|pair| (pair.name, pair.value)).collect(),
    })
}

/// Who wrote: the phone where there is one, else the address as the provider spells it, else the conversation's.
fn address(message: &InboundMessage) -> Result<ContactAddress, Status> {
    let spellings = [
        ("message.contact_phone", &message.contact_phone),
        ("message.from_address", &message.from_address),
        ("message.conversation_id", &message.conversation_id),
    ];
    let (field, spelling) = spellings
        .into_iter()
        .find(|(_, spelling)| !spelling.is_empty())
        .ok_or_else(|| mesh::invalid("message.from_address", "must be the customer's address"))?;
    ContactAddress::parse(spelling).map_err(|error| mesh::invalid(field, &error.to_string()))
}

/// A conversation as the contract shows it.
pub fn conversation(row: Conversation) -> v1::Conversation {
    let waiting = row.is_waiting();
    v1::Conversation {
        conversation_id: row.id.to_string(),
        contact_id: row.contact_id.to_string(),
        contact_address: row.address.to_string(),
        contact_name: row.contact_name,
        source: outgoing::source(row.source).into(),
        owner: match row.owner {
            Owner::Agents => v1::Owner::Agents,
            Owner::Human => v1::Owner::Human,
            Owner::Nobody => v1::Owner::Nobody,
        }
        .into(),
        language: row.language,
        created_at: Some(moment(row.created_at)),
        last_message_at: Some(moment(row.last_message_at)),
        last_message_preview: row.preview,
        lead_score: i32::try_from(row.lead_score).unwrap_or(i32::MAX),
        lead_status: row.lead_status,
        opted_out: row.opted_out,
        waiting,
    }
}

/// A message as the contract shows it.
pub fn message(row: StoredMessage) -> v1::Message {
    let direction = if row.direction == "inbound" { v1::Direction::Inbound } else { v1::Direction::Outbound };
    let media = row.extras.media.into_iter().map(|(url, content_type)| v1::Media { url, content_type });
    v1::Message {
        message_id: row.id.to_string(),
        conversation_id: row.conversation_id.to_string(),
        direction: direction.into(),
        body: row.body,
        created_at: Some(moment(row.created_at)),
        state: row.state,
        provider_message_id: row.provider_message_id,
        media: media.collect(),
        turn_id: row.turn_id,
        trace_id: row
            .traceparent
            .parse::<TraceContext>()
            .map(|trace| trace.trace_id().to_owned())
            .unwrap_or_default(),
        author: row.author,
        intent: row.intent,
        error_code: 0,
    }
}

/// A task as the contract shows it.
pub fn task(row: StoredTask) -> v1::Task {
    v1::Task {
        task_id: row.id,
        conversation_id: row.conversation_id.to_string(),
        kind: row.kind,
        details: row.details,
        state: if row.open { v1::TaskState::Open } else { v1::TaskState::Done }.into(),
        owner: row.owner,
        due_at: Some(moment(row.due_at)),
        created_at: Some(moment(row.created_at)),
        done_at: row.done_at.map(moment),
        done_by: row.done_by,
        contact: row.contact,
    }
}

/// Adds what the provider said of outbound messages.
pub fn join_deliveries(messages: &mut [v1::Message], deliveries: Vec<Delivery>) {
    let mut deliveries: HashMap<String, Delivery> =
        deliveries.into_iter().map(|delivery| (delivery.message_id.clone(), delivery)).collect();
    for message in messages {
        if let Some(delivery) = deliveries.remove(&message.message_id) {
            message.state = delivery.status;
            message.provider_message_id = delivery.message_sid;
            message.error_code = delivery.error_code;
        }
    }
}

/// An audit event as the contract shows it.
pub fn audit_event(event: AuditEvent) -> v1::AuditEvent {
    v1::AuditEvent {
        event_id: event.event_id,
        conversation_id: event.conversation_id,
        actor_type: event.actor_type,
        event_type: event.event_type,
        input_redacted: event.input_redacted,
        output_redacted: event.output_redacted,
        success: event.success,
        error_code: event.error_code,
        error_message: event.error_message,
        created_at: Some(moment(event.created_at)),
    }
}

/// An audit event of a caller.
pub fn audit_event_in(event: v1::AuditEvent) -> Result<AuditEvent, Status> {
    if event.event_id.is_empty() {
        return Err(mesh::invalid("events.event_id", "must be set: it is the idempotency key"));
    }
    let created_at: Timestamp = mesh::convert::required_timestamp("events.created_at", event.created_at)?;
    Ok(AuditEvent {
        event_id: event.event_id,
        conversation_id: event.conversation_id,
        actor_type: event.actor_type,
        event_type: event.event_type,
        input_redacted: event.input_redacted,
        output_redacted: event.output_redacted,
        success: event.success,
        error_code: event.error_code,
        error_message: event.error_message,
        created_at,
    })
}

/// What was understood, as the contract shows it.
pub fn analysis(analysis: Analysis) -> v1::Analysis {
    v1::Analysis {
        intent: v1::Intent::from_str_name(analysis.intent.as_str()).unwrap_or(v1::Intent::Other).into(),
        confidence: f64::from(analysis.confidence),
        language: analysis.language.as_str().to_owned(),
        entities: Some(entities(analysis.entities)),
        sentiment: match analysis.sentiment {
            Sentiment::Positive => v1::Sentiment::Positive,
            Sentiment::Neutral => v1::Sentiment::Neutral,
            Sentiment::Negative => v1::Sentiment::Negative,
        }
        .into(),
        should_escalate: analysis.should_escalate,
    }
}

fn entities(entities: Entities) -> v1::Entities {
    v1::Entities {
        make: entities.make,
        model: entities.model,
        trade_in_make: entities.trade_in_make,
        trade_in_model: entities.trade_in_model,
        price_min_eur: entities.price_min_eur,
        price_max_eur: entities.price_max_eur,
        month_max_eur: entities.month_max_eur,
        year_min: entities.year_min,
        year_max: entities.year_max,
        mileage_max_km: entities.mileage_max_km,
        fuel: entities.fuel,
        transmission: entities.transmission,
        body_type: entities.body_type,
        color: entities.color,
        preferred_date: entities.preferred_date,
        preferred_time: entities.preferred_time,
        choice: entities.choice,
        name: entities.name,
        email: entities.email,
        phone: entities.phone,
        license_plate: entities.license_plate,
        urgency: entities.urgency,
    }
}

#[cfg(test)]
mod tests {
    use super::v1;
    use assistant::reading::Intent;

    #[test]
    fn every_intent_has_its_name_in_the_contract() {
        for intent in Intent::ALL {
            assert!(v1::Intent::from_str_name(intent.as_str()).is_some(), "{}", intent.as_str());
        }
    }
}
