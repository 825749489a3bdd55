//! The CRM's RPCs: proto in, domain out.

use std::collections::{BTreeMap, HashMap};

use mesh::convert::{from_proto_timestamp, to_proto_timestamp};
use model::Timestamp;
use proto::crm::v1 as pb;
use proto::crm::v1::crm_service_server::CrmService;
use proto::privacy::v1::privacy_service_server::PrivacyService;
use proto::privacy::v1::{EraseRequest, EraseResponse, ExportRequest, ExportResponse};
use tonic::{Request, Response, Status};

use crate::crm::Crm;
use crate::domain::{Contact, Deal, Interaction, NewDeal};
use crate::error::Error;
use crate::fields::{address, cursor, cursor_text, interests, page_size, required, text};
use crate::scoring::{LeadStatus, Signal, Signals};

/// The organisation of whoever names none.
const DEFAULT_ORG: &str = "default";

/// Answers the CRM's RPCs.
#[derive(Clone)]
pub(crate) struct Grpc(pub Crm);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CrmService for Grpc {
    async fn record_interaction(
        &self,
        request: Request<pb::RecordInteractionRequest>,
    ) -> Answer<pb::RecordInteractionResponse> {
        answer(self.record(request.into_inner()).await)
    }

    async fn score_lead(&self, request: Request<pb::ScoreLeadRequest>) -> Answer<pb::ScoreLeadResponse> {
        answer(self.score(request.into_inner()).await)
    }

    async fn get_contact(&self, request: Request<pb::GetContactRequest>) -> Answer<pb::GetContactResponse> {
        answer(self.contact(&request.into_inner().phone).await)
    }

    async fn list_contacts(
        &self,
        request: Request<pb::ListContactsRequest>,
    ) -> Answer<pb::ListContactsResponse> {
        answer(self.contacts(request.into_inner()).await)
    }

    async fn create_deal(&self, request: Request<pb::CreateDealRequest>) -> Answer<pb::CreateDealResponse> {
        answer(self.create_deal(request.into_inner()).await)
    }

    async fn list_deals(&self, request: Request<pb::ListDealsRequest>) -> Answer<pb::ListDealsResponse> {
        answer(self.deals(request.into_inner()).await)
    }
}

#[tonic::async_trait]
impl PrivacyService for Grpc {
    async fn export(&self, request: Request<ExportRequest>) -> Answer<ExportResponse> {
        let contact = address("contact", &request.into_inner().contact).map_err(mesh::status)?;
        answer(self.0.export(contact).await.map(|json| ExportResponse { json }))
    }

    async fn erase(&self, request: Request<EraseRequest>) -> Answer<EraseResponse> {
        let contact = address("contact", &request.into_inner().contact).map_err(mesh::status)?;
        answer(self.0.erase(contact).await.map(|receipt| EraseResponse { receipt }))
    }
}

fn answer<T>(outcome: Result<T, Error>) -> Answer<T> {
    outcome.map(Response::new).map_err(mesh::status)
}

impl Grpc {
    async fn record(
        &self,
        request: pb::RecordInteractionRequest,
    ) -> Result<pb::RecordInteractionResponse, Error> {
        let org_id = if request.org_id.is_empty() { DEFAULT_ORG.to_owned() } else { request.org_id };
        let recorded = self
            .0
            .record(Interaction {
                idempotency_key: required("idempotency_key", request.idempotency_key)?,
                org_id: text("org_id", org_id)?,
                address: address("phone", &request.phone)?,
                name: text("contact_name", request.contact_name)?,
                email: text("email", request.email)?,
                conversation_id: text("conversation_id", request.conversation_id)?,
                kind: text("kind", request.kind)?,
                intent: text("intent", request.intent)?,
                summary: text("summary", request.summary)?,
                signals: signals(request.signals),
                interests: interests(request.interests)?,
                occurred_at: request.occurred_at.map_or_else(|| self.0.now(), from_proto_timestamp),
            })
            .await?;
        Ok(pb::RecordInteractionResponse {
            contact_id: recorded.contact_id.to_string(),
            contact_created: recorded.contact_created,
            lead_created: recorded.lead_created,
            score: points(recorded.points),
            status: wire_status(recorded.status).into(),
        })
    }

