//! Policy, in one place: what is done about the commands of a turn.
//!
//! - What changes something for the customer (book, move, cancel, opt out) is done on plain words only. In doubt the
//!   assistant asks one question and takes one yes.
//! - A question, a refusal or a condition never acts: the reading makes no acting command of it.
//! - Every command is answered, or named as passed on to a colleague.
//! - Who is angry, had an accident or speaks of lawyers gets a person and nothing else.
//!
//! [`decide`] is a pure function. What only the calendar can tell is left open as a [`Step`] for [`crate::act`].

mod appointments;
mod cars;
mod outstanding;
mod people;
#[cfg(test)]
mod tests;

pub(crate) use appointments::subject;

use std::ops::Range;

use dealer::{Car, Language};
use jiff::Zoned;
use serde::{Deserialize, Serialize};

use crate::command::{Command, Lost, Plain, Read, Reading, Reason, Way};
use crate::piece::{Ask, Piece};
use crate::ports::FreeSlot;
use crate::state::{Asked, State, Topic};
use crate::task::TaskKind;
use crate::turn::{Effect, Owner, TurnInput};
use crate::when::When;

/// What is to be done about a turn; only what the calendar tells is still open.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order they are said.
    pub steps: Vec<Step>,
    /// The state after the turn, but for what the calendar adds.
    pub state: State,
    /// What happens with the commit already now.
    pub effects: Vec<Effect>,
    /// A person should take over.
    pub hand_over: Option<Reason>,
    /// What was made of each command.
    pub decisions: Vec<Decision>,
    /// The language of the reply.
    pub language: Language,
    /// Whether a model may word the reply in its own way.
    pub may_be_reworded: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Says this.
    Say(Piece),
    /// Promises that a colleague does something, and tells one.
    Promise {
        /// What.
        kind: TaskKind,
        /// For the colleague.
        details: String,
    },
    /// Promises that a colleague calls or writes, in a way or at a moment that the customer asked for.
    Reach {
        /// How.
        by: Way,
        /// Not before this.
        at: Option<Zoned>,
        /// For the colleague.
        details: String,
    },
    /// Looks for moments: holds the one that is wished exactly, when the words were plain and it is free, else offers some.
    Seek(Seek),
    /// Holds a moment that was on offer.
    Take {
        /// For which car.
        car: Option<String>,
        /// The moment.
        slot: FreeSlot,
        /// Instead of this appointment.
        moving: Option<String>,
    },
}

/// A wish for a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seek {
    /// For which car, by inventory id.
    pub car: Option<String>,
    /// When it would suit.
    pub when: When,
    /// Moments refused already.
    pub refused: Vec<FreeSlot>,
    /// Instead of this appointment.
    pub moving: Option<String>,
    /// An exact free moment is held at once; otherwise one question is asked first.
    pub plainly: bool,
}

/// What was made of a command, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The command's name.
    pub command: &'static str,
    /// Which message it was read in, from 0.
    pub message: usize,
    /// The bytes of that message it rests on.
    pub words: Range<usize>,
    /// How plain they are.
    pub plain: Plain,
    /// What is done about it.
    pub verdict: Verdict,
    /// Why.
    pub because: &'static str,
    /// What else the words could have meant.
    pub instead_of: Vec<Lost>,
}

/// What is done about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is carried out.
    Acts,
    /// One question is asked first.
    Asks,
    /// It is answered.
    Answers,
    /// A colleague is told.
    Promises,
    /// Nothing is said about it.
    Passes,
}

/// Decides what is done about a turn.
pub fn decide(reading: &Reading, input: &TurnInput, state: State) -> Plan {
    let mut decider = Decider::new(reading, input, state);
    decider.run(reading);
    decider.finish()
}

#[expect(clippy::struct_excessive_bools, reason = "each is true of a reply by itself")]
pub(crate) struct Decider<'a> {
    input: &'a TurnInput,
    state: State,
    /// The question that was outstanding when the turn began.
    asked: Option<Asked>,
    language: Language,
    steps: Vec<Step>,
    effects: Vec<Effect>,
    hand_over: Option<Reason>,
    decisions: Vec<Decision>,
    /// A question back is already in the reply: one is enough.
    asks: bool,
    invite: bool,
    /// The moments on offer were listed in the last reply.
    listed: bool,
    reword: bool,
    /// The turn is a yes, perhaps with a name, and nothing else.
    agrees: bool,
    /// More than one thing is said in this turn, so that what is passed on is named.
    several: bool,
}

