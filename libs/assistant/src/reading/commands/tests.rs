//! What sentences are read as, by kind. Each line is a message of our own, with the commands it must come to.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::{Urgent, is_urgent, looks_unfinished, read};
use crate::Knowledge;
use crate::command::{CarRef, Command, Field, Pick, Plain, Reading};
use crate::ports::FreeSlot;
use crate::state::{Appointment, Asked, PastTurn, State, Topic};
use crate::turn::{Message, Scene};
use crate::when::{Hours, When};
use crate::wishes::Wishes;

/// A Friday.
const NOW: &str = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]";

pub(super) fn reading(messages: &[&str], state: &State) -> Reading {
    let now: Zoned = NOW.parse().unwrap();
    let messages: Vec<Message> =
        messages.iter().map(|text| Message::new("", *text, now.timestamp())).collect();
    read(&Scene { messages: &messages, state, knowledge: &Knowledge::builtin(), now: &now })
}

/// The commands in short, a `?` before those that are doubtful.
pub(super) fn said(messages: &[&str], state: &State) -> Vec<String> {
    let reading = reading(messages, state);
    reading
        .commands
        .iter()
        .map(|read| {
            let doubt = if read.plain == Plain::Doubtful { "?" } else { "" };
            format!("{doubt}{}", short(&read.command))
        })
        .collect()
}

fn short(command: &Command) -> String {
    let with = |details: Vec<String>| {
        let details: Vec<String> = details.into_iter().filter(|one| !one.is_empty()).collect();
        if details.is_empty() {
            command.name().to_owned()
        } else {
            format!("{} {}", command.name(), details.join(" "))
        }
    };
    match command {
        Command::Show(wishes) => with(vec![wish(wishes)]),
        Command::Tell { cars, fields } => {
            let fields: Vec<String> = fields.iter().map(field).collect();
            with(vec![cars.iter().map(car).collect::<Vec<_>>().join("+"), format!("[{}]", fields.join(","))])
        }
        Command::Practical(practical) => with(vec![format!("{practical:?}")]),
        Command::Drive { car: which, when } => with(vec![which.iter().map(car).collect(), moment(when)]),
        Command::Moment(when) | Command::CallBack { when } | Command::Pick(Pick::Moment(when)) => {
            with(vec![moment(when)])
        }
        Command::Pick(Pick::Number(number)) => with(vec![number.to_string()]),
        Command::RefuseSlots { numbers, instead } => {
            with(vec![numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(","), moment(instead)])
        }
        Command::Move { to, from } => with(vec![
            moment(to),
            if from.is_empty() { String::new() } else { format!("from {}", moment(from)) },
        ]),
        Command::Cancel { from } => with(vec![moment(from)]),
        Command::OtherCar(which) => with(vec![car(which)]),
        Command::Name(name) => with(vec![name.clone()]),
        Command::Contact { email, phone } => {
            with(vec![email.clone().unwrap_or_default(), phone.clone().unwrap_or_default()])
        }
        Command::TradeIn(own) => with(vec![own_car(own)]),
        Command::Workshop { own, when } => with(vec![own_car(own), moment(when)]),
        Command::Finance { car: which } | Command::Discount { car: which } => {
            with(vec![which.iter().map(car).collect()])
        }
        Command::Buy { car: which, reserve } => with(vec![
            which.iter().map(car).collect(),
            if *reserve { "reserve".into() } else { String::new() },
        ]),
        Command::Bid { car: which, amount_eur } => with(vec![
            which.iter().map(car).collect(),
            amount_eur.map(|euros| euros.to_string()).unwrap_or_default(),
        ]),
        Command::HandOver(reason) => with(vec![reason.as_str().to_owned()]),
        _ => command.name().to_owned(),
    }
}

