//! Questions about cars: which there are, what they are like, what they cost.

use dealer::{Car, PracticalTopic};
use jiff::civil::Date;

use super::{Answer, Decider, Step, Verdict};
use crate::command::{CarRef, Command, Field, Practical};
use crate::piece::{Ask, Fit, Piece, Quoted};
use crate::reading::noun_for;
use crate::state::{Asked, Topic};
use crate::stock::{self, Resolved};
use crate::task::TaskKind;
use crate::when::{Days, When};
use crate::wishes::Wishes;

/// At most so many cars are listed.
const CARS_SHOWN: usize = 4;

/// Asked so often which car is meant, a colleague asks.
const MOST_TIMES: u8 = 2;

/// A thing's name has at most so many words: "apple carplay".
const NAME_OF_A_THING: usize = 3;

/// What who comes by anyway is told.
const SEE_YOU: Piece = Piece::Farewell { appointment: None };

fn of_car(cars: &[&Car]) -> String {
    let cars: Vec<String> = cars.iter().map(|car| format!("{}, {}", car.title(), car.id)).collect();
    if cars.is_empty() { String::new() } else { format!(" ({})", cars.join("; ")) }
}

/// What came of pointing at a car.
pub(super) enum Pointed<'a> {
    /// This one is meant.
    At(&'a Car),
    /// No car that we know of.
    Nowhere,
    /// It took a question back, or the car is not for sale.
    Asked,
}

impl<'a> Decider<'a> {
    pub(super) fn show(&mut self, wishes: &Wishes) -> Answer {
        self.state.topic = Topic::Cars;
        self.state.wishes.refine(wishes);
        let inventory = &self.input.knowledge.dealer.inventory;
        if self.state.wishes.is_empty() {
            self.say(Piece::AskWishes);
            self.state.asked = Some(Asked::Wishes);
            return (Verdict::Asks, "a car is wanted, but which is open");
        }
        let all = self.state.wishes.clone();
        if all.names_a_car() && !stock::is_sold(inventory, &all) {
            let named = stock::name_of(&all).unwrap_or_default();
            self.say(Piece::NotInStock { named: named.clone() });
            self.state.missing_car = Some(named);
            // What was wished besides the name may still find something.
            let rest = Wishes { make: None, models: Vec::new(), ..all };
            let specific = !rest.fuels.is_empty() || !rest.bodies.is_empty() || rest.purpose.is_some();
            self.state.wishes = rest.clone();
            if specific {
                let found = stock::search(inventory, &rest, CARS_SHOWN);
                self.list(found.fit, found.cars);
            } else {
                self.state.asked = Some(Asked::Wishes);
            }
            return (Verdict::Answers, "not in stock");
        }
        let found = stock::search(inventory, &all, CARS_SHOWN);
        let because = match found.fit {
            Fit::All => "cars that meet the wishes",
            Fit::Nearest(_) => "cars that come nearest",
            Fit::None => "nothing comes near",
        };
        self.invite = !found.cars.is_empty();
        self.list(found.fit, found.cars);
        (Verdict::Answers, because)
    }

    /// A car named while the question "welke auto?" is open answers it, however it was named.
    pub(super) fn car_asked_for(&mut self, command: &Command) -> Option<Answer> {
        if let Some(Asked::WhichAppointment { to }) = self.asked.clone() {
            return self.appointment_for(command, to);
        }
        let (when, about) = match &self.asked {
            Some(Asked::WhichCar { when, about, .. }) => (when.clone(), about.clone()),
            Some(Asked::AnyCar { when }) => (when.clone(), Vec::new()),
            _ => return None,
        };
        let reference = match command {
            Command::Show(wishes) if !wishes.is_empty() => {
                CarRef { described: wishes.clone(), pointing: true, ..CarRef::default() }
            }
            Command::Tell { cars, fields } => {
                // "De duurste" says which, and asks no price.
                let points = |car: &&CarRef| fields.is_empty() || car.described.order.is_some();
                cars.first().filter(points)?.clone()
            }
            _ => return None,
        };
        Some(match when {
            Some(when) => self.drive(Some(&reference), &when, true),
            None if about.is_empty() => self.tell(&[reference], &[Field::Price]),
            None => self.tell(&[reference], &about),
        })
    }

    /// "Die met de BMW": which appointment, by its car.
    fn appointment_for(&mut self, command: &Command, to: Option<When>) -> Option<Answer> {
        let reference = match command {
            Command::Tell { cars, .. } => cars.first()?.clone(),
            Command::Drive { car, .. } => car.clone()?,
            Command::Show(wishes) => CarRef { described: wishes.clone(), ..CarRef::default() },
            _ => return None,
        };
        let car = self.meant(Some(&reference))?;
        let standing = self.state.appointments.iter().find(|one| one.car_id.as_ref() == Some(&car.id))?;
        let id = standing.id.clone();
        Some(self.on_appointment(&id, to))
    }

