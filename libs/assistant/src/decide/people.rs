//! People: who is handed over, what a colleague is told, and who wants no messages.

use dealer::Car;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, ToSpan, Zoned};

use super::{Answer, Decider, Step, Verdict};
use crate::command::{CarRef, Command, Medium, OwnCar, Plain, Read, Reason, Way};
use crate::guard::may_repeat;
use crate::piece::{Ask, Piece, Quoted, local};
use crate::state::{Asked, Repeated, Topic, Waiting};
use crate::task::{TaskKind, answers};
use crate::turn::Effect;
use crate::when::{Hours, When};

/// While a person is awaited the customer is told once in so long that somebody reads what is added.
const QUIET: SignedDuration = SignedDuration::from_hours(1);

/// The same words so many times in a row come from a machine.
const REPEATS: u32 = 3;

/// A longer question is not repeated to who asked it.
const SHORT_QUESTION: usize = 80;

/// Nobody says the same thing of so many characters three times to choose something.
const LONG_REPEAT: usize = 40;

/// So many messages in a row not understood end with a person.
const MISUNDERSTOOD: u32 = 2;

impl Decider<'_> {
    pub(super) fn answers_at(&self) -> crate::piece::Answers {
        answers(&self.input.now, &self.input.knowledge.dealer.hours)
    }

    /// Anger, an accident, a lawyer: a person, and nothing else.
    pub(super) fn grave(&mut self, read: &Read) -> Answer {
        let reason = match read.command {
            Command::HandOver(reason) => reason,
            _ => Reason::Complaint,
        };
        self.hand_over_for(reason)
    }

    pub(super) fn hand_over_for(&mut self, reason: Reason) -> Answer {
        self.call_a_person(reason, TaskKind::HandOver, self.words_of_turn());
        (Verdict::Acts, "a person takes over")
    }

    /// Hands the conversation over, with a task for whoever takes it.
    fn call_a_person(&mut self, reason: Reason, kind: TaskKind, details: String) {
        self.hand_over.get_or_insert(reason);
        self.state.forget_offer();
        self.state.waiting = Some(Waiting { since: self.input.now.timestamp(), told_at: None });
        let answers = self.answers_at();
        if !self.steps.iter().any(|step| matches!(step, Step::Say(Piece::HandOver { .. }))) {
            self.say(Piece::HandOver { reason, answers });
        }
        self.tell_quietly(kind, details);
    }

    /// A task without a sentence of its own: the reply says already that somebody comes.
    pub(super) fn tell_quietly(&mut self, kind: TaskKind, details: String) {
        let (_, task) =
            crate::task::promise(kind, details, &self.input.now, &self.input.knowledge.dealer.hours);
        self.effects.push(Effect::OpenTask(task));
    }

    pub(super) fn opt_out(&mut self, read: &Read) -> Answer {
        self.reword = false;
        if read.plain == Plain::Clear {
            self.opt_out_now();
            return (Verdict::Acts, "no more messages, in plain words");
        }
        self.ask(Ask::OptOut, Asked::OptOut);
        (Verdict::Asks, "it may mean that no messages are wanted")
    }

    pub(super) fn opt_out_now(&mut self) {
        let timezone = &self.input.knowledge.dealer.timezone;
        let appointment = self.state.appointments.first().map(|one| local(one.slot, timezone));
        self.state.forget_offer();
        self.effects.push(Effect::OptOut);
        self.say(Piece::OptedOut { appointment });
    }

    /// Messages again, and the answer to what was asked meanwhile; nothing of it acts.
    pub(super) fn opt_in_now(&mut self) {
        self.effects.push(Effect::OptIn);
        self.say(Piece::OptedIn);
        for command in std::mem::take(&mut self.state.unanswered) {
            if matches!(command, Command::Unclear | Command::Greet) {
                continue;
            }
            let read =
                Read { command, message: 0, words: 0..0, plain: Plain::Doubtful, instead_of: Vec::new() };
            let (verdict, because) = self.one(&read);
            self.note(&read, verdict, because);
        }
    }

    /// What somebody writes who has opted out: a person in need, the way back, or one question.
    pub(super) fn after_opt_out(&mut self, commands: &[Read]) {
        self.reword = false;
        let person = |command: &Command| {
            matches!(
                command,
                Command::HandOver(Reason::Sensitive | Reason::Complaint | Reason::HumanRequested)
            )
        };
        if let Some(read) = commands.iter().find(|read| person(&read.command)) {
            return self.alone(read, Self::grave);
        }
        if let Some(read) = commands.iter().find(|read| matches!(read.command, Command::OptIn)) {
            return self.alone(read, |decider, _| {
                decider.opt_in_now();
                (Verdict::Acts, "messages again, in plain words")
            });
        }
        let agrees = |read: &&Read| matches!(read.command, Command::Yes);
        if let (Some(Asked::OptIn), Some(read)) = (&self.asked, commands.iter().find(agrees)) {
            return self.alone(read, |decider, _| decider.yes());
        }
        let wants_an_answer = |read: &&Read| {
            !matches!(
                read.command,
                Command::Thanks
                    | Command::Close
                    | Command::Yes
                    | Command::No
                    | Command::Machine
                    | Command::Medium(Medium::Reaction | Medium::Sticker)
            )
        };
        match commands.iter().find(wants_an_answer) {
            Some(read) => {
                self.state.unanswered = commands.iter().map(|read| read.command.clone()).collect();
                self.alone(read, |decider, _| {
                    decider.ask(Ask::OptIn, Asked::OptIn);
                    (Verdict::Asks, "opted out, and plainly wants an answer")
                });
            }
            None => self.silence(commands, "opted out, and nothing wants an answer"),
        }
    }

    /// Whether the other side is a machine, or a person who repeats the same words over and over.
    pub(super) fn is_a_loop(&mut self, commands: &[Read]) -> bool {
        let text = self.words_of_turn().to_lowercase();
        // "Tot 15.000 euro" and "tot 17.000 euro" are two wishes, however much alike: only the very same words are a loop.
        let long = text.chars().count() >= LONG_REPEAT;
        let hash = fnv(&text);
        let times = if self.state.repeated.text == hash { self.state.repeated.times + 1 } else { 1 };
        let machine = commands.iter().any(|read| matches!(read.command, Command::Machine));
        let machine_before = self.state.repeated.machine;
        self.state.repeated = Repeated {
            text: hash,
            times,
            machine: if machine { machine_before.saturating_add(1) } else { 0 },
        };
        let choice = |read: &Read| {
            matches!(
                read.command,
                Command::Yes | Command::No | Command::Pick(_) | Command::Moment(_) | Command::Medium(_)
            )
        };
        machine || (times >= REPEATS && (long || !commands.iter().all(choice)))
    }

    /// Not answered again; a person is told once.
    pub(super) fn loops(&mut self, commands: &[Read]) {
        let Repeated { times, machine, .. } = self.state.repeated;
        if machine == 2 || (machine == 0 && times == REPEATS) {
            self.tell_quietly(TaskKind::Other, format!("herhaalt zich: {}", self.words_of_turn()));
        }
        self.silence(commands, "a machine, or the same words again");
    }

    /// A person was called and has not come yet: what is added is noted, said once in a quiet hour.
    pub(super) fn while_waiting(&mut self, commands: &[Read]) {
        self.reword = false;
        let waiting =
            self.state.waiting.unwrap_or(Waiting { since: self.input.now.timestamp(), told_at: None });
        let now = self.input.now.timestamp();
        let asks_when = commands.iter().any(|read| matches!(read.command, Command::AskWhenAnswered));
        let wants = |read: &Read| {
            !matches!(read.command, Command::Thanks | Command::Close | Command::Yes | Command::No)
                && !matches!(
                    read.command,
                    Command::Speak(_) | Command::Machine | Command::Medium(Medium::Reaction)
                )
        };
        let quiet = waiting.told_at.is_none_or(|told| now.duration_since(told) >= QUIET);
        self.state.asked = self.asked.take();
        // A name given now is still the name.
        self.who(commands);
        let given = commands.iter().find_map(|read| match &read.command {
            Command::Name(name) => crate::names::given(name),
            _ => None,
        });
        if let Some(name) = given {
            if let Some(Asked::Name | Asked::NameProposed { .. }) = self.state.asked {
                self.state.asked = None;
                self.put_name(&name);
            } else if self.state.name.is_none() {
                self.state.name = Some(name);
            }
        }
        if commands.iter().any(wants) {
            self.tell_quietly(TaskKind::HandOver, self.words_of_turn());
        }
        let answers = self.answers_at();
        if asks_when {
            self.say(Piece::WhenAnswered { answers });
        } else if quiet && commands.iter().any(wants) {
            self.say(Piece::Added { answers });
            self.state.waiting = Some(Waiting { told_at: Some(now), ..waiting });
        }
        for read in commands {
            let verdict = if self.steps.is_empty() { Verdict::Passes } else { Verdict::Promises };
            self.note(read, verdict, "a person was called and reads this");
        }
    }

    pub(super) fn when_answered(&mut self) -> Answer {
        let answers = self.answers_at();
        self.say(Piece::WhenAnswered { answers });
        if self.state.promises.is_empty() {
            self.tell_quietly(TaskKind::Question, self.words_of_turn());
        }
        (Verdict::Answers, "when somebody answers")
    }

    pub(super) fn open_questions(&mut self) -> Answer {
        let about: Vec<Quoted> = self
            .state
            .promises
            .iter()
            .filter(|promise| promise.kind == TaskKind::Question)
            .map(|promise| Quoted(promise.details.clone()))
            .collect();
        if about.is_empty() {
            let question = self.words_of_turn();
            return self.ask_colleague(&question);
        }
        let details = about.iter().map(|one| one.0.clone()).collect::<Vec<_>>().join("; ");
        let questions = about.into_iter().map(|one| Quoted(without_ids(&one.0))).collect();
        self.say(Piece::Unknown { car: None, about: questions });
        self.promise(TaskKind::Question, details);
        (Verdict::Promises, "questions that are open with a colleague")
    }

    pub(super) fn ask_colleague(&mut self, question: &str) -> Answer {
        // In the workshop's talk a question is the workshop's.
        let kind = match self.state.topic {
            Topic::Workshop => TaskKind::Workshop,
            Topic::TradeIn => TaskKind::TradeIn,
            Topic::Finance => TaskKind::Finance,
            _ => TaskKind::Question,
        };
        let of = self.focus().map(|car| format!(" ({}, {})", car.title(), car.id)).unwrap_or_default();
        let again = self.has_promise(kind);
        let told = self.steps.iter().any(|step| {
            matches!(step, Step::Promise { kind: standing, details } if *standing == kind && details.contains(question))
        });
        if (self.several || again)
            && !told
            && question.chars().count() <= SHORT_QUESTION
            && may_repeat(question)
        {
            self.say(Piece::PassedOn(Quoted(question.to_owned())));
        }
        self.promise(kind, format!("{question}{of}"));
        (Verdict::Promises, "no record and no text of the dealer's answers it")
    }

    pub(super) fn trade_in(&mut self, own: &OwnCar, read: &Read) -> Answer {
        self.state.topic = Topic::TradeIn;
        let before = self.state.trade_in.clone();
        self.state.trade_in.add(own);
        let own = self.state.trade_in.clone();
        let words = self.words(read);
        if own == before && self.has_promise(TaskKind::TradeIn) {
            // What the record has no place for: a scratch, pictures.
            if words.chars().count() <= SHORT_QUESTION && may_repeat(&words) {
                self.say(Piece::PassedOn(Quoted(words.clone())));
            }
            self.promise(TaskKind::TradeIn, format!("{}: {words}", own_details(&own)));
            return (Verdict::Promises, "more for who values the car");
        }
        if own.plate.is_none() || own.mileage_km.is_none() {
            self.state.asked = self.state.asked.take().or(Some(Asked::OwnCar));
        }
        self.say(Piece::TradeIn { own: own.clone() });
        self.promise(TaskKind::TradeIn, own_details(&own));
        (Verdict::Promises, "an appraiser values the car")
    }

    pub(super) fn finance(&mut self, reference: Option<&CarRef>, read: &Read) -> Answer {
        let again = self.has_promise(TaskKind::Finance);
        self.state.topic = Topic::Finance;
        let car = self.meant(reference);
        // Months, a deposit and what comes to them stand in other clauses than the wish.
        let words = self.words_of_message(read);
        if !again {
            self.say(Piece::Finance { car: car.cloned() });
        }
        let of = car.map(|car| format!("{} ({}): ", car.title(), car.id)).unwrap_or_default();
        self.promise(TaskKind::Finance, format!("{of}{words}"));
        (Verdict::Promises, "an adviser works it out")
    }

    fn has_promise(&self, kind: TaskKind) -> bool {
        self.state.promises.iter().any(|promise| promise.kind == kind)
    }

    pub(super) fn buy(&mut self, reference: Option<&CarRef>, reserve: bool) -> Answer {
        let car = self.meant(reference);
        let what = if reserve { "reserveren" } else { "kopen" };
        let of = of_car(car);
        self.call_a_person(Reason::Buying, TaskKind::Buy, format!("{what}{of}: {}", self.words_of_turn()));
        (Verdict::Acts, "who wants to buy goes to a person at once")
    }

    pub(super) fn bid(&mut self, reference: Option<&CarRef>, amount_eur: Option<i32>) -> Answer {
        self.state.topic = Topic::Price;
        let car = self.meant(reference);
        let amount = amount_eur.map(|amount| format!(" {amount} euro")).unwrap_or_default();
        self.no_discount(car);
        self.promise(TaskKind::Bid, format!("bod{amount}{}: {}", of_car(car), self.words_of_turn()));
        (Verdict::Promises, "a bid is a person's to answer")
    }

    /// That no discount is to be had here; of one car it is said once.
    fn no_discount(&mut self, car: Option<&Car>) {
        let said = |car: &Car| {
            let about = |kind| matches!(kind, TaskKind::Discount | TaskKind::Bid);
            let promises = &self.state.promises;
            promises.iter().any(|promise| about(promise.kind) && promise.details.contains(&car.id))
        };
        if !car.is_some_and(said) {
            self.say(Piece::NoDiscount { car: car.cloned() });
        }
    }

    pub(super) fn discount(&mut self, reference: Option<&CarRef>) -> Answer {
        self.state.topic = Topic::Price;
        let car = self.meant(reference);
        self.no_discount(car);
        if car.is_none() {
            self.ask(Ask::AnyCar, Asked::AnyCar { when: None });
        }
        self.promise(TaskKind::Discount, format!("{}{}", self.words_of_turn(), of_car(car)));
        (Verdict::Promises, "the price is a person's to talk about")
    }

    pub(super) fn workshop(&mut self, own: &OwnCar, when: &When, read: &Read) -> Answer {
        self.state.topic = Topic::Workshop;
        self.state.workshop.add(own);
        let own = self.state.workshop.clone();
        let words = self.words(read);
        self.say(Piece::Workshop { own: own.clone(), day: when.day(), time: when.time() });
        self.promise(TaskKind::Workshop, format!("{words} ({})", own_details(&own)));
        (Verdict::Promises, "the workshop confirms a moment")
    }

    pub(super) fn call_back(&mut self, when: &When, by: Way) -> Answer {
        self.state.topic = Topic::CallBack;
        let details = self.words_of_turn();
        let at = self.first_moment(when);
        if by == Way::Phone && at.is_none() {
            self.promise(TaskKind::CallBack, details);
            return (Verdict::Promises, "a colleague calls");
        }
        // When the call is wished is said back in the customer's words.
        if at.is_some()
            && let Some(wish) = without_phone_number(&details)
        {
            self.say(Piece::PassedOn(Quoted(wish)));
        }
        self.steps.push(Step::Reach { by, at, details });
        if by == Way::Mail && self.state.email.is_none() && !self.asks {
            self.asks = true;
            self.say(Piece::Ask(Ask::Email));
        }
        (Verdict::Promises, if by == Way::Mail { "a colleague writes" } else { "a colleague calls" })
    }

    /// The first moment of a wish that names one, in opening hours of the dealer or not.
    fn first_moment(&self, when: &When) -> Option<Zoned> {
        let time = match when.hours {
            Hours::At(time) | Hours::Around(time) | Hours::Between { from: Some(time), .. } => Some(time),
            Hours::Any | Hours::Between { from: None, .. } => None,
        };
        let named = when.days.first().map(|days| days.first);
        if time.is_none() && named.is_none() {
            return None;
        }
        let now = &self.input.now;
        let on = |date: Date| {
            let opening = self.input.knowledge.dealer.hours.on(date).first().map(|open| open.from_minute());
            let minute = i8::try_from(opening.unwrap_or_default() / 60).unwrap_or_default();
            let start = time.unwrap_or_else(|| Time::new(minute, 0, 0, 0).unwrap_or(Time::midnight()));
            date.to_datetime(start).to_zoned(now.time_zone().clone()).ok()
        };
        let at = on(named.unwrap_or(now.date()))?;
        if at >= *now || named.is_some() {
            Some(at.max(now.clone()))
        } else {
            on(now.date().saturating_add(1.day()))
        }
    }

    /// A phone number or an address alone: noted, and told to whoever calls.
    pub(super) fn contact_noted(&mut self) {
        if !self.state.promises.is_empty() {
            self.tell_quietly(TaskKind::CallBack, self.words_of_turn());
        }
        self.say(Piece::Noted);
        self.state.asked = self.asked.take();
    }

    pub(super) fn medium(&mut self, medium: Medium) -> Answer {
        if medium == Medium::Button {
            return (Verdict::Passes, "the button's words are read");
        }
        let of_own_car = match self.state.topic {
            Topic::TradeIn => Some(TaskKind::TradeIn),
            Topic::Workshop => Some(TaskKind::Workshop),
            _ => None,
        };
        if let Some(kind) = of_own_car
            && matches!(medium, Medium::Photo | Medium::Video | Medium::Document)
        {
            self.say(Piece::Noted);
            self.promise(kind, "foto's ontvangen".to_owned());
            return (Verdict::Promises, "pictures for who sees to the customer's car");
        }
        let described = self
            .input
            .messages
            .iter()
            .any(|message| crate::reading::words_of(&message.text).chars().any(char::is_alphanumeric));
        let picture = matches!(medium, Medium::Photo | Medium::Video | Medium::Document);
        self.say(if picture && described { Piece::Noted } else { Piece::Medium(medium) });
        self.state.asked = self.asked.take();
        (Verdict::Answers, "a medium without words")
    }

    /// Nothing was understood: the open question again, else what the assistant can do, and the second time a person.
    pub(super) fn not_understood(&mut self) {
        // "Met mijn vrouw", of coming by.
        if let Some(visit @ Asked::Visit { .. }) = self.asked.clone() {
            self.state.asked = Some(visit);
            self.say(Piece::Farewell { appointment: None });
            return;
        }
        self.state.misunderstood += 1;
        if self.state.misunderstood >= MISUNDERSTOOD {
            self.state.misunderstood = 0;
            self.call_a_person(Reason::NotUnderstood, TaskKind::HandOver, self.words_of_turn());
            return;
        }
        self.state.asked = self.asked.take();
        if self.state.asked.is_none() && !self.state.offered.is_empty() {
            self.list_again();
            return;
        }
        self.say(Piece::NotUnderstood);
    }
}

