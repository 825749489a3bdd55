//! The RPCs: requests checked, answers put into the contract's words.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, stream};
use mesh::convert::{from_proto_duration, to_proto_duration, to_proto_timestamp};
use proto::delivery::v1::{self as wire, delivery_status_service_server::DeliveryStatusService};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tonic::{Request, Response, Status};

use crate::{
    domain::{Standing, explanation, parse_status},
    latency::Latency,
    queries::{Cursor, MAX_LIST},
    service::Deliveries,
    store::{Delivery, Event, Origin, Report},
};

/// The longest id, of ours or of a provider: WAHA's are the longest, with some 60 characters.
const MAX_ID: usize = 256;

/// The longest callback kept. Twilio's are below 2 KiB.
const MAX_PAYLOAD: usize = 32 * 1024;

/// What is kept of a create response, and of a callback without a payload.
const NO_PAYLOAD: &str = "{}";

/// The longest text of an error kept.
const MAX_TEXT: usize = 2048;

/// Deliveries on a page unless asked otherwise, and at most.
const PAGE: (u32, u32) = (50, 500);

/// The window of the statistics unless asked otherwise, and at most.
const WINDOW: (Duration, Duration) = (Duration::from_hours(24), Duration::from_hours(24 * 366));

/// The server's side of the contract.
pub struct Grpc(pub Deliveries);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DeliveryStatusService for Grpc {
    async fn register_message(
        &self,
        request: Request<wire::RegisterMessageRequest>,
    ) -> Answer<wire::RegisterMessageResponse> {
        let request = request.into_inner();
        let report = Report {
            message_id: Some(id("message_id", request.message_id)?),
            conversation_id: optional_id("conversation_id", request.conversation_id)?,
            attempt: 0,
            error_message: String::new(),
            origin: Origin::Registration,
            ..report(&self.0, request.message_sid, &request.status, 0, request.org_id, request.provider)?
        };
        let kept = self.0.register(report).await.map_err(mesh::status)?;
        Ok(Response::new(wire::RegisterMessageResponse { latest: Some(latest(kept.latest)) }))
    }

    async fn record_status(
        &self,
        request: Request<wire::RecordStatusRequest>,
    ) -> Answer<wire::RecordStatusResponse> {
        let request = request.into_inner();
        let error_code = u32::try_from(request.error_code)
            .map_err(|_| mesh::invalid("error_code", "must not be negative"))?;
        if request.provider_payload.len() > MAX_PAYLOAD {
            return Err(mesh::invalid("provider_payload", "must be at most 32 KiB"));
        }
        let report = Report {
            message_id: optional_id("message_id", request.message_id)?,
            attempt: request.attempt,
            error_message: cut(request.error_message),
            provider_payload: payload(request.provider_payload),
            ..report(
                &self.0,
                request.message_sid,
                &request.status,
                error_code,
                request.org_id,
                request.provider,
            )?
        };
        let kept = self.0.record(report).await.map_err(mesh::status)?;
        Ok(Response::new(wire::RecordStatusResponse {
            appended: kept.appended,
            joined: kept.latest.message_id.is_some(),
            latest: Some(latest(kept.latest)),
        }))
    }

    async fn get_delivery(
        &self,
        request: Request<wire::GetDeliveryRequest>,
    ) -> Answer<wire::GetDeliveryResponse> {
        let request = request.into_inner();
        let delivery = match optional_id("message_id", request.message_id)? {
            Some(message_id) => self.0.of_message(message_id).await,
            None => self.0.of_sid(id("message_sid", request.message_sid)?).await,
        };
        let delivery = delivery.map_err(mesh::status)?;
        let history = self.0.history(delivery.sid.clone()).await.map_err(mesh::status)?;
        Ok(Response::new(wire::GetDeliveryResponse {
            latest: Some(latest(delivery)),
            history: history.into_iter().map(event).collect(),
        }))
    }

    async fn batch_get_deliveries(
        &self,
        request: Request<wire::BatchGetDeliveriesRequest>,
    ) -> Answer<wire::BatchGetDeliveriesResponse> {
        let ids = request.into_inner().message_ids;
        if ids.len() > MAX_LIST {
            return Err(mesh::invalid("message_ids", "must be at most 1000"));
        }
        let ids = ids.into_iter().map(|message| id("message_ids", message)).collect::<Result<_, _>>()?;
        let deliveries = self.0.of_messages(ids).await.map_err(mesh::status)?;
        let deliveries = deliveries.into_iter().map(latest).collect();
        Ok(Response::new(wire::BatchGetDeliveriesResponse { deliveries }))
    }