type Answer = (Verdict, &'static str);

impl<'a> Decider<'a> {
    fn new(reading: &Reading, input: &'a TurnInput, mut state: State) -> Self {
        let language = input.knowledge.answer_in(spoken(reading, input, &mut state));
        state.language = Some(language);
        if let Some(formal) = reading.formal {
            state.formal = formal;
        }
        let asked = state.asked.take();
        let listed = std::mem::take(&mut state.listed);
        Self {
            input,
            state,
            asked,
            language,
            steps: Vec::new(),
            effects: Vec::new(),
            hand_over: None,
            decisions: Vec::new(),
            asks: false,
            invite: false,
            listed,
            reword: true,
            agrees: false,
            several: false,
        }
    }

    fn run(&mut self, reading: &Reading) {
        let commands = &reading.commands;
        let has = |test: fn(&Command) -> bool| commands.iter().any(|read| test(&read.command));
        if let Some(stop) = commands.iter().find(|read| matches!(read.command, Command::OptOut)) {
            if !self.input.opted_out {
                return self.alone(stop, Self::opt_out);
            }
            return self.silence(commands, "the customer has opted out already");
        }
        if self.input.owner == Owner::Human {
            self.state.asked = self.asked.take();
            return self.silence(commands, "a person speaks with the customer");
        }
        if self.input.opted_out {
            return self.after_opt_out(commands);
        }
        if self.is_a_loop(commands) {
            return self.loops(commands);
        }
        if self.input.owner == Owner::Waiting {
            return self.while_waiting(commands);
        }
        self.state.waiting = None;
        let grave =
            |command: &Command| matches!(command, Command::HandOver(Reason::Sensitive | Reason::Complaint));
        if let Some(read) = commands.iter().find(|read| grave(&read.command)) {
            self.reword = false;
            return self.alone(read, Self::grave);
        }
        self.who(commands);
        let speaks = |command: &Command| {
            !matches!(command, Command::Greet | Command::Thanks | Command::Close | Command::Contact { .. })
        };
        let only_manners = !commands.iter().any(|read| speaks(&read.command));
        let answers_question = has(|command| {
            matches!(
                command,
                Command::Pick(_)
                    | Command::Moment(_)
                    | Command::Drive { .. }
                    | Command::Name(_)
                    | Command::Keep
                    | Command::Move { .. }
                    | Command::RefuseSlots { .. }
                    | Command::HandOver(_)
                    | Command::Buy { .. }
                    | Command::Bid { .. }
            )
        });
        self.several = commands.iter().filter(|read| speaks(&read.command)).count() > 1;
        let agrees = |read: &Read| {
            matches!(
                read.command,
                Command::Yes | Command::Name(_) | Command::Greet | Command::Thanks | Command::Contact { .. }
            )
        };
        self.agrees = has(|command| matches!(command, Command::Yes)) && commands.iter().all(agrees);
        for read in commands {
            let bare = matches!(read.command, Command::Yes | Command::No);
            let (verdict, because) = if bare && answers_question {
                (Verdict::Passes, "the rest of the message says what is meant")
            } else if matches!(read.command, Command::Greet | Command::Thanks | Command::Close)
                && !only_manners
            {
                self.manners(read, commands)
            } else {
                self.one(read)
            };
            self.note(read, verdict, because);
        }
        if has(|command| matches!(command, Command::TradeIn(_))) {
            // The car wanted for it is named beside it.
            self.state.topic = Topic::TradeIn;
        }
        if reading.foreign {
            self.say(Piece::Foreign);
            self.promise(TaskKind::Other, self.words_of_turn());
        }
        if self.steps.is_empty() && has(|command| matches!(command, Command::Contact { .. })) {
            self.contact_noted();
        }
        if self.steps.is_empty() {
            self.not_understood();
        } else if !commands.iter().all(|read| matches!(read.command, Command::Unclear)) {
            self.state.misunderstood = 0;
        }
    }

    /// One command, answered as if it were the only one.
    fn one(&mut self, read: &Read) -> Answer {
        let plain = read.plain == Plain::Clear;
        if let Some(answer) = self.car_asked_for(&read.command) {
            return answer;
        }
        match &read.command {
            Command::Greet | Command::OptIn => self.greet(),
            Command::Thanks => self.thanks(),
            Command::Close => self.close(),
            Command::Speak(_) => self.speak(),
            Command::Yes => self.yes(),
            Command::No => self.no(),
            Command::Show(wishes) => self.show(wishes),
            Command::Tell { cars, fields } => self.tell(cars, fields),
            Command::Practical(practical) => self.practical(*practical, read),
            Command::Drive { car, when } => self.drive(car.as_ref(), when, plain),
            Command::Moment(when) => self.moment(when, plain),
            Command::Pick(pick) => self.pick(pick, plain),
            Command::RefuseSlots { numbers, instead } => self.refuse_slots(numbers, instead),
            Command::Move { to, from } => self.move_to(to, from, plain),
            Command::Cancel { from } => self.cancel(from, plain),
            Command::Keep => self.keep(),
            Command::AskAppointment => self.ask_appointment(),
            Command::OtherCar(car) => self.other_car(car, plain),
            Command::Name(name) => self.name(name),
            Command::Contact { .. } => (Verdict::Passes, "kept with the lead"),
            Command::TradeIn(own) => self.trade_in(own, read),
            Command::Finance { car } => self.finance(car.as_ref(), read),
            Command::Buy { car, reserve } => self.buy(car.as_ref(), *reserve),
            Command::Bid { car, amount_eur } => self.bid(car.as_ref(), *amount_eur),
            Command::Discount { car } => self.discount(car.as_ref()),
            Command::Workshop { own, when } => self.workshop(own, when, read),
            Command::AskColleague { question } => self.ask_colleague(question),
            Command::HandOver(reason) => self.hand_over_for(*reason),
            Command::CallBack { when, by } => self.call_back(when, *by),
            Command::AskWhenAnswered => self.when_answered(),
            Command::AskOpenQuestions => self.open_questions(),
            Command::Medium(medium) => self.medium(*medium),
            Command::OptOut | Command::Machine | Command::Unclear => (Verdict::Passes, "nothing to do"),
        }
    }

    /// Answers one command and lets the rest of the turn be.
    fn alone(&mut self, read: &Read, answer: fn(&mut Self, &Read) -> Answer) {
        let (verdict, because) = answer(self, read);
        self.note(read, verdict, because);
    }

    fn silence(&mut self, commands: &[Read], because: &'static str) {
        self.steps.clear();
        for read in commands {
            self.note(read, Verdict::Passes, because);
        }
    }

    fn note(&mut self, read: &Read, verdict: Verdict, because: &'static str) {
        self.decisions.push(Decision {
            command: read.command.name(),
            message: read.message,
            words: read.words.clone(),
            plain: read.plain,
            verdict,
            because,
            instead_of: read.instead_of.clone(),
        });
    }

    fn say(&mut self, piece: Piece) {
        let step = Step::Say(piece);
        if !self.steps.contains(&step) {
            self.steps.push(step);
        }
    }

    /// Asks one question, and remembers what its answer does. A reply asks once.
    fn ask(&mut self, ask: Ask, asked: Asked) {
        if self.asks {
            return;
        }
        self.asks = true;
        self.say(Piece::Ask(ask));
        self.state.asked = Some(asked);
    }

    /// Promises that a colleague does something; of one kind once in a reply.
    fn promise(&mut self, kind: TaskKind, details: String) {
        for step in &mut self.steps {
            if let Step::Promise { kind: standing, details: so_far } = step
                && *standing == kind
            {
                if !details.is_empty() && !so_far.contains(&details) {
                    so_far.push_str("; ");
                    so_far.push_str(&details);
                }
                return;
            }
        }
        self.steps.push(Step::Promise { kind, details });
    }

    fn seek(&mut self, seek: Seek) {
        self.asks = true;
        self.state.topic = Topic::Drive;
        self.steps.push(Step::Seek(seek));
    }

    fn car(&self, id: &str) -> Option<&'a Car> {
        self.input.knowledge.dealer.inventory.get(id)
    }

    fn focus(&self) -> Option<&'a Car> {
        self.state.focus.first().and_then(|id| self.car(id))
    }

    /// What the customer wrote in this turn, in one line, for people.
    fn words_of_turn(&self) -> String {
        let texts: Vec<&str> = self.input.messages.iter().map(|message| message.text.trim()).collect();
        cut(&texts.join(" / "))
    }

    /// The words a command rests on, else its whole message.
    fn words(&self, read: &Read) -> String {
        let Some(message) = self.input.messages.get(read.message) else { return String::new() };
        let text = message.text.get(read.words.clone()).filter(|text| !text.trim().is_empty());
        cut(text.unwrap_or(&message.text))
    }

    /// The whole message a command was read in.
    fn words_of_message(&self, read: &Read) -> String {
        self.input.messages.get(read.message).map(|message| cut(&message.text)).unwrap_or_default()
    }

    /// A reply that shows cars does not ask as well which car it is about.
    fn list_answers_which(&mut self) {
        let lists = |step: &Step| matches!(step, Step::Say(Piece::Cars { cars, .. }) if !cars.is_empty());
        let asks = Step::Say(Piece::Ask(Ask::AnyCar));
        if self.steps.iter().any(lists) && self.steps.contains(&asks) {
            self.steps.retain(|step| *step != asks && *step != Step::Say(Piece::AskWishes));
            self.state.asked = None;
            self.asks = false;
        }
    }

    fn finish(mut self) -> Plan {
        self.list_answers_which();
        let quiet = self.steps.is_empty();
        if self.invite && !self.asks && !self.state.invited && self.state.appointments.is_empty() {
            self.say(Piece::InviteDrive);
            self.state.asked = self.state.asked.take().or(Some(Asked::Drive));
            self.state.invited = true;
        } else if !quiet {
            self.state.invited = false;
        }
        let nameless = self.state.appointments.iter().any(|one| one.name.is_none());
        if self.state.asked.is_none() && self.state.offered.is_empty() && nameless {
            // A name may still come, whatever else was said meanwhile.
            self.state.asked = Some(Asked::Name);
        }
        let bare_opt_out = self.effects.contains(&Effect::OptOut);
        if !quiet && !self.state.introduced && !bare_opt_out {
            self.steps.insert(0, Step::Say(Piece::Intro));
            self.state.introduced = true;
        }
        Plan {
            steps: self.steps,
            state: self.state,
            effects: self.effects,
            hand_over: self.hand_over,
            decisions: self.decisions,
            language: self.language,
            may_be_reworded: self.reword,
        }
    }
}

/// So many words tell a language by themselves; fewer must be heard twice.
const SURE_OF_LANGUAGE: usize = 8;

/// The language of the conversation: one odd message in another does not change it.
fn spoken(reading: &Reading, input: &TurnInput, state: &mut State) -> Language {
    let heard = reading.language.filter(|heard| Some(*heard) != state.language);
    let before = std::mem::replace(&mut state.heard, heard);
    let wished = reading.commands.iter().rev().find_map(|read| match read.command {
        Command::Speak(language) => Some(language),
        _ => None,
    });
    state.asked_language = wished.or(state.asked_language);
    if let Some(language) = state.asked_language {
        return language;
    }
    match (state.language, heard) {
        (Some(language), Some(heard)) => {
            let words =
                input.messages.iter().map(|message| message.text.split_whitespace().count()).sum::<usize>();
            if before == Some(heard) || words >= SURE_OF_LANGUAGE { heard } else { language }
        }
        (None, heard) => heard.unwrap_or_default(),
        (Some(language), None) => language,
    }
}

/// Longest line of a customer's words in a task.
const LINE: usize = 300;

fn cut(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LINE).collect()
}
