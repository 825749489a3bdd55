//! What the CRM holds about one person, and how it forgets them.

use ::store::{Tx, Write};
use model::ContactAddress;
use serde::Serialize;

use crate::crm::Crm;
use crate::domain::{Contact, Deal, Interests};
use crate::error::Error;
use crate::store::{contacts, deals, interactions};

#[derive(Serialize)]
struct Export {
    contact: Option<ExportedContact>,
    interactions: Vec<interactions::Exported>,
    deals: Vec<ExportedDeal>,
}

#[derive(Serialize)]
struct ExportedContact {
    address: String,
    name: String,
    email: String,
    signals: String,
    score: u32,
    status: &'static str,
    interests: Interests,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct ExportedDeal {
    name: String,
    amount_eur: i32,
    stage: String,
    created_at: String,
}

impl Crm {
    /// Everything held about a contact, as JSON.
    pub async fn export(&self, address: ContactAddress) -> Result<String, Error> {
        let mut conn = self.store.scan("export-contact").await?;
        let export = match contacts::by_address(&mut conn, &address).await? {
            None => Export { contact: None, interactions: Vec::new(), deals: Vec::new() },
            Some(contact) => Export {
                interactions: interactions::export(&mut conn, contact.id).await?,
                deals: deals::by_contact(&mut conn, contact.id).await?.into_iter().map(deal).collect(),
                contact: Some(person(contact)),
            },
        };
        Ok(serde_json::to_string(&export).expect("texts, numbers and lists of them are always JSON"))
    }

    /// Deletes everything held about a contact. Safe to repeat. Answers with a line that says what was erased.
    pub async fn erase(&self, address: ContactAddress) -> Result<String, Error> {
        self.store.write(EraseContact(address)).await
    }
}

/// Deletes all that is held about a contact; says what that was.
struct EraseContact(ContactAddress);

impl Write for EraseContact {
    const NAME: &'static str = "erase-contact";
    type Output = String;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<String, Error> {
        let Some(contact) = contacts::by_address(tx, &self.0).await? else {
            return Ok("crm: nothing was held".to_owned());
        };
        let interactions = interactions::delete(tx, contact.id).await?;
        let deals = deals::delete(tx, contact.id).await?;
        contacts::delete(tx, contact.id).await?;
        Ok(format!("crm: 1 contact, {interactions} interactions and {deals} deals erased"))
    }
}

fn person(contact: Contact) -> ExportedContact {
    ExportedContact {
        address: contact.address.to_string(),
        name: contact.name,
        email: contact.email,
        signals: contact.signals.words(),
        score: contact.score.points,
        status: contact.score.status.as_str(),
        interests: contact.interests,
        created_at: contact.created_at.to_string(),
        updated_at: contact.updated_at.to_string(),
    }
}

fn deal(deal: Deal) -> ExportedDeal {
    ExportedDeal {
        name: deal.name,
        amount_eur: deal.amount_eur,
        stage: deal.stage,
        created_at: deal.created_at.to_string(),
    }
}