    fn list(&mut self, fit: Fit, cars: Vec<&'a Car>) {
        let ids: Vec<String> = cars.iter().map(|car| car.id.clone()).collect();
        if cars.is_empty() {
            self.say(Piece::Cars { fit: Fit::None, cars: Vec::new() });
            self.promise(TaskKind::Question, format!("gezocht: {}", self.words_of_turn()));
            return;
        }
        if let [only] = ids.as_slice() {
            self.state.focus_on(&only.clone());
        } else {
            self.state.focus.retain(|id| ids.contains(id));
            self.state.missing_car = None;
        }
        self.state.shown = ids;
        self.say(Piece::Cars { fit, cars: cars.into_iter().cloned().collect() });
    }

    pub(super) fn tell(&mut self, references: &[CarRef], fields: &[Field]) -> Answer {
        self.state.topic = Topic::Cars;
        let state = self.state.clone();
        let inventory = &self.input.knowledge.dealer.inventory;
        let pointing = [CarRef { pointing: true, ..CarRef::default() }];
        // "Die dan": the next thing is to drive it.
        self.invite |= references.is_empty() && fields.is_empty();
        let pointed = !references.is_empty();
        let references = if references.is_empty() { &pointing } else { references };
        let mut answer = (Verdict::Answers, "the record says");
        let mut told: Vec<&Car> = Vec::new();
        for reference in references {
            match stock::resolve(reference, &state, inventory) {
                Resolved::One(car) => told.push(car),
                Resolved::Several(cars) if references.len() == 1 => {
                    answer = self.tell_of_several(&cars, fields, reference.pointing && pointed);
                }
                Resolved::Several(cars) => told.extend(cars.first().copied()),
                Resolved::NotInStock(named) => {
                    self.say(Piece::NotInStock { named: named.clone() });
                    self.state.missing_car = Some(named);
                    answer = (Verdict::Answers, "not in stock");
                }
                Resolved::Nothing => answer = self.tell_of_nothing(fields),
            }
        }
        for car in &told {
            if told.len() == 1
                || fields.iter().any(|field| !matches!(field, Field::Other(_)))
                || fields.is_empty()
            {
                self.facts(car, fields);
            } else if !state.shown.contains(&car.id) {
                self.facts(car, &[Field::Available]);
            }
        }
        if !told.is_empty() {
            self.unknown(&told, fields);
        }
        if told.len() > 1 {
            self.state.shown = told.iter().map(|car| car.id.clone()).collect();
        }
        // Of those on a list that were compared none is meant yet; else the first asked about is from now on.
        if told.len() > 1 && references.iter().all(|reference| reference.place.is_some()) {
            self.state.focus.clear();
        } else {
            for car in told.iter().rev() {
                self.state.focus_on(&car.id);
            }
        }
        if let Some(first) = references.first()
            && let Some(wish) = Some(&first.described).filter(|wish| wish.names_a_car())
            && !told.is_empty()
        {
            self.state.wishes.refine(&Wishes {
                make: wish.make.clone(),
                models: wish.models.clone(),
                ..Wishes::default()
            });
        }
        answer
    }

