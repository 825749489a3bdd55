//! What the calendar holds about one person, and how it forgets them.

use ::store::{StoreError, Tx, Write};
use model::ContactAddress;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::error::Error;
use crate::store as tables;

#[derive(Serialize)]
struct Export {
    appointments: Vec<ExportedAppointment>,
}

#[derive(Serialize)]
struct ExportedAppointment {
    appointment_id: String,
    start: String,
    end: String,
    status: &'static str,
    contact: String,
    contact_name: String,
    subject: String,
    resource: String,
    conversation_id: String,
}

impl Calendar {
    /// Everything held about a contact, as JSON.
    pub async fn export(&self, contact: ContactAddress) -> Result<String, Error> {
        let now = self.now();
        let address = contact.to_string();
        let appointments =
            tables::by_contact(&mut *self.store.scan("export-contact").await?, &contact).await?;
        let export = Export {
            appointments: appointments
                .into_iter()
                .map(|it| ExportedAppointment {
                    appointment_id: it.id.to_string(),
                    start: it.slot.start.to_string(),
                    end: it.slot.end.to_string(),
                    status: it.status_at(now).as_str(),
                    contact: address.clone(),
                    contact_name: it.details.contact_name,
                    subject: it.details.subject,
                    resource: it.resource,
                    conversation_id: it.details.conversation_id,
                })
                .collect(),
        };
        Ok(serde_json::to_string(&export).expect("texts and lists of texts are always JSON"))
    }

    /// Deletes everything held about a contact, slots to come included. Safe to repeat. Answers with a line that says
    /// what was erased.
    pub async fn erase(&self, contact: ContactAddress) -> Result<String, Error> {
        let erased = self.store.write(EraseContact(contact)).await?;
        Ok(format!("calendar: {erased} appointments erased"))
    }
}

/// Deletes all that is held about a contact; says how many appointments that were.
struct EraseContact(ContactAddress);

impl Write for EraseContact {
    const NAME: &'static str = "erase-contact";
    type Output = u64;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<u64, StoreError> {
        tables::erase(tx, &self.0).await
    }
}
