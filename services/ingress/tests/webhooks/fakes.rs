//! The services behind the ingress: they keep state, and can be told to be away, slow or strict.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use proto::dedup::v1 as dedup;
use proto::delivery::v1 as delivery;
use proto::orchestrator::v1 as orchestrator;
use proto::ratelimit::v1 as ratelimit;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Whether a fake answers, and how fast.
#[derive(Default)]
pub struct Mood {
    pub away: AtomicBool,
    pub delay_ms: AtomicU64,
}

impl Mood {
    async fn suffer(&self) -> Result<(), Status> {
        let delay = self.delay_ms.load(Ordering::SeqCst);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if self.away.load(Ordering::SeqCst) { Err(Status::unavailable("away")) } else { Ok(()) }
    }
}

#[derive(Default)]
pub struct Orchestrator {
    pub mood: Mood,
    pub refuses: AtomicBool,
    pub calls: AtomicU64,
    pub kept: Mutex<Vec<orchestrator::InboundMessage>>,
    pub traceparents: Mutex<Vec<String>>,
    pub audit: Mutex<Vec<orchestrator::AuditEvent>>,
}

pub fn traceparent<T>(request: &Request<T>) -> String {
    let value = request.metadata().get("traceparent").map(|value| value.to_str().expect("ascii").to_owned());
    value.unwrap_or_default()
}

