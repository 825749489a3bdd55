//! Wording a draft: facts go out as references and come back as references; code fills them in.

mod check;
mod facts;
#[cfg(test)]
mod tests;

use assistant::backend::Draft;
use assistant::piece::Piece;
use serde_json::{Value, json};

pub(crate) use check::{Refusal, worded};
pub(crate) use facts::Marked;

use crate::words::cut;

/// Characters of the customer's messages that are shown.
const LONGEST_CUSTOMER: usize = 1_000;

/// Whether a model may touch the reply. What binds, asks, promises or discloses stays as the dealer wrote it.
pub(crate) fn may_be_worded(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| {
        matches!(
            piece,
            Piece::Greeting { .. }
                | Piece::AskWishes
                | Piece::Cars { .. }
                | Piece::CarFacts { .. }
                | Piece::NotInStock { .. }
                | Piece::Practical(_)
                | Piece::OpeningHours { .. }
                | Piece::Address
                | Piece::PhoneNumber
                | Piece::Cancelling
                | Piece::Slots { .. }
                | Piece::Standing { .. }
                | Piece::NoAppointment
                | Piece::InviteDrive
                | Piece::Thanks
                | Piece::Farewell { .. }
                | Piece::AsYouWish
        )
    })
}

/// The draft as data for the model.
pub(crate) fn data(draft: &Draft<'_>, marked: &Marked) -> Value {
    let customer: Vec<&str> = draft.messages.iter().map(|message| message.text.as_str()).collect();
    json!({
        "language": draft.voice.language,
        "manner": if draft.voice.formal { "formal" } else { "informal" },
        "customer": cut(&customer.join("\n"), LONGEST_CUSTOMER),
        "draft": marked.text,
        "facts": marked.facts.iter().map(|fact| (fact.reference.clone(), json!(fact.value))).collect::<serde_json::Map<_, _>>(),
    })
}