fn own_car(own: &crate::command::OwnCar) -> String {
    let parts = [
        own.title(),
        own.plate.clone(),
        own.mileage_km.map(|km| format!("{km}km")),
        own.year.map(|year| year.to_string()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn field(field: &Field) -> String {
    match field {
        Field::Other(words) => format!("\"{words}\""),
        known => format!("{known:?}").to_lowercase(),
    }
}

fn car(car: &CarRef) -> String {
    let mut parts = vec![wish(&car.described)];
    parts.extend(car.variant.iter().cloned());
    parts.extend(car.plate.clone());
    parts.extend(car.place.map(|place| format!("#{place}")));
    parts.extend(car.link.as_ref().map(|_| "link".to_owned()));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn wish(wish: &Wishes) -> String {
    let mut parts: Vec<String> = wish.models.iter().map(|model| model.model.clone()).collect();
    if parts.is_empty() {
        parts.extend(wish.make.clone());
    }
    parts.extend(wish.colors.iter().cloned());
    parts.extend(wish.fuels.iter().cloned());
    parts.extend(wish.transmission.clone());
    parts.extend(wish.bodies.iter().cloned());
    parts.extend(wish.price_min_eur.map(|price| format!(">={price}")));
    parts.extend(wish.price_max_eur.map(|price| format!("<={price}")));
    parts.extend(wish.month_max_eur.map(|price| format!("<={price}/month")));
    parts.extend(wish.year_min.map(|year| format!("from {year}")));
    parts.extend(wish.mileage_max_km.map(|km| format!("<={km}km")));
    parts.extend(wish.purpose.map(|purpose| format!("{purpose:?}").to_lowercase()));
    parts.extend(wish.order.map(|order| format!("{order:?}").to_lowercase()));
    let not = &wish.not;
    for excluded in [&not.makes, &not.models, &not.fuels, &not.transmissions, &not.bodies, &not.colors]
        .into_iter()
        .flatten()
    {
        parts.push(format!("not {excluded}"));
    }
    if wish.fresh {
        parts.push("afresh".into());
    }
    parts.join(" ")
}

fn moment(when: &When) -> String {
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    let day = |date: Date| date.strftime("%d/%m").to_string();
    let mut parts: Vec<String> = when
        .days
        .iter()
        .map(|days| {
            if days.first == days.last {
                day(days.first)
            } else {
                format!("{}-{}", day(days.first), day(days.last))
            }
        })
        .collect();
    parts.extend(match when.hours {
        Hours::Any => None,
        Hours::At(time) => Some(clock(time)),
        Hours::Around(time) => Some(format!("~{}", clock(time))),
        Hours::Between { from, until } => {
            Some(format!("{}..{}", from.map(clock).unwrap_or_default(), until.map(clock).unwrap_or_default()))
        }
    });
    parts.extend(when.not_days.iter().map(|date| format!("not {}", day(*date))));
    parts.extend(when.not_hours.iter().map(|time| format!("not {}", clock(*time))));
    parts.extend(when.relative.map(|relative| format!("{relative:?}")));
    if when.soon {
        parts.push("soon".into());
    }
    parts.join(" ")
}

fn slot(start: &str) -> FreeSlot {
    let start: Zoned = format!("{start}[Europe/Amsterdam]").parse().unwrap();
    FreeSlot { start: start.timestamp(), end: start.timestamp() + jiff::SignedDuration::from_hours(1) }
}

pub(super) fn fresh() -> State {
    State::default()
}

/// Tuesday 1 December: 9:00, 11:00 and 14:00 stand on offer.
pub(super) fn offered() -> State {
    State {
        offered: ["2026-12-01T09:00", "2026-12-01T11:00", "2026-12-01T14:00"].map(slot).to_vec(),
        topic: Topic::Drive,
        focus: vec!["kia-niro-01".into()],
        ..State::default()
    }
}

/// A drive with the Clio stands on Tuesday 1 December at 10:00.
pub(super) fn booked() -> State {
    let appointment = Appointment {
        id: "a1".into(),
        slot: slot("2026-12-01T10:00"),
        car_id: Some("renault-clio-02".into()),
        name: None,
    };
    State {
        appointments: vec![appointment],
        topic: Topic::Drive,
        focus: vec!["renault-clio-02".into()],
        ..State::default()
    }
}

pub(super) fn asked(asked: Asked) -> State {
    State { asked: Some(asked), ..State::default() }
}

fn check(state: &State, table: &[(&str, &[&str])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(message, expected)| {
            let read = said(&[message], state);
            (read != *expected)
                .then(|| format!("{message}\n    expected {expected:?}\n    read     {read:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_polite_question_for_a_drive_is_a_plain_wish() {
    check(
        &fresh(),
        &[
            ("mag ik woensdag om 13 uur de Fabia proefrijden?", &["drive Fabia 02/12 13:00"]),
            (
                "zou ik maandagochtend in de oranje Captur kunnen rijden",
                &["drive Captur orange 30/11 ..12:00"],
            ),
            ("Proefrit met de Kona op zaterdag 11.00u aub", &["drive Kona 28/11 11:00"]),
            ("Could I take the Yaris for a spin on Monday at 2pm?", &["drive Yaris 30/11 14:00"]),
            ("Darf ich am Mittwoch um 15 Uhr den Tiguan Probe fahren?", &["drive Tiguan 02/12 15:00"]),
            ("de Niro, zaterdag?", &["drive Niro 28/11"]),
            ("wanneer kan ik langskomen voor de Aygo", &["drive Aygo"]),
            ("ik wil geen proefrit", &["no"]),
        ],
    );
}

#[test]
fn moments_without_a_word_of_what_for_stay_moments() {
    check(
        &fresh(),
        &[
            ("woensdag?", &["moment 02/12"]),
            ("overmorgen om 3 uur", &["moment 29/11 15:00"]),
            ("13:00", &["moment 13:00"]),
            ("Morning!", &["greet"]),
        ],
    );
}

#[test]
fn what_is_refused_or_asked_picks_nothing() {
    check(
        &offered(),
        &[
            ("3 lukt me niet", &["refuse_slots 3"]),
            ("die om 9 uur is me te vroeg", &["refuse_slots 09:00.. not 09:00"]),
            ("allemaal goed behalve 1", &["refuse_slots 1"]),
            ("kan het ook op woensdag?", &["refuse_slots 02/12"]),
            ("is optie 2 ook vrijdag mogelijk?", &["refuse_slots 04/12 11:00"]),
            ("nummer 1 is zeker al weg?", &["?pick 1"]),
            ("none of those suit me", &["refuse_slots"]),
            ("option 3 doesn't suit", &["refuse_slots 3"]),
            ("Nummer 2 passt mir nicht", &["refuse_slots 2"]),
            ("wat later graag", &["refuse_slots Later(None)"]),
            ("is 3 nog vrij?", &["refuse_slots 01/12"]),
        ],
    );
}

#[test]
fn a_moment_on_offer_is_picked_by_number_place_and_hour() {
    check(
        &offered(),
        &[
            ("3", &["pick 3"]),
            ("③", &["pick 3"]),
            ("1️⃣", &["pick 1"]),
            ("de 3e graag", &["pick 3"]),
            ("nummer twee", &["pick 2"]),
            ("doe mij de laatste maar", &["pick -1"]),
            ("I'll take the first", &["pick 1"]),
            ("die van 11 uur graag", &["pick 11:00"]),
            ("9 uur past prima", &["pick 09:00"]),
            ("ja, 14:00 is goed. Heeft hij stoelverwarming?", &["pick 14:00", "tell [\"stoelverwarming\"]"]),
            ("16:00", &["moment 16:00"]),
            ("het liefst in de ochtend", &["moment ..12:00"]),
        ],
    );
}

#[test]
fn an_appointment_is_moved_in_plain_words() {
    check(
        &booked(),
        &[
            ("kan mijn afspraak naar donderdag?", &["move 03/12"]),
            ("verzet de proefrit naar vrijdag 15 uur aub", &["move 04/12 15:00"]),
            ("ik red dinsdag niet, kan het woensdag om 11 uur?", &["move 02/12 11:00 not 01/12 from 01/12"]),
            ("kan de afspraak een uurtje later", &["move Later(Some(60))"]),
            ("Can we move it to Thursday at 3pm?", &["move 03/12 15:00"]),
            ("Können wir den Termin auf Freitag verschieben?", &["move 04/12"]),
            ("dinsdag gaat me niet lukken", &["?move not 01/12 from 01/12"]),
        ],
    );
}

#[test]
fn calling_off_takes_plain_words_and_a_question_about_it_is_only_a_question() {
    check(
        &booked(),
        &[
            ("zeg mijn afspraak maar af", &["cancel"]),
            ("de proefrit hoeft niet meer", &["cancel"]),
            ("please call off my test drive", &["cancel"]),
            ("Ich muss den Termin leider absagen", &["cancel"]),
            ("misschien moet ik annuleren", &["?move"]),
            ("ik ben verkouden en heb koorts", &["?cancel"]),
            ("kost annuleren iets?", &["practical Cancelling"]),
            ("wat als ik te laat ben?", &["practical Cancelling"]),
            ("until when can I cancel?", &["practical Cancelling"]),
            ("Was ist, wenn ich krank werde?", &["practical Cancelling"]),
            ("ik kom niet alleen hoor, mijn zoon komt mee", &["practical Topic(Companions)"]),
        ],
    );
}

#[test]
fn an_appointment_is_kept_asked_for_and_given_another_car() {
    check(
        &booked(),
        &[
            ("laat het maar zo staan", &["keep"]),
            ("nee, hou het op 10 uur", &["keep"]),
            ("hoe laat had ik ook weer afgesproken?", &["ask_appointment"]),
            ("What time was my appointment again?", &["ask_appointment"]),
            ("ik rijd toch liever met de Yaris in plaats van de Clio", &["other_car Yaris"]),
            ("proefrit Picanto woensdag 9 uur graag", &["drive Picanto 02/12 09:00"]),
            ("en daarna om 13 uur ook de Fiesta", &["drive Fiesta 01/12 13:00"]),
        ],
    );
}

#[test]
fn a_name_is_what_answers_the_question_for_it() {
    for state in [asked(Asked::Name), asked(Asked::NameProposed { name: "Piet".into() })] {
        check(
            &state,
            &[
                ("Lotte Verbeek", &["name Lotte Verbeek"]),
                ("joris de groen", &["name joris de groen"]),
                ("A. van der Zwart", &["name A. van der Zwart"]),
                ("ja prima, Mevr. de Bruin", &["name Mevr. de Bruin"]),
                ("nee, Karim El Amrani", &["name Karim El Amrani"]),
                ("zet maar op Van Vliet", &["name Van Vliet"]),
                ("doe maar op naam van Femke", &["name Femke"]),
                ("Put it under Grace Kelly please", &["name Grace Kelly"]),
                ("Auf den Namen Jörg Weiß bitte", &["name Jörg Weiß"]),
                ("Sem Bakker. Kan ik ook pinnen?", &["name Sem Bakker", "practical Topic(Payment)"]),
            ],
        );
        assert!(!said(&["hoezo?"], &state).iter().any(|read| read.starts_with("name")));
    }
}

#[test]
fn a_name_is_found_where_nobody_asked_for_it() {
    check(
        &fresh(),
        &[
            ("Is de Fiesta er nog? Groetjes Lieke", &["tell Fiesta [available]", "name Lieke"]),
            ("Mijn naam is Omar Haddad en ik zoek een suv", &["name Omar Haddad", "show suv"]),
            ("Met vriendelijke groet, P. Verschuren", &["name P. Verschuren"]),
        ],
    );
    check(&booked(), &[("Eline Schouten", &["?name Eline Schouten"])]);
}

#[test]
fn definite_cars_are_asked_about() {
    check(
        &fresh(),
        &[
            ("staat die rode Kona er nog?", &["tell Kona red [available]"]),
            ("wat vraag je voor de Corolla", &["tell Corolla [price]"]),
            ("hoeveel heeft de A-klasse gelopen en uit welk jaar is ie", &["tell A-Klasse [mileage,year]"]),
            ("is de zilveren Golf handgeschakeld?", &["tell Golf silver [gearbox]"]),
            ("Does the Picanto have isofix?", &["tell Picanto [\"isofix\"]"]),
            ("Hat der Fabia eine Anhängerkupplung?", &["tell Fabia [\"Anhängerkupplung\"]"]),
            ("is de auto met kenteken J-135-TG nog te koop", &["tell J135TG [available]"]),
            ("welke is groter, de Kuga of de Tiguan?", &["tell Kuga+Tiguan [\"welke is groter\"]"]),
            (
                "hoe snel laadt de ID.3 en wat weegt ie",
                &["tell ID.3 [\"hoe snel laadt de ID.3\",\"wat weegt ie\"]"],
            ),
            ("fiesta?", &["tell Fiesta []"]),
        ],
    );
}

#[test]
fn wishes_are_gathered_excluded_and_corrected() {
    check(
        &fresh(),
        &[
            (
                "ik zoek een stationwagen op benzine of hybride, max 19k",
                &["show petrol hybrid estate <=19000"],
            ),
            ("hebben jullie een suv, liever geen diesel en niet zwart", &["show suv not diesel not black"]),
            ("Clio, nee wacht, een Captur. Tot 18.000, oh nee 17.000", &["show Captur <=17000"]),
            ("Do you have anything for a family, under 20k?", &["show <=20000 family"]),
            ("Suche einen Kombi mit Automatik bis 21.000 Euro", &["show automatic estate <=21000"]),
            ("iets met een hoge instap voor mijn moeder, automaat", &["show automatic highseat"]),
            ("heb je ook iets anders met automaat?", &["show automatic afresh"]),
            ("wat is de goedkoopste?", &["show cheapest"]),
        ],
    );
}

#[test]
fn places_and_colours_point_at_the_cars_shown() {
    let shown = State {
        shown: vec!["ford-fiesta-01".into(), "kia-picanto-01".into()],
        topic: Topic::Cars,
        ..State::default()
    };
    check(
        &shown,
        &[
            ("de tweede", &["tell #2 []"]),
            ("die blauwe", &["tell blue []"]),
            ("doe de eerste maar. zaterdag rijden?", &["drive #1 28/11"]),
            ("welke heeft minder gelopen?", &["tell #1+#2 [mileage]"]),
        ],
    );
    let which = asked(Asked::WhichCar { cars: vec!["a".into(), "b".into()], when: None });
    check(&which, &[("2", &["pick 2"]), ("de rode", &["tell red []"])]);
}

#[test]
fn en_de_kuga_asks_the_same_of_another_car() {
    let turns = vec![PastTurn { customer: "wat kost de Tiguan?".into(), reply: String::new() }];
    let state = State { turns, topic: Topic::Cars, focus: vec!["vw-tiguan-01".into()], ..State::default() };
    check(&state, &[("en de kuga?", &["tell Kuga [price]"])]);
}

#[test]
fn money_is_bid_asked_off_and_paid() {
    check(
        &fresh(),
        &[
            ("ik geef 11.000 voor de Fiesta", &["bid Fiesta 11000"]),
            ("voor 15500 neem ik die Yaris mee", &["bid Yaris 15500"]),
            ("Would you take 9,000 for the Picanto?", &["bid Picanto 9000"]),
            ("Ich biete 13.000 für den Ibiza", &["bid Ibiza 13000"]),
            ("kan er 750 euro af?", &["discount"]),
            ("zit er nog rek in de prijs van de Kuga", &["discount Kuga"]),
            ("What's your best price on the V60?", &["discount V60"]),
            ("ik wil de i10 kopen", &["buy i10"]),
            ("kun je die Octavia voor me reserveren?", &["buy Octavia reserve"]),
            ("kan de Clio ook gefinancierd worden?", &["finance Clio"]),
        ],
    );
}

#[test]
fn the_customers_own_car_is_never_the_wanted_one() {
    check(
        &fresh(),
        &[
            ("wat krijg ik voor mijn Renault Megane uit 2013?", &["trade_in Renault Megane 2013"]),
            (
                "ik wil mijn Corsa inruilen, 98.000 km, kenteken 12-ABC-3",
                &["trade_in Opel Corsa 12ABC3 98000km"],
            ),
            ("mijn Golf heeft een apk nodig, kan dat dinsdag?", &["workshop Volkswagen Golf 01/12"]),
            ("Meine Bremsen quietschen", &["workshop"]),
        ],
    );
    let valued = State { topic: Topic::TradeIn, ..asked(Asked::OwnCar) };
    check(&valued, &[("134.500", &["trade_in 134500km"]), ("12-ABC-3", &["trade_in 12ABC3"])]);
    let workshop = State { topic: Topic::Workshop, ..State::default() };
    check(&workshop, &[("dinsdag?", &["moment 01/12"]), ("krijg ik dan een leenauto?", &["ask_colleague"])]);
}

#[test]
fn people_are_asked_for_in_many_ways() {
    check(
        &fresh(),
        &[
            ("collega", &["hand_over human_requested"]),
            ("Staff please", &["hand_over human_requested"]),
            ("Ich will mit einem Mitarbeiter reden", &["hand_over human_requested"]),
            ("bel me vanmiddag even", &["call_back 27/11 12:00..18:00"]),
            ("Could you give me a call tomorrow?", &["call_back 28/11"]),
            ("kan ik jullie ook gewoon bellen", &["practical Phone"]),
            ("wat een schandalige service, ik ben woedend", &["hand_over complaint"]),
            ("mijn advocaat hoort hiervan", &["hand_over sensitive"]),
            ("I had an accident with your car", &["hand_over sensitive"]),
            ("hoe lang duurt het voor ik antwoord krijg?", &["ask_when_answered"]),
            ("ben jij een robot?", &["practical WhoAreYou"]),
            ("heeft de Kona een ongeluk gehad?", &["tell Kona [\"heeft de Kona een ongeluk gehad\"]"]),
        ],
    );
}

#[test]
fn only_unmistakable_words_stop_the_messages() {
    for message in [
        "STOP",
        "Stop aub, bedankt",
        "stop met die appjes",
        "ik wil geen berichten meer ontvangen",
        "haal mij uit jullie bestand",
        "Please stop texting me",
        "Unsubscribe",
        "don't message me again",
        "Bitte keine Nachrichten mehr schicken",
        "Hören Sie auf, mir zu schreiben",
    ] {
        assert_eq!(said(&[message], &fresh()), ["opt_out"], "{message}");
        assert_eq!(is_urgent(message), Some(Urgent::OptOut), "{message}");
    }
    for message in [
        "ik stop vandaag om 5 uur, kan ik daarna komen?",
        "Could I stop by tomorrow?",
        "hebben jullie geen aanbiedingen meer?",
        "laat me er rustig over nadenken",
        "stuur me geen mail, een appje is prima",
        "App me niet voor 10 uur",
        "Don't call me before noon",
        "I don't want to spend more than 15k",
        "Ich melde mich nicht vor Montag",
        "heeft hij start-stop?",
    ] {
        assert!(!said(&[message], &fresh()).iter().any(|read| read.ends_with("opt_out")), "{message}");
        assert_ne!(is_urgent(message), Some(Urgent::OptOut), "{message}");
    }
    check(
        &fresh(),
        &[
            ("START", &["opt_in"]),
            ("zet me maar weer op de lijst", &["opt_in"]),
            ("kun je nou eens stoppen", &["?opt_out"]),
            ("wat een hoop appjes, veel appjes hoor", &["?opt_out"]),
        ],
    );
}

#[test]
fn practical_questions_find_their_topic() {
    check(
        &fresh(),
        &[
            ("hoe laat gaan jullie zaterdag open?", &["practical Hours"]),
            ("waar zitten jullie eigenlijk", &["practical Address"]),
            ("bezorgen jullie de auto ook?", &["practical Topic(Delivery)"]),
            ("welk rijbewijs heb ik nodig?", &["practical Topic(Licence)"]),
            ("mag de hond mee?", &["practical Topic(Pets)"]),
            ("Can my wife come along?", &["practical Topic(Companions)"]),
            ("Wie lange dauert so eine Probefahrt?", &["practical Topic(DriveLength)"]),
            ("hoeveel aanbetaling vragen jullie", &["practical Topic(Deposit)"]),
            ("kan ik zonder afspraak binnenlopen", &["practical Topic(WalkIn)"]),
            ("is het mogelijk om met bitcoin te doen?", &["ask_colleague"]),
        ],
    );
}

#[test]
fn machines_and_courtesies_are_known() {
    check(
        &fresh(),
        &[
            ("Automatisch antwoord: ik ben er maandag weer", &["machine"]),
            (
                "Bedankt voor uw bericht. Wij zijn momenteel gesloten en nemen spoedig contact op.",
                &["machine"],
            ),
            ("Thanks for contacting Smith Bakery!", &["machine"]),
            ("bedankt voor je bericht", &["thanks"]),
            ("hoi", &["greet"]),
            ("daar ben ik weer", &["greet"]),
            ("ja hoor", &["yes"]),
            ("👍", &["yes"]),
            ("nee dank je", &["no"]),
            ("ik slaap er nog een nachtje over", &["thanks"]),
        ],
    );
    let reply = "Top, je proefrit met de Kia Niro staat op dinsdag 1 december om 10:00, bij ons.";
    let turns = vec![PastTurn { customer: "ja".into(), reply: reply.into() }];
    check(&State { turns, ..State::default() }, &[(reply, &["machine"])]);
}

#[test]
fn a_name_behind_a_wish_is_given_for_it() {
    check(
        &fresh(),
        &[
            (
                "proefrit Kuga maandag 10 uur, Lars Hoekstra",
                &["drive Kuga 30/11 10:00", "name Lars Hoekstra"],
            ),
            (
                "maandag 9 uur de Yaris rijden. Bram Kuipers",
                &["drive Yaris 30/11 09:00", "name Bram Kuipers"],
            ),
            ("proefrit Yaris maandag 10 uur - Femke", &["drive Yaris 30/11 10:00", "name Femke"]),
        ],
    );
    check(&offered(), &[("Anouk Terpstra", &["?name Anouk Terpstra"]), ("farouk", &["?name farouk"])]);
}

#[test]
fn odd_answers_to_the_question_for_a_name_are_names() {
    check(
        &asked(Asked::Name),
        &[
            ("ik ben Sander", &["name Sander"]),
            ("Sander", &["name Sander"]),
            ("zeg maar Koos", &["name Koos"]),
            ("piet v/d berg", &["name piet v/d berg"]),
            ("Noa x", &["name Noa"]),
            ("Kees en Mia", &["name Kees en Mia"]),
            ("mijn naam is Zoe", &["name Zoe"]),
            ("ik heet Ria maar zet het maar op naam van Teun", &["name Teun"]),
        ],
    );
    let of = |text: &str| said(&[text], &asked(Asked::Name)).join("; ");
    assert!(of("kees bakker 0687654321").contains("name kees bakker"));
    assert!(of("Jan 06 87654321").contains("name Jan"));
}

#[test]
fn a_little_late_and_nothing_to_move_leave_the_appointment_be() {
    for text in [
        "ben iets later, kwart over 10",
        "we zijn 5 minuten later",
        "running a bit late",
        "om tien over 10",
        "ik hoef niks te verzetten",
        "no need to reschedule",
    ] {
        let said = said(&[text], &booked());
        assert!(
            said.iter()
                .all(|one| !one.trim_start_matches('?').starts_with("mov") && !one.starts_with("moment")),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn what_was_offered_before_is_taken_back_with_a_colleague() {
    for text in [
        "trek mijn bod maar in",
        "ik wil toch niet financieren",
        "please withdraw my offer",
        "I no longer want to trade it in",
        "bitte mein Gebot zurückziehen",
    ] {
        assert_eq!(said(&[text], &fresh()), ["ask_colleague"], "{text}");
    }
}

#[test]
fn somebody_close_who_wants_a_car_too_drives_it() {
    check(
        &booked(),
        &[
            ("mijn zoon wil ook de Kuga rijden", &["drive Kuga"]),
            ("doe mij maar de Kuga", &["drive Kuga"]),
            ("oh wacht ik bedoelde donderdag", &["move 03/12 SameTime"]),
            ("maandag tussen 3 en 4 bellen over de Kuga?", &["call_back 30/11 15:00..16:00"]),
        ],
    );
}

#[test]
fn complaints_need_no_swear_words() {
    for text in [
        "jullie verspillen mijn tijd",
        "ik wacht nu al drie weken",
        "you are wasting my time",
        "Sie verschwenden meine Zeit",
    ] {
        assert_eq!(said(&[text], &fresh()), ["hand_over complaint"], "{text}");
    }
}

#[test]
fn pieces_of_a_sentence_are_read_as_one() {
    let state = fresh();
    assert_eq!(said(&["kan ik wo", "ensdag", "om 4 uur langskomen"], &state), ["drive 02/12 16:00"]);
    assert_eq!(said(&["yo", "die picanto", "die blauwe"], &state), ["tell Picanto blue []"]);
    assert_eq!(said(&["proefrit fabia", "maandag 10 uur", "Wim Kok"], &booked()).len(), 2);
}

#[test]
fn corrections_within_a_turn_are_applied() {
    check(
        &fresh(),
        &[
            ("proefrit Yaris maandag 9 uur, of nee 10 uur", &["drive Yaris 30/11 10:00"]),
            ("dinsdag, nee toch woensdag om 2 uur in de Kuga rijden", &["drive Kuga 02/12 14:00"]),
            ("ik wil de Aygo zien. Of eigenlijk nee, de Picanto. Zaterdag?", &["drive Picanto 28/11"]),
        ],
    );
}

#[test]
fn an_advert_says_which_car_is_meant() {
    let now: Zoned = NOW.parse().unwrap();
    let message = |text: &str| Message {
        advert: Some("Kia Picanto 1.0 ComfortLine in het blauw".into()),
        ..Message::new("m", text, now.timestamp())
    };
    for (text, expected) in [
        ("Kan ik hier meer over weten?", "tell Picanto blue comfortline []"),
        ("", "tell Picanto blue comfortline []"),
        ("wat kost deze?", "tell Picanto blue comfortline [price]"),
        ("mag ik maandag rijden?", "drive Picanto blue comfortline 30/11"),
    ] {
        let messages = [message(text)];
        let scene = Scene {
            messages: &messages,
            state: &State::default(),
            knowledge: &Knowledge::builtin(),
            now: &now,
        };
        let read: Vec<String> = read(&scene).commands.iter().map(|read| short(&read.command)).collect();
        assert_eq!(read, [expected], "{text}");
    }
}

#[test]
fn manner_and_language_are_told() {
    let of = |text: &str| {
        let reading = reading(&[text], &fresh());
        (reading.language.map(dealer::Language::as_str), reading.formal, reading.foreign)
    };
    assert_eq!(of("Heeft u de Clio nog?"), (Some("nl"), Some(true), false));
    assert_eq!(of("heb je de Clio nog?"), (Some("nl"), Some(false), false));
    assert_eq!(of("Haben Sie den Clio noch?"), (Some("de"), Some(true), false));
    assert_eq!(of("Is the Clio still there?"), (Some("en"), None, false));
    assert_eq!(of("06").0, None);
    for text in [
        "Bonjour, je voudrais essayer la voiture avec mon frère",
        "Сколько стоит эта машина?",
        "Merhaba, bu araba satılık mı?",
    ] {
        assert!(of(text).2, "{text}");
    }
    assert!(!of("Ist der Polo noch da? Danke").2);
}

#[test]
fn the_words_a_command_rests_on_are_found_back_in_their_message() {
    let messages = ["Hoi", "Is de Fiesta er nog?", "En mag de hond mee?"];
    let reading = reading(&messages, &fresh());
    let words: Vec<(usize, &str)> = reading
        .commands
        .iter()
        .map(|read| (read.message, &messages[read.message][read.words.clone()]))
        .collect();
    assert_eq!(words, [(0, "Hoi"), (1, "Is de Fiesta er nog"), (2, "En mag de hond mee")]);
}

#[test]
fn pieces_and_greetings_wait_for_their_rest() {
    for text in
        ["hoi", "Goedemorgen", "kan ik mor", "heb je nog die", "en", "ik wil graag,", "is ie", "could i"]
    {
        assert!(looks_unfinished(text), "{text}");
    }
    for text in [
        "ja",
        "2",
        "nee",
        "STOP",
        "Is de Kona er nog?",
        "ik wil de Kona zaterdag rijden",
        "Mark Visser",
        "medewerker",
    ] {
        assert!(!looks_unfinished(text), "{text}");
    }
}

#[test]
fn odd_and_long_texts_are_read_without_harm() {
    let long = "a".repeat(64 * 1024);
    let many = "kan ik de Golf zaterdag om 10 uur rijden en wat kost hij? ".repeat(1200);
    for text in
        ["", "?", "İİİİ ẞ K", "2026-99-99 99:99", "\u{0}", long.as_str(), many.as_str(), "((((((", "' ' '"]
    {
        for state in [fresh(), offered(), booked(), asked(Asked::Name)] {
            let _ = said(&[text, text], &state);
        }
        let _ = (is_urgent(text), looks_unfinished(text));
    }
}

#[test]
fn facts_are_asked_by_another_word() {
    check(
        &fresh(),
        &[
            ("waarop rijdt de Tiguan?", &["tell Tiguan [fuel]"]),
            ("is de A3 een handbak?", &["tell A3 [gearbox]"]),
            ("wat voor bak zit er in de Astra", &["tell Astra [gearbox]"]),
            ("klopt het dat de e-2008 dik 21 mille kost?", &["tell e-2008 [price]"]),
            ("servus is der kona ein plugin oder vollhybrid", &["tell Kona [fuel]"]),
            ("Habt ihr noch den ID.3?", &["tell ID.3 [available]"]),
            ("en de rode ibiza, welk jaar is die", &["tell Ibiza red [year]"]),
        ],
    );
}

#[test]
fn who_wants_a_car_kept_or_signed_for_buys_and_who_asks_how_does_not() {
    check(
        &fresh(),
        &[
            ("Wij willen die grijze Clio graag hebben", &["buy Clio grey"]),
            ("Kunnen jullie de Volvo tot zaterdag apart zetten?", &["buy Volvo reserve"]),
            ("Could you hold the Kona for me until Friday?", &["buy Kona reserve"]),
            ("Können Sie den Volvo bis Samstag zurückstellen?", &["buy Volvo reserve"]),
        ],
    );
    for message in [
        "welke documenten moet ik meenemen als ik de auto kom ophalen",
        "hoe hoog is de aanbetaling om een auto te reserveren?",
        "muss ich ne Anzahlung machen wenn ich reservieren lass?",
        "Before I buy the Fabia I'd like a longer drive",
        "mag ik de winterset ophalen op zaterdag?",
    ] {
        let read = said(&[message], &fresh());
        assert!(read.iter().all(|command| !command.starts_with("buy")), "{message}: {read:?}");
    }
}

#[test]
fn an_answering_machine_is_one_in_every_language() {
    for message in [
        "Bedankt voor uw bericht aan Bloemen Jansen. Wij zijn geopend van di t/m za van 9.00 tot 17.30 uur.",
        "Fijn dat je ons appt! De winkel is dicht. Morgen vanaf 8 uur staan we weer voor je klaar.",
        "Ik ben afwezig tot en met 18 december en lees mijn berichten niet. Bij spoed kunt u bellen.",
        "I am out of office until Monday with limited access to email.",
        "Vielen Dank für Ihre Nachricht. Wir melden uns in Kürze.",
    ] {
        assert_eq!(said(&[message], &fresh()), ["machine"], "{message}");
    }
    for message in [
        "dank voor je bericht, is de Polo er nog?",
        "bedankt voor het snelle antwoord",
        "zijn jullie zaterdag open?",
    ] {
        assert_ne!(said(&[message], &fresh()), ["machine"], "{message}");
    }
}

#[test]
fn the_age_of_who_drives_is_a_practical_question() {
    for message in [
        "ik ben 17, mag ik met begeleiding proefrijden?",
        "mag mijn dochter van 17 ook rijden?",
        "how old do you have to be to test drive",
    ] {
        assert_eq!(said(&[message], &fresh()), ["practical Topic(DrivingAge)"], "{message}");
    }
}
