//! The use cases: what the CRM does, over its store and the dealer's weights.

use std::sync::Arc;

use ::store::{Store, Tx, Write};
use dealer::Dealer;
use model::{ContactAddress, ContactId, Timestamp};

use crate::domain::{Contact, Deal, DealId, Interaction, NewDeal, Recorded};
use crate::error::Error;
use crate::metrics;
use crate::scoring::{Score, Signals, score};
use crate::store::{contacts, deals, interactions};

/// The CRM of one dealer. Cheap to clone.
#[derive(Clone)]
pub struct Crm {
    pub(crate) store: Store,
    pub(crate) dealer: dealer::LiveDealer,
}

/// One page of a list.
pub struct Page<T, K> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<K>,
}

impl Crm {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// Records an interaction and scores the lead, in one commit. Repeating it with the same idempotency key changes
    /// nothing and is answered as the first time.
    pub async fn record(&self, interaction: Interaction) -> Result<Recorded, Error> {
        let interaction = Arc::new(interaction);
        match self.record_once(&interaction).await {
            // The same key was on its way twice; by now the other one has committed.
            Err(Error::Contended) => self.record_once(&interaction).await,
            outcome => outcome,
        }
    }

    async fn record_once(&self, interaction: &Arc<Interaction>) -> Result<Recorded, Error> {
        let (interaction, dealer) = (Arc::clone(interaction), self.dealer.now());
        self.store.write(RecordInteraction { interaction, dealer }).await
    }

    /// Scores what is stored for a contact, if anything is, together with further signals. Changes nothing.
    pub async fn score(&self, address: Option<ContactAddress>, signals: Signals) -> Result<Score, Error> {
        let stored = match address {
            Some(address) => self.find(address).await?.map(|contact| contact.signals).unwrap_or_default(),
            None => Signals::default(),
        };
        Ok(score(stored.with(signals), &self.dealer.now().scoring))
    }

    /// Reads a contact.
    pub async fn contact(&self, address: ContactAddress) -> Result<Contact, Error> {
        self.find(address).await?.ok_or(Error::NoContact)
    }

    async fn find(&self, address: ContactAddress) -> Result<Option<Contact>, Error> {
        Ok(contacts::by_address(&mut *self.store.read("get-contact").await?, &address).await?)
    }

    /// Lists contacts, the highest score first.
    pub async fn contacts(
        &self,
        after: Option<(u32, ContactId)>,
        page_size: usize,
    ) -> Result<Page<Contact, (u32, ContactId)>, Error> {
        let mut conn = self.store.scan("list-contacts").await?;
        let rows = contacts::list(&mut conn, after, one_more(page_size)).await?;
        Ok(page(rows, page_size, |contact: &Contact| (contact.score.points, contact.id)))
    }

    /// Opens a deal for a contact. Repeating it with the same idempotency key answers with the same deal.
    pub async fn create_deal(&self, deal: NewDeal) -> Result<Deal, Error> {
        self.store.write(CreateDeal(deal)).await
    }

    /// Lists deals, newest first.
    pub async fn deals(
        &self,
        after: Option<(Timestamp, DealId)>,
        page_size: usize,
    ) -> Result<Page<Deal, (Timestamp, DealId)>, Error> {
        let mut conn = self.store.scan("list-deals").await?;
        let rows = deals::list(&mut conn, after, one_more(page_size)).await?;
        Ok(page(rows, page_size, |deal: &Deal| (deal.created_at, deal.id)))
    }
}

/// Keeps an interaction, and scores its contact anew.
struct RecordInteraction {
    interaction: Arc<Interaction>,
    dealer: Arc<Dealer>,
}

impl Write for RecordInteraction {
    const NAME: &'static str = "record-interaction";
    type Output = Recorded;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Recorded, Error> {
        let (interaction, scoring, new_id) = (&*self.interaction, &self.dealer.scoring, tx.new_id());
        if let Some(answer) = interactions::recorded(tx, &interaction.idempotency_key).await? {
            return Ok(answer);
        }
        let alone = score(interaction.signals, scoring);
        let before = contacts::touch(tx, new_id, interaction, &alone).await?;
        let contact_created = before.id == new_id;
        let known = if contact_created { Signals::default() } else { before.signals };
        let signals = known.with(interaction.signals);
        let after = score(signals, scoring);
        if !contact_created {
            let mut interests = before.interests.clone();
            interests.extend(interaction.interests.clone());
            if signals != before.signals || after != before.score || interests != before.interests {
                contacts::set_score(tx, before.id, signals, &after, &interests).await?;
            }
        }
        let lead_created = known.is_empty() && !signals.is_empty();
        let answer = Recorded {
            contact_id: before.id,
            contact_created,
            lead_created,
            points: after.points,
            status: after.status,
        };
        if !interactions::insert(tx, interaction, &answer).await? {
            return Err(Error::Contended);
        }
        if lead_created || (!known.is_empty() && after.status != before.score.status) {
            let (contact, status) = (before.id, after.status);
            tx.on_commit(move || {
                metrics::lead_reached(status);
                tracing::info!(contact.id = %contact, status = status.as_str(), "lead {contact} is {}", status.as_str());
            });
        }
        Ok(answer)
    }
}

/// Opens a deal, once for an idempotency key.
struct CreateDeal(NewDeal);

impl Write for CreateDeal {
    const NAME: &'static str = "create-deal";
    type Output = Deal;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Deal, Error> {
        let deal = self.0;
        if let Some(earlier) = deals::by_key(tx, &deal.idempotency_key).await? {
            return Ok(earlier);
        }
        let id = tx.new_id();
        deals::insert(tx, id, &deal).await?;
        // What is there now was put there by this call, or at the same time by one with the same key.
        deals::by_key(tx, &deal.idempotency_key).await?.ok_or(Error::NoContact)
    }
}

/// One row more than a page holds tells whether there is a next page.
fn one_more(page_size: usize) -> i64 {
    i64::try_from(page_size).unwrap_or(i64::MAX).saturating_add(1)
}

fn page<T, K>(mut rows: Vec<T>, page_size: usize, key: impl Fn(&T) -> K) -> Page<T, K> {
    let more = rows.len() > page_size;
    rows.truncate(page_size);
    let next = rows.last().filter(|_| more).map(key);
    Page { rows, next }
}
