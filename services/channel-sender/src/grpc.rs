//! Proto in, domain out, status at the edge; no decisions.

mod parse;

use model::Timestamp;
use proto::channel::v1::channel_service_server::ChannelService;
use proto::channel::v1::{
    GetMessageStatusRequest, GetMessageStatusResponse, ListOutboxRequest, ListOutboxResponse, OutboxMessage,
    ReportFailureRequest, ReportFailureResponse, SendMessageBatchRequest, SendMessageBatchResponse,
    SendMessageRequest, SendMessageResponse, SendMessageResult, SendState as ProtoState,
    SetContactStateRequest, SetContactStateResponse,
};
use tonic::{Request, Response, Status as RpcStatus};

use crate::Config;
use crate::domain::SendState;
use crate::service::{MessageKey, Sender};
use crate::store::messages::Status;

/// Messages on a page unless asked otherwise, and at most.
const PAGE_SIZE: u32 = 100;
/// Messages on a page at most.
const MAX_PAGE_SIZE: u32 = 500;
/// Messages in one batch at most.
const MAX_BATCH: usize = 500;

/// The RPCs of `proefrit.channel.v1.ChannelService`.
pub struct Grpc {
    sender: Sender,
    config: Config,
}

impl Grpc {
    /// The RPCs over the use cases.
    pub fn new(sender: Sender, config: Config) -> Self {
        Self { sender, config }
    }

    async fn accept(&self, request: SendMessageRequest) -> Result<SendState, RpcStatus> {
        let new = parse::new_message(request, &self.config)?;
        self.sender.check_reach(new.channel, &new.contact).map_err(mesh::status)?;
        self.sender.accept(new).await.map_err(mesh::status)
    }
}

#[tonic::async_trait]
impl ChannelService for Grpc {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, RpcStatus> {
        let request = request.into_inner();
        let message_id = request.message_id.clone();
        let state = to_proto(self.accept(request).await?).into();
        Ok(Response::new(SendMessageResponse { message_id, state }))
    }

    async fn send_message_batch(
        &self,
        request: Request<SendMessageBatchRequest>,
    ) -> Result<Response<SendMessageBatchResponse>, RpcStatus> {
        let messages = request.into_inner().messages;
        if messages.len() > MAX_BATCH {
            return Err(mesh::invalid("messages", "must be at most 500"));
        }
        let mut results = Vec::with_capacity(messages.len());
        for message in messages {
            let message_id = message.message_id.clone();
            results.push(match self.accept(message).await {
                Ok(state) => {
                    SendMessageResult { message_id, state: to_proto(state).into(), error: String::new() }
                }
                Err(status) => SendMessageResult {
                    message_id,
                    state: ProtoState::Unspecified.into(),
                    error: batch_error(&status),
                },
            });
        }
        Ok(Response::new(SendMessageBatchResponse { results }))
    }

    async fn get_message_status(
        &self,
        request: Request<GetMessageStatusRequest>,
    ) -> Result<Response<GetMessageStatusResponse>, RpcStatus> {
        let GetMessageStatusRequest { message_id, message_sid, refresh } = request.into_inner();
        let asked = match (message_id.is_empty(), message_sid.is_empty()) {
            (false, _) => MessageKey::Id(message_id),
            (true, false) => MessageKey::Sid(message_sid),
            (true, true) => return Err(mesh::invalid("message_id", "or message_sid must be set")),
        };
        let parts = self.sender.status(asked, refresh).await.map_err(mesh::status)?;
        Ok(Response::new(whole(parts)))
    }

    async fn set_contact_state(
        &self,
        request: Request<SetContactStateRequest>,
    ) -> Result<Response<SetContactStateResponse>, RpcStatus> {
        let (contact, change) = parse::contact_change(&request.into_inner())?;
        self.sender.set_contact_state(contact, change).await.map_err(mesh::status)?;
        Ok(Response::new(SetContactStateResponse {}))
    }

    async fn report_failure(
        &self,
        request: Request<ReportFailureRequest>,
    ) -> Result<Response<ReportFailureResponse>, RpcStatus> {
        let ReportFailureRequest { message_id, error_code, message_sid } = request.into_inner();
        let code =
            u32::try_from(error_code).map_err(|_| mesh::invalid("error_code", "must not be negative"))?;
        let failed_sid = Some(message_sid).filter(|sid| !sid.is_empty());
        let state = self.sender.report_failure(message_id, failed_sid, code).await.map_err(mesh::status)?;
        Ok(Response::new(ReportFailureResponse { state: to_proto(state).into() }))
    }

    async fn list_outbox(
        &self,
        request: Request<ListOutboxRequest>,
    ) -> Result<Response<ListOutboxResponse>, RpcStatus> {
        let ListOutboxRequest { page_size, page_token } = request.into_inner();
        let limit = if page_size == 0 { PAGE_SIZE } else { page_size.min(MAX_PAGE_SIZE) };
        let after = parse::page_token(&page_token)?;
        let messages = self.sender.outbox(after, limit).await.map_err(mesh::status)?;
        let is_full = u32::try_from(messages.len()).is_ok_and(|length| length == limit);
        let next_page_token = messages.last().filter(|_| is_full).map(token_after).unwrap_or_default();
        let messages = messages.into_iter().map(outbox_message).collect();
        Ok(Response::new(ListOutboxResponse { messages, next_page_token }))
    }
}

/// What stands in a batch's result: a refusal's reason, else a sentence.
fn batch_error(status: &RpcStatus) -> String {
    let is_refusal = status.code() == tonic::Code::FailedPrecondition;
    mesh::reason(status).filter(|_| is_refusal).unwrap_or_else(|| status.message().to_owned())
}

fn token_after(last: &Status) -> String {
    format!("{}.{}", last.created_at.as_micros(), last.message_id)
}

fn outbox_message(message: Status) -> OutboxMessage {
    OutboxMessage {
        message_id: message.message_id,
        state: to_proto(message.state).into(),
        attempts: message.attempts,
        error: message.error.unwrap_or_default(),
        created_at: Some(mesh::convert::to_proto_timestamp(message.created_at)),
    }
}

/// A message by its parts: as far as the lowest, with the first's sid and the attempts of all.
fn whole(parts: Vec<Status>) -> GetMessageStatusResponse {
    let attempts = parts.iter().map(|part| part.attempts).sum();
    let first_sid = parts.first().and_then(|part| part.message_sid.clone()).unwrap_or_default();
    let message_id = parts.first().map(|part| part.message_id.clone()).unwrap_or_default();
    let Some(lowest) = parts.into_iter().min_by_key(|part| part.state) else {
        return GetMessageStatusResponse::default();
    };
    GetMessageStatusResponse {
        state: to_proto(lowest.state).into(),
        message_sid: first_sid,
        provider_status: lowest.provider_status.unwrap_or_default(),
        attempts,
        error: lowest.error.unwrap_or_default(),
        price: lowest.price.unwrap_or_default(),
        price_unit: lowest.price_unit.unwrap_or_default(),
        message_id,
    }
}

const fn to_proto(state: SendState) -> ProtoState {
    match state {
        SendState::Queued => ProtoState::Queued,
        SendState::Sending => ProtoState::Sending,
        SendState::Sent => ProtoState::Sent,
        SendState::Unknown => ProtoState::Unknown,
        SendState::Parked => ProtoState::Parked,
        SendState::Failed => ProtoState::Failed,
        SendState::Refused => ProtoState::Refused,
    }
}

/// Before every message.
const FIRST_PAGE: (Timestamp, String) = (Timestamp::EPOCH, String::new());