    async fn list_deliveries(
        &self,
        request: Request<wire::ListDeliveriesRequest>,
    ) -> Answer<wire::ListDeliveriesResponse> {
        let request = request.into_inner();
        let status = match request.status.as_str() {
            "" => "",
            word => parse_status(word).ok_or_else(|| unknown_status("status"))?.as_str(),
        };
        let size = match request.page_size {
            0 => PAGE.0,
            size => size.min(PAGE.1),
        };
        let after = page_token(&request.page_token)?;
        let (deliveries, next) = self.0.page(status, after, size).await.map_err(mesh::status)?;
        Ok(Response::new(wire::ListDeliveriesResponse {
            deliveries: deliveries.into_iter().map(latest).collect(),
            next_page_token: next.as_ref().map(write_page_token).unwrap_or_default(),
        }))
    }

    async fn get_delivery_stats(
        &self,
        request: Request<wire::GetDeliveryStatsRequest>,
    ) -> Answer<wire::GetDeliveryStatsResponse> {
        let window = from_proto_duration("window", request.into_inner().window)?.unwrap_or(WINDOW.0);
        if window.is_zero() || window > WINDOW.1 {
            return Err(mesh::invalid("window", "must be above zero and at most 366 days"));
        }
        let stats = self.0.stats(window).await.map_err(mesh::status)?;
        let total = stats.counts.iter().map(|(_, count)| count).sum();
        let statuses = stats.counts.into_iter().map(|(status, count)| wire::StatusCount {
            status,
            count,
            percentage: percentage(count, total),
        });
        Ok(Response::new(wire::GetDeliveryStatsResponse {
            statuses: statuses.collect(),
            total,
            sent_to_delivered: Some(latency(stats.to_delivered)),
            sent_to_read: Some(latency(stats.to_read)),
        }))
    }

    type WatchDeliveriesStream =
        Pin<Box<dyn Stream<Item = Result<wire::WatchDeliveriesResponse, Status>> + Send>>;

    async fn watch_deliveries(
        &self,
        request: Request<wire::WatchDeliveriesRequest>,
    ) -> Answer<Self::WatchDeliveriesStream> {
        let message_id = optional_id("message_id", request.into_inner().message_id)?;
        let changes = self.0.watch().await.map_err(mesh::status)?;
        Ok(Response::new(Box::pin(watched(changes, message_id))))
    }
}

