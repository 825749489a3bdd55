//! A turn: messages and state in, a reply, effects and the next state out.
//!
//! [`run`] is the whole road: read ▸ decide ▸ act ▸ word ▸ check. Each stage is a function from values to values and can be
//! tested alone; only `act` and the CRM reach outside, through [`Agenda`] and [`Crm`].

use std::sync::Arc;
use std::time::Instant;

use dealer::Language;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use tracing::{Instrument, info_span, warn};

use crate::act::{Done, act};
use crate::backend::{Backend, Draft};
use crate::command::{Medium, Reason};
use crate::crm::CrmUpdate;
use crate::decide::{Decision, decide};
use crate::piece::Piece;
use crate::ports::{Agenda, Crm, LeadScore, PortError};
use crate::reading::{Analysis, Reading};
use crate::state::{PastTurn, State};
use crate::task::Task;
use crate::{Knowledge, guard, lead, word};

/// One message of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Our id of it.
    pub id: String,
    /// What was written; empty when there was only a medium.
    pub text: String,
    /// What came along.
    pub media: Vec<Medium>,
    /// The headline of the advert the customer came from, a stranger's words.
    pub advert: Option<String>,
    /// When it was sent.
    pub at: Timestamp,
}

impl Message {
    /// A message of words and nothing else.
    pub fn new(id: impl Into<String>, text: impl Into<String>, at: Timestamp) -> Self {
        Self { id: id.into(), text: text.into(), media: Vec::new(), advert: None, at }
    }
}

/// What is known of the customer from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// The name on their `WhatsApp` profile: a proposal, never a fact.
    pub profile_name: Option<String>,
    /// Whether a phone number of theirs is known.
    pub has_phone: bool,
}

/// Who speaks with the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The assistant.
    #[default]
    Agents,
    /// A person was called and has not yet spoken.
    Waiting,
    /// A person speaks: the assistant is silent.
    Human,
}

/// One turn: what it starts with.
#[derive(Debug, Clone)]
pub struct TurnInput {
    /// The turn's durable id; every effect's key derives from it.
    pub turn_id: String,
    /// The messages frozen into the turn, in order of arrival.
    pub messages: Vec<Message>,
    /// What the dialogue was about after the turn before.
    pub state: State,
    /// The dealer as loaded now.
    pub knowledge: Arc<Knowledge>,
    /// The moment of the turn, in the dealer's time zone.
    pub now: Zoned,
    /// What is known of the customer.
    pub contact: Contact,
    /// Who speaks with the customer.
    pub owner: Owner,
    /// The customer wants no messages.
    pub opted_out: bool,
    /// Answer without CRM and calendar when they fail, rather than failing the turn.
    pub degraded: bool,
}

/// What a reader may see: data, never instructions.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The messages of the turn.
    pub messages: &'a [Message],
    /// The state before it.
    pub state: &'a State,
    /// The dealer and his cars.
    pub knowledge: &'a Knowledge,
    /// The moment of the turn, in the dealer's time zone.
    pub now: &'a Zoned,
}

/// Something that happens with the commit of a turn, and not without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A held appointment stands from now on; what it replaces is given up.
    Confirm {
        /// Which.
        appointment_id: String,
    },
    /// An appointment is called off.
    Cancel {
        /// Which.
        appointment_id: String,
    },
    /// Name or subject of an appointment change.
    Amend {
        /// Which.
        appointment_id: String,
        /// The new name.
        name: Option<String>,
        /// What it is about now.
        subject: Option<String>,
    },
    /// A person is told.
    OpenTask(Task),
    /// No more messages.
    OptOut,
    /// Messages again.
    OptIn,
}

/// Work that a degraded turn left undone, to be queued with its commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Record the turn in the CRM.
    RecordCrm(Box<CrmUpdate>),
}

/// What a turn comes to. Nothing of it is committed yet; slots are held.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What to send; `None` when silence is right.
    pub reply: Option<String>,
    /// What the reply is made of.
    pub pieces: Vec<Piece>,
    /// The language of the reply.
    pub language: Language,
    /// What to remember.
    pub state: State,
    /// What happens with the commit, in this order.
    pub effects: Vec<Effect>,
    /// A person should take over.
    pub hand_over: Option<Reason>,
    /// What was, or must be, recorded in the CRM.
    pub crm: CrmUpdate,
    /// The CRM's answer, when there was one.
    pub lead: Option<LeadScore>,
    /// One per message of the turn.
    pub analyses: Vec<Analysis>,
    /// What was made of each command, and why.
    pub decisions: Vec<Decision>,
    /// Work left undone.
    pub follow_ups: Vec<FollowUp>,
}