    fn tell_of_several(&mut self, cars: &[&'a Car], fields: &[Field], pointed: bool) -> Answer {
        let unknown = fields.iter().any(|field| matches!(field, Field::Other(_)));
        let ids: Vec<String> = cars.iter().take(CARS_SHOWN).map(|car| car.id.clone()).collect();
        let standing = ids == self.state.shown;
        // "In welke staat is ie?" of one of those on the list.
        if standing && (pointed || !unknown) {
            let asked = fields.to_vec();
            self.ask_which(ids, None, asked);
            return (Verdict::Asks, "which of the cars shown is open");
        }
        if !standing {
            self.list(Fit::All, cars.iter().copied().take(CARS_SHOWN).collect());
        }
        self.unknown(&[], fields);
        (Verdict::Answers, "several cars fit; their facts are listed")
    }

    fn tell_of_nothing(&mut self, fields: &[Field]) -> Answer {
        if fields.iter().any(|field| matches!(field, Field::Other(_))) {
            self.unknown(&[], fields);
            return (Verdict::Promises, "no car is meant that we know of");
        }
        self.ask(Ask::AnyCar, Asked::AnyCar { when: None });
        (Verdict::Asks, "no car is meant that we know of")
    }

    /// Says what the record knows.
    fn facts(&mut self, car: &'a Car, fields: &[Field]) {
        let no_page = car.url.as_deref().is_none_or(|url| url.trim().is_empty());
        let known: Vec<Field> =
            fields.iter().filter(|field| !matches!(field, Field::Other(_))).cloned().collect();
        if !known.is_empty() || fields.is_empty() {
            self.say(Piece::CarFacts { car: car.clone(), fields: known });
        }
        if no_page && fields.contains(&Field::Photos) {
            self.promise(TaskKind::Question, format!("foto's{}", of_car(&[car])));
        }
    }

    /// Says what no record tells of these cars, and passes it on.
    fn unknown(&mut self, cars: &[&'a Car], fields: &[Field]) {
        let asked: Vec<&String> = fields
            .iter()
            .filter_map(|field| if let Field::Other(words) = field { Some(words) } else { None })
            .collect();
        if asked.is_empty() {
            return;
        }
        // Longer than a thing's name it is a question, which reads ill as part of a sentence.
        let named = |words: &&&String| words.split_whitespace().count() <= NAME_OF_A_THING;
        let about = asked.iter().filter(named).map(|words| Quoted(noun_for(self.language, words))).collect();
        let car = if let [only] = cars { Some((*only).clone()) } else { None };
        self.say(Piece::Unknown { car, about });
        let asked = asked.iter().map(|words| words.as_str()).collect::<Vec<_>>().join(", ");
        self.promise(TaskKind::Question, format!("{asked}{}", of_car(cars)));
    }

    pub(super) fn practical(&mut self, practical: Practical, read: &crate::command::Read) -> Answer {
        let piece = match practical {
            Practical::Hours => return self.hours(None),
            Practical::HoursOn(day) => return self.hours(Some(day)),
            Practical::Address => Piece::Address,
            Practical::Phone => Piece::PhoneNumber,
            Practical::Cancelling => Piece::Cancelling,
            Practical::WhoAreYou => Piece::WhoAmI,
            Practical::Topic(PracticalTopic::WalkIn) => return self.walk_in(),
            Practical::Topic(topic) => {
                let question = self.words(read);
                let Some(answer) = self.input.knowledge.dealer.practical(topic, self.language) else {
                    return self.ask_colleague(&question);
                };
                self.say(Piece::Practical(topic));
                if answer.colleague {
                    self.promise(TaskKind::Question, question);
                    return (Verdict::Promises, "the dealer's own text, and a colleague for the rest");
                }
                return (Verdict::Answers, "the dealer's own text");
            }
        };
        self.say(piece);
        (Verdict::Answers, "the dealer's own text")
    }

    /// Who comes without an appointment is welcome; said once while the talk is about that.
    fn walk_in(&mut self) -> Answer {
        let (before, again) = match &self.asked {
            Some(Asked::Visit { when, welcomed }) => (when.clone(), *welcomed),
            _ => (When::default(), false),
        };
        let told = self.input.knowledge.dealer.practical(PracticalTopic::WalkIn, self.language).is_some();
        if again {
            self.say(SEE_YOU);
        } else if told {
            self.say(Piece::Practical(PracticalTopic::WalkIn));
        } else {
            self.say(Piece::OpeningHours { day: None });
        }
        if !self.asks {
            self.state.asked = Some(Asked::Visit { when: before, welcomed: true });
        }
        (Verdict::Answers, "who comes by is welcome in opening hours")
    }

    /// When the dealer is open: in the week, or until when on a day. Who asks may come by.
    fn hours(&mut self, day: Option<Date>) -> Answer {
        let told = |step: &Step| matches!(step, Step::Say(Piece::OpeningHours { day: Some(_) }));
        let welcomed = self.steps.contains(&Step::Say(Piece::Practical(PracticalTopic::WalkIn)));
        let told_before = welcomed && matches!(self.asked, Some(Asked::Visit { .. }));
        let see_you = self.steps.contains(&Step::Say(SEE_YOU));
        if day.is_none() && (told_before || see_you || self.steps.iter().any(told)) {
            return (Verdict::Passes, "the hours are told already");
        }
        let gives_way = |step: &Step| {
            *step == Step::Say(Piece::OpeningHours { day: None }) || *step == Step::Say(SEE_YOU)
        };
        self.steps.retain(|step| !gives_way(step));
        let when = day.map(When::on).unwrap_or_default();
        match &mut self.state.asked {
            Some(Asked::Visit { when: before, .. }) => before.refine(&when),
            None if !self.asks
                && self.state.focus.is_empty()
                && self.state.offered.is_empty()
                && self.state.appointments.is_empty() =>
            {
                self.state.asked = Some(Asked::Visit { when, welcomed: false });
            }
            _ => {}
        }
        self.say(Piece::OpeningHours { day });
        (Verdict::Answers, "the dealer's own text")
    }

    /// "Vanmiddag", of coming by: until when the dealer is open then. Who names an hour wants an appointment.
    pub(super) fn visit_at(&mut self, before: &When, welcomed: bool, when: &When) -> Answer {
        let mut both = before.clone();
        both.refine(when);
        // "Zondag zeker niet, hè?" asks about that day.
        if let ([], [day]) = (when.days.as_slice(), when.not_days.as_slice()) {
            both = When::on(*day);
        }
        if both.days.is_empty() {
            both.days = vec![Days::on(self.input.now.date())];
        }
        if both.time().is_some() {
            self.ask(Ask::AnyCar, Asked::AnyCar { when: Some(both) });
            return (Verdict::Asks, "no car is meant that we know of");
        }
        self.say(Piece::OpeningHours { day: both.day() });
        self.state.asked = Some(Asked::Visit { when: both, welcomed });
        (Verdict::Answers, "who comes by is welcome in opening hours")
    }

    /// Makes the car a customer points at the one that is meant, or asks which.
    pub(super) fn point_at(&mut self, reference: Option<&CarRef>, when: &When) -> Pointed<'a> {
        let inventory = &self.input.knowledge.dealer.inventory;
        let pointing = CarRef { pointing: true, ..CarRef::default() };
        let reference = reference.unwrap_or(&pointing);
        match stock::resolve(reference, &self.state, inventory) {
            Resolved::One(car) => {
                self.state.focus_on(&car.id);
                Pointed::At(car)
            }
            Resolved::Several(cars) => {
                let cars: Vec<&Car> = cars.into_iter().take(CARS_SHOWN).collect();
                let ids: Vec<String> = cars.iter().map(|car| car.id.clone()).collect();
                self.ask_which(ids, Some(when.clone()), Vec::new());
                Pointed::Asked
            }
            Resolved::NotInStock(named) => {
                self.say(Piece::NotInStock { named: named.clone() });
                self.state.missing_car = Some(named);
                self.state.asked = Some(Asked::Wishes);
                Pointed::Asked
            }
            Resolved::Nothing => Pointed::Nowhere,
        }
    }

    /// The car a price, a bid or a loan is about, without asking.
    pub(super) fn meant(&mut self, reference: Option<&CarRef>) -> Option<&'a Car> {
        let inventory = &self.input.knowledge.dealer.inventory;
        let pointing = CarRef { pointing: true, ..CarRef::default() };
        match stock::resolve(reference.unwrap_or(&pointing), &self.state, inventory) {
            Resolved::One(car) => {
                self.state.focus_on(&car.id);
                Some(car)
            }
            _ => None,
        }
    }