/// The changes of one message, or of all. A watcher that is too slow is told so and has to read again.
fn watched(
    changes: Receiver<Arc<Delivery>>,
    message_id: Option<String>,
) -> impl Stream<Item = Result<wire::WatchDeliveriesResponse, Status>> + Send {
    stream::unfold(Some((changes, message_id)), |watching| async {
        let (mut changes, message_id) = watching?;
        loop {
            match changes.recv().await {
                Ok(delivery) if message_id.is_none() || delivery.message_id == message_id => {
                    let delivery = Some(latest(Arc::unwrap_or_clone(delivery)));
                    let answer = wire::WatchDeliveriesResponse { delivery };
                    return Some((Ok(answer), Some((changes, message_id))));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    let text = format!(
                        "{missed} changes came faster than they were read; read the state, then watch anew"
                    );
                    return Some((Err(Status::aborted(text)), None));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

/// What registrations and callbacks share.
fn report(
    deliveries: &Deliveries,
    message_sid: String,
    status: &str,
    error_code: u32,
    org_id: String,
    provider: String,
) -> Result<Report, Status> {
    let provider = match provider.as_str() {
        "" => "twilio".to_owned(),
        "twilio" | "waha" | "chatwoot" => provider,
        _ => return Err(mesh::invalid("provider", "must be twilio, waha or chatwoot")),
    };
    Ok(Report {
        sid: id("message_sid", message_sid)?,
        message_id: None,
        conversation_id: None,
        org_id: optional_id("org_id", org_id)?.unwrap_or_else(|| "default".to_owned()),
        provider,
        attempt: 0,
        standing: Standing {
            status: parse_status(status).ok_or_else(|| unknown_status("status"))?,
            error_code,
        },
        error_message: String::new(),
        provider_payload: NO_PAYLOAD.to_owned(),
        received_at: deliveries.now(),
        origin: Origin::Callback,
    })
}

fn unknown_status(field: &str) -> Status {
    mesh::invalid(
        field,
        "must be one of accepted, scheduled, queued, sending, sent, partially_delivered, canceled, failed, undelivered, \
         delivered, read, or an ack of WAHA",
    )
}

fn id(field: &'static str, text: String) -> Result<String, Status> {
    optional_id(field, text)?.ok_or_else(|| mesh::invalid(field, "must not be empty"))
}

fn optional_id(field: &'static str, text: String) -> Result<Option<String>, Status> {
    if text.len() > MAX_ID || text.chars().any(char::is_control) {
        let mend = format!("must be at most {MAX_ID} characters, without control characters");
        return Err(mesh::invalid(field, &mend));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// PostgreSQL keeps no NUL in a text, and a callback is not lost for one.
fn cut(mut text: String) -> String {
    text.retain(|character| character != '\0');
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}

/// The callback as a JSON document: an empty one where there is none.
fn payload(mut json: String) -> String {
    json.retain(|character| character != '\0');
    if json.is_empty() { NO_PAYLOAD.to_owned() } else { json }
}

/// A page token is opaque: hex, since a WAHA id holds a phone number that must not be read from an address bar or a log.
fn write_page_token(cursor: &Cursor) -> String {
    hex::encode(format!("{} {}", cursor.created_at.as_micros(), cursor.sid))
}

fn page_token(token: &str) -> Result<Option<Cursor>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let read = || {
        let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
        let (micros, sid) = text.split_once(' ')?;
        Some(Cursor { created_at: model::Timestamp::from_micros(micros.parse().ok()?), sid: sid.to_owned() })
    };
    read()
        .map(Some)
        .ok_or_else(|| mesh::invalid("page_token", "must be the next_page_token of an earlier answer"))
}

fn latest(delivery: Delivery) -> wire::Delivery {
    let explanation = explanation(&delivery.provider, &delivery.status, delivery.error_code);
    wire::Delivery {
        message_id: delivery.message_id.unwrap_or_default(),
        message_sid: delivery.sid,
        status: delivery.status,
        error_code: signed(delivery.error_code),
        error_message: delivery.error_message,
        error_explanation: explanation.to_owned(),
        updated_at: Some(to_proto_timestamp(delivery.updated_at)),
        sent_at: delivery.sent_at.map(to_proto_timestamp),
        delivered_at: delivery.delivered_at.map(to_proto_timestamp),
        read_at: delivery.read_at.map(to_proto_timestamp),
        provider: delivery.provider,
        attempt: delivery.attempt,
    }
}

fn event(event: Event) -> wire::DeliveryEvent {
    wire::DeliveryEvent {
        status: event.status,
        error_code: signed(event.error_code),
        error_message: event.error_message,
        received_at: Some(to_proto_timestamp(event.received_at)),
    }
}

fn latency(latency: Latency) -> wire::Latency {
    wire::Latency {
        p50: Some(to_proto_duration(latency.p50)),
        p99: Some(to_proto_duration(latency.p99)),
        count: latency.count,
    }
}

fn percentage(count: u64, total: u64) -> f64 {
    let hundredths_of_percent = (u128::from(count) * 10_000).checked_div(u128::from(total)).unwrap_or(0);
    f64::from(u32::try_from(hundredths_of_percent).unwrap_or(10_000)) / 100.0
}

fn signed(error_code: u32) -> i32 {
    i32::try_from(error_code).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use model::Timestamp;
    use tokio::sync::broadcast;

    use super::*;

    fn delivery(status: &str) -> Arc<Delivery> {
        Arc::new(Delivery {
            sid: "SM1".to_owned(),
            message_id: Some("m1".to_owned()),
            provider: "twilio".to_owned(),
            attempt: 1,
            status: status.to_owned(),
            position: 0,
            error_code: 0,
            error_message: String::new(),
            latest_at: Timestamp::EPOCH,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            reported_at: None,
        })
    }

    #[tokio::test]
    async fn a_watcher_that_lags_is_told_and_the_stream_ends() {
        let changes = broadcast::Sender::new(2);
        let mut watched = Box::pin(watched(changes.subscribe(), None));
        for status in ["queued", "sent", "delivered", "read"] {
            changes.send(delivery(status)).unwrap();
        }
        let told = watched.next().await.unwrap().unwrap_err();
        assert_eq!(told.code(), tonic::Code::Aborted);
        assert!(told.message().starts_with("2 changes"), "{}", told.message());
        assert!(watched.next().await.is_none());
    }

    #[test]
    fn a_page_token_survives_the_wire_and_shows_no_phone() {
        let sid = "true_31612345678@c.us_3EB0".to_owned();
        let cursor = Cursor { created_at: Timestamp::from_micros(12), sid };
        let token = write_page_token(&cursor);
        assert!(!token.contains("31612345678"));
        assert_eq!(page_token(&token).unwrap(), Some(cursor));
        assert!(page_token("zz").is_err() && page_token("00").is_err());
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = cut("é".repeat(2000) + "\0");
        assert!(text.len() <= MAX_TEXT && text.chars().all(|character| character == 'é'));
    }
}