/// Runs one turn. An error is worth a retry of the same turn; with `degraded` set in the input the turn is answered without
/// CRM and calendar instead, and what is left to do stands in the outcome.
pub async fn run(
    input: TurnInput,
    backend: &impl Backend,
    agenda: &impl Agenda,
    crm: &impl Crm,
) -> Result<Outcome, PortError> {
    let state = input.state.clone().at(input.now.timestamp());
    let scene =
        Scene { messages: &input.messages, state: &state, knowledge: &input.knowledge, now: &input.now };
    let reading = node("router", backend.read(&scene)).await;
    let plan = decide(&reading, &input, state.clone());
    let done = node("booking", act(plan, &input, agenda)).await?;
    let (reply, done) = node("conversation", converse(&input, done, backend)).await;
    let update = lead::update(&reading, &done, &input);
    let mut follow_ups = done.follow_ups.clone();
    let lead = if reply.is_none() && done.effects.is_empty() && input.owner == Owner::Human {
        None
    } else {
        match node("crm", crm.record(&update)).await {
            Ok(lead) => Some(lead),
            Err(error) if input.degraded && !matches!(error, PortError::Stale { .. }) => {
                follow_ups.push(FollowUp::RecordCrm(Box::new(update.clone())));
                None
            }
            Err(error) => return Err(error),
        }
    };
    let hand_over = node("escalation", async { done.hand_over }).await;
    Ok(finish(&input, reading, done, Finished { reply, crm: update, lead, hand_over, follow_ups }))
}

struct Finished {
    reply: Option<String>,
    crm: CrmUpdate,
    lead: Option<LeadScore>,
    hand_over: Option<Reason>,
    follow_ups: Vec<FollowUp>,
}

fn finish(input: &TurnInput, reading: Reading, done: Done, finished: Finished) -> Outcome {
    let Finished { reply, crm, lead, hand_over, follow_ups } = finished;
    let Done { pieces, effects, mut state, decisions, language, .. } = done;
    let texts: Vec<&str> = input.messages.iter().map(|message| message.text.as_str()).collect();
    state.remember(PastTurn { customer: texts.join("\n"), reply: reply.clone().unwrap_or_default() });
    state.updated_at = Some(input.now.timestamp());
    state.signals = crm.signals;
    Outcome {
        reply,
        pieces,
        language,
        state,
        effects,
        hand_over,
        crm,
        lead,
        analyses: reading.analyses,
        decisions,
        follow_ups,
    }
}

/// Words the reply and lets nothing out that the guard does not pass.
async fn converse(input: &TurnInput, mut done: Done, backend: &impl Backend) -> (Option<String>, Done) {
    if done.pieces.is_empty() {
        return (None, done);
    }
    let voice = word::Voice { language: done.language, formal: done.state.formal };
    let text = word::say(&done.pieces, voice, &input.knowledge, &input.now);
    let draft = Draft {
        messages: &input.messages,
        pieces: &done.pieces,
        reply: &text,
        voice,
        knowledge: &input.knowledge,
        now: &input.now,
    };
    if done.may_be_reworded
        && let Some(worded) = backend.word(draft).await
    {
        match node("guard", async {
            guard::check_words(&worded, &done.pieces, voice, &input.knowledge, &input.now)
        })
        .await
        {
            Ok(()) => return (Some(worded), done),
            Err(violation) => warn!(%violation, "reply of the language model was refused"),
        }
    }
    match node("guard", async { guard::check(&done.pieces, voice, &input.knowledge, &input.now) }).await {
        Ok(()) => (Some(text), done),
        Err(violation) => {
            warn!(%violation, "reply of the rules was refused");
            done.refuse(input);
            let text = word::say(&done.pieces, voice, &input.knowledge, &input.now);
            (Some(text), done)
        }
    }
}

/// Runs one agent in a span of its own and measures it.
pub(crate) async fn node<T>(agent: &'static str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let result = work.instrument(info_span!("agent", otel.name = format!("agent {agent}"), agent)).await;
    metrics::histogram!("turn_duration_seconds", "agent" => agent).record(started.elapsed().as_secs_f64());
    result
}