macro_rules! fake_orchestrator {
    ($($name:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl orchestrator::orchestrator_service_server::OrchestratorService for Shared<Orchestrator> {
            type WatchConversationStream =
                tonic::codegen::tokio_stream::Empty<Result<orchestrator::WatchConversationResponse, Status>>;

            async fn watch_conversation(
                &self,
                _: Request<orchestrator::WatchConversationRequest>,
            ) -> Answer<Self::WatchConversationStream> {
                Err(Status::unimplemented("the ingress does not call this"))
            }

            async fn submit_message(
                &self,
                request: Request<orchestrator::SubmitMessageRequest>,
            ) -> Answer<orchestrator::SubmitMessageResponse> {
                self.0.calls.fetch_add(1, Ordering::SeqCst);
                self.0.mood.suffer().await?;
                if self.0.refuses.load(Ordering::SeqCst) {
                    return Err(mesh::invalid("message_content", "must be shorter"));
                }
                self.0.traceparents.lock().expect("whole").push(traceparent(&request));
                let message = request.into_inner().message.expect("a message");
                let mut kept = self.0.kept.lock().expect("whole");
                let is_new = kept.iter().all(|known| known.message_id != message.message_id);
                if is_new {
                    kept.push(message);
                }
                Ok(Response::new(orchestrator::SubmitMessageResponse { is_new, ..Default::default() }))
            }

            async fn append_audit_events(
                &self,
                request: Request<orchestrator::AppendAuditEventsRequest>,
            ) -> Answer<orchestrator::AppendAuditEventsResponse> {
                self.0.mood.suffer().await?;
                self.0.audit.lock().expect("whole").extend(request.into_inner().events);
                Ok(Response::new(orchestrator::AppendAuditEventsResponse::default()))
            }

            $(async fn $name(
                &self,
                _: Request<orchestrator::$request>,
            ) -> Answer<orchestrator::$response> {
                Err(Status::unimplemented("the ingress does not call this"))
            })*
        }
    };
}

fake_orchestrator! {
    analyze_message(AnalyzeMessageRequest) -> AnalyzeMessageResponse;
    get_conversation(GetConversationRequest) -> GetConversationResponse;
    list_conversations(ListConversationsRequest) -> ListConversationsResponse;
    list_messages(ListMessagesRequest) -> ListMessagesResponse;
    pause_agents(PauseAgentsRequest) -> PauseAgentsResponse;
    resume_agents(ResumeAgentsRequest) -> ResumeAgentsResponse;
    send_human_reply(SendHumanReplyRequest) -> SendHumanReplyResponse;
    list_dead_letters(ListDeadLettersRequest) -> ListDeadLettersResponse;
    retry_dead_letter(RetryDeadLetterRequest) -> RetryDeadLetterResponse;
    discard_dead_letter(DiscardDeadLetterRequest) -> DiscardDeadLetterResponse;
    list_audit_events(ListAuditEventsRequest) -> ListAuditEventsResponse;
    list_tasks(ListTasksRequest) -> ListTasksResponse;
    complete_task(CompleteTaskRequest) -> CompleteTaskResponse;
    export_contact(ExportContactRequest) -> ExportContactResponse;
    erase_contact(EraseContactRequest) -> EraseContactResponse;
}

/// A fake as a tonic service.
pub struct Shared<T>(pub std::sync::Arc<T>);

#[derive(Default)]
pub struct DedupLock {
    pub mood: Mood,
    /// Per key whether it is completed.
    pub claims: Mutex<HashMap<String, bool>>,
    pub taken: Mutex<HashMap<String, u32>>,
}

#[tonic::async_trait]
impl dedup::dedup_service_server::DedupService for Shared<DedupLock> {
    async fn claim(&self, request: Request<dedup::ClaimRequest>) -> Answer<dedup::ClaimResponse> {
        self.0.mood.suffer().await?;
        let request = request.into_inner();
        assert_eq!(request.ttl.expect("a ttl").seconds, 3_600);
        let mut claims = self.0.claims.lock().expect("whole");
        let outcome = match claims.get(&request.key) {
            None => {
                claims.insert(request.key, false);
                dedup::Outcome::Claimed
            }
            Some(false) => dedup::Outcome::InProgress,
            Some(true) => dedup::Outcome::Completed,
        };
        let claim_token = if outcome == dedup::Outcome::Claimed { "token".to_owned() } else { String::new() };
        Ok(Response::new(dedup::ClaimResponse { outcome: outcome.into(), claim_token }))
    }

    async fn complete(&self, request: Request<dedup::CompleteRequest>) -> Answer<dedup::CompleteResponse> {
        self.0.mood.suffer().await?;
        let request = request.into_inner();
        assert_eq!(request.claim_token, "token");
        self.0.claims.lock().expect("whole").insert(request.key, true);
        Ok(Response::new(dedup::CompleteResponse { completed: true }))
    }

    async fn release(&self, request: Request<dedup::ReleaseRequest>) -> Answer<dedup::ReleaseResponse> {
        self.0.mood.suffer().await?;
        let request = request.into_inner();
        assert_eq!(request.claim_token, "token");
        self.0.claims.lock().expect("whole").remove(&request.key);
        Ok(Response::new(dedup::ReleaseResponse { released: true }))
    }
}

#[tonic::async_trait]
impl ratelimit::rate_limit_service_server::RateLimitService for Shared<DedupLock> {
    async fn take(&self, request: Request<ratelimit::TakeRequest>) -> Answer<ratelimit::TakeResponse> {
        self.0.mood.suffer().await?;
        let request = request.into_inner();
        let mut taken = self.0.taken.lock().expect("whole");
        let taken = taken.entry(request.key).or_default();
        let allowed = *taken < request.limit;
        *taken += u32::from(allowed);
        let retry_after = (!allowed).then(|| mesh::convert::to_proto_duration(Duration::from_millis(6_500)));
        let remaining = request.limit - *taken;
        Ok(Response::new(ratelimit::TakeResponse { allowed, remaining, retry_after }))
    }
}

#[derive(Default)]
pub struct DeliveryStatus {
    pub mood: Mood,
    pub rows: Mutex<Vec<delivery::RecordStatusRequest>>,
    pub traceparents: Mutex<Vec<String>>,
    pub at_work: AtomicU64,
    pub most_at_work: AtomicU64,
}

#[tonic::async_trait]
impl delivery::delivery_status_service_server::DeliveryStatusService for Shared<DeliveryStatus> {
    type WatchDeliveriesStream =
        tonic::codegen::tokio_stream::Empty<Result<delivery::WatchDeliveriesResponse, Status>>;

    async fn record_status(
        &self,
        request: Request<delivery::RecordStatusRequest>,
    ) -> Answer<delivery::RecordStatusResponse> {
        let at_work = self.0.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most_at_work.fetch_max(at_work, Ordering::SeqCst);
        let suffered = self.0.mood.suffer().await;
        self.0.at_work.fetch_sub(1, Ordering::SeqCst);
        suffered?;
        self.0.traceparents.lock().expect("whole").push(traceparent(&request));
        let row = request.into_inner();
        let mut rows = self.0.rows.lock().expect("whole");
        let appended = !rows.contains(&row);
        if appended {
            rows.push(row);
        }
        Ok(Response::new(delivery::RecordStatusResponse { appended, joined: true, latest: None }))
    }

    async fn register_message(
        &self,
        _: Request<delivery::RegisterMessageRequest>,
    ) -> Answer<delivery::RegisterMessageResponse> {
        Err(Status::unimplemented("the ingress does not call this"))
    }

    async fn get_delivery(
        &self,
        _: Request<delivery::GetDeliveryRequest>,
    ) -> Answer<delivery::GetDeliveryResponse> {
        Err(Status::unimplemented("the ingress does not call this"))
    }

    async fn batch_get_deliveries(
        &self,
        _: Request<delivery::BatchGetDeliveriesRequest>,
    ) -> Answer<delivery::BatchGetDeliveriesResponse> {
        Err(Status::unimplemented("the ingress does not call this"))
    }

    async fn list_deliveries(
        &self,
        _: Request<delivery::ListDeliveriesRequest>,
    ) -> Answer<delivery::ListDeliveriesResponse> {
        Err(Status::unimplemented("the ingress does not call this"))
    }

    async fn get_delivery_stats(
        &self,
        _: Request<delivery::GetDeliveryStatsRequest>,
    ) -> Answer<delivery::GetDeliveryStatsResponse> {
        Err(Status::unimplemented("the ingress does not call this"))
    }

    async fn watch_deliveries(
        &self,
        _: Request<delivery::WatchDeliveriesRequest>,
    ) -> Answer<Self::WatchDeliveriesStream> {
        Err(Status::unimplemented("the ingress does not call this"))
    }
}