    async fn score(&self, request: pb::ScoreLeadRequest) -> Result<pb::ScoreLeadResponse, Error> {
        let contact = match request.phone.as_str() {
            "" => None,
            phone => Some(address("phone", phone)?),
        };
        let score = self.0.score(contact, signals(request.signals)).await?;
        Ok(pb::ScoreLeadResponse {
            score: points(score.points),
            status: wire_status(score.status).into(),
            breakdown: breakdown(score.breakdown),
        })
    }

    async fn contact(&self, phone: &str) -> Result<pb::GetContactResponse, Error> {
        let contact = self.0.contact(address("phone", phone)?).await?;
        Ok(pb::GetContactResponse { contact: Some(wire_contact(contact)) })
    }

    async fn contacts(&self, request: pb::ListContactsRequest) -> Result<pb::ListContactsResponse, Error> {
        let page = self.0.contacts(cursor(&request.page_token)?, page_size(request.page_size)).await?;
        Ok(pb::ListContactsResponse {
            contacts: page.rows.into_iter().map(wire_contact).collect(),
            next_page_token: page.next.map(|(score, id)| cursor_text(score, id)).unwrap_or_default(),
        })
    }

    async fn create_deal(&self, request: pb::CreateDealRequest) -> Result<pb::CreateDealResponse, Error> {
        if request.amount_eur < 0 {
            return Err(Error::invalid("amount_eur", "must not be negative"));
        }
        let deal = self
            .0
            .create_deal(NewDeal {
                idempotency_key: required("idempotency_key", request.idempotency_key)?,
                address: address("phone", &request.phone)?,
                name: text("name", request.name)?,
                amount_eur: request.amount_eur,
            })
            .await?;
        Ok(pb::CreateDealResponse { deal: Some(wire_deal(deal)) })
    }

    async fn deals(&self, request: pb::ListDealsRequest) -> Result<pb::ListDealsResponse, Error> {
        let after = cursor(&request.page_token)?.map(|(micros, id)| (Timestamp::from_micros(micros), id));
        let page = self.0.deals(after, page_size(request.page_size)).await?;
        Ok(pb::ListDealsResponse {
            deals: page.rows.into_iter().map(wire_deal).collect(),
            next_page_token: page.next.map(|(at, id)| cursor_text(at.as_micros(), id)).unwrap_or_default(),
        })
    }
}

fn signals(signals: Option<pb::Signals>) -> Signals {
    let told = signals.unwrap_or_default();
    [
        (told.car, Signal::Car),
        (told.budget, Signal::Budget),
        (told.urgency, Signal::Urgency),
        (told.test_drive, Signal::TestDrive),
        (told.trade_in, Signal::TradeIn),
        (told.contact_details, Signal::ContactDetails),
        (told.financing, Signal::Financing),
        (told.buying, Signal::Buying),
    ]
    .into_iter()
    .filter_map(|(present, signal)| present.then_some(signal))
    .collect()
}

fn wire_status(status: LeadStatus) -> pb::LeadStatus {
    match status {
        LeadStatus::Cold => pb::LeadStatus::Cold,
        LeadStatus::Warm => pb::LeadStatus::Warm,
        LeadStatus::Hot => pb::LeadStatus::Hot,
    }
}

fn points(points: u32) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}

fn breakdown(breakdown: BTreeMap<String, u32>) -> HashMap<String, i32> {
    breakdown.into_iter().map(|(signal, of)| (signal, points(of))).collect()
}

fn wire_contact(contact: Contact) -> pb::Contact {
    pb::Contact {
        contact_id: contact.id.to_string(),
        phone: contact.address.to_string(),
        name: contact.name,
        email: contact.email,
        score: points(contact.score.points),
        status: wire_status(contact.score.status).into(),
        breakdown: breakdown(contact.score.breakdown),
        interactions: contact.interactions,
        created_at: Some(to_proto_timestamp(contact.created_at)),
        updated_at: Some(to_proto_timestamp(contact.updated_at)),
        interests: contact.interests.into_iter().collect(),
    }
}

fn wire_deal(deal: Deal) -> pb::Deal {
    pb::Deal {
        deal_id: deal.id.to_string(),
        phone: deal.address.to_string(),
        name: deal.name,
        amount_eur: deal.amount_eur,
        stage: deal.stage,
        created_at: Some(to_proto_timestamp(deal.created_at)),
    }
}