    pub(super) fn which_car_again(&mut self, ids: Vec<String>, when: Option<When>) -> Answer {
        self.ask_which(ids, when, Vec::new());
        (Verdict::Asks, "which car is still open")
    }

    /// Asks which of these cars is meant: with their list where it was not shown before, shorter after that, and in the end a
    /// colleague does. The same list never comes twice.
    fn ask_which(&mut self, ids: Vec<String>, when: Option<When>, about: Vec<Field>) {
        let (before, times) = match &self.asked {
            Some(Asked::WhichCar { cars, times, about, .. }) if *cars == ids => {
                (about.clone(), times.saturating_add(1))
            }
            _ => (Vec::new(), 0),
        };
        let about = if about.is_empty() { before } else { about };
        let shown = ids.len() > 1 && self.state.shown == ids;
        let times = if shown { times.max(1) } else { times };
        self.state.shown.clone_from(&ids);
        let cars: Vec<Car> = ids.iter().filter_map(|id| self.car(id)).cloned().collect();
        if times > MOST_TIMES {
            // A colleague asks already.
            self.say(Piece::Noted);
            self.tell_quietly(TaskKind::Appointment, self.words_of_turn());
            self.state.asked = Some(Asked::WhichCar { cars: ids, when, about, times });
            return;
        }
        if times == MOST_TIMES {
            let kind = if when.is_some() { TaskKind::Appointment } else { TaskKind::Question };
            let of = of_car(&cars.iter().collect::<Vec<_>>());
            self.promise(kind, format!("{}{of}", self.words_of_turn()));
            self.state.asked = Some(Asked::WhichCar { cars: ids, when, about, times });
            return;
        }
        let ask = if times > 0 { Ask::WhichOfThose } else { Ask::WhichCar(cars) };
        self.ask(ask, Asked::WhichCar { cars: ids, when, about, times });
    }
}