fn of_car(car: Option<&Car>) -> String {
    car.map(|car| format!(" {} ({}, € {})", car.title(), car.id, car.price_eur)).unwrap_or_default()
}

fn own_details(own: &OwnCar) -> String {
    let parts = [
        own.title(),
        own.plate.clone(),
        own.mileage_km.map(|km| format!("{km} km")),
        own.year.map(|year| year.to_string()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// So short a word leads to a number: "op 06 …", "unter 0172 …".
const LEADS: usize = 5;

/// A short wish up to the phone number in it, where it may be repeated.
fn without_phone_number(words: &str) -> Option<String> {
    let long = |word: &&str| word.chars().filter(char::is_ascii_digit).count() > 3 || word.starts_with('+');
    let mut kept: Vec<&str> = words.split_whitespace().take_while(|word| !long(word)).collect();
    let cut = kept.len() < words.split_whitespace().count();
    let leads = |word: &&str| word.len() <= LEADS && word.chars().all(char::is_alphabetic) || *word == "06";
    while cut && kept.last().is_some_and(leads) {
        kept.pop();
    }
    let wish = kept.join(" ");
    (!wish.is_empty() && wish.chars().count() <= SHORT_QUESTION && may_repeat(&wish)).then_some(wish)
}

/// A question without the inventory ids that stand behind it for colleagues.
fn without_ids(details: &str) -> String {
    details.split(" (").next().unwrap_or(details).to_owned()
}

/// FNV-1a, for telling whether the same words came again.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
