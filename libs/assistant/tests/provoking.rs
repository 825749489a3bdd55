//! Sentences that provoke an act without meaning it, and their plain neighbours that mean it.
//!
//! A line of `provoking.jsonl` is what a customer `says` `in` a language, `with` what already stands (`none`: a car is spoken of;
//! `offer`: moments of Thursday are on offer; `appointment`: Thursday 11:00 for the black Golf; `booked`: the same, just now and
//! without a name; `moving`: moments of Friday are on offer for it; `two`: Saturday 10:00 for the Kuga as well), and what comes of it `then`: `nothing`, `asks` (a question, and no act), `books` a moment or `another`, `moves` and
//! `cancels` with the car where two stand, `opts out`;
//! `no sale`: nobody is told that something is bought, bid or traded in, or that a call or a discount is wanted.

use std::io::sink;
use std::sync::Arc;

use assistant::Knowledge;
use assistant::backend::Rules;
use assistant::eval::dialogues::{Options, Result as Came, run};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    r#in: String,
    with: String,
    says: String,
    then: String,
}

fn lines() -> Vec<Line> {
    include_str!("provoking.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// What was said before, so that it stands.
fn before(language: &str, with: &str) -> Vec<&'static str> {
    let (spoken_of, asked, first, second, to_friday) = match language {
        "en" => (
            "Is the black Golf still there?",
            "Can I test drive the black Golf on Thursday?",
            "A test drive of the black Golf on Thursday 12 March at 11:00 please. My name is Els Bos",
            "And a test drive of the Kuga on Saturday 14 March at 10:00 please",
            "Can I move it to Friday?",
        ),
        "de" => (
            "Ist der schwarze Golf noch da?",
            "Kann ich am Donnerstag den schwarzen Golf probefahren?",
            "Probefahrt mit dem schwarzen Golf am Donnerstag 12. März um 11:00 bitte. Mein Name ist Els Bos",
            "Und am Samstag 14. März um 10 Uhr eine Probefahrt mit dem Kuga bitte",
            "Kann ich den Termin auf Freitag verschieben?",
        ),
        _ => (
            "Is de zwarte Golf er nog?",
            "Kan ik donderdag de zwarte Golf rijden?",
            "Proefrit met de zwarte Golf donderdag 12 maart om 11:00 graag. Mijn naam is Els Bos",
            "En zaterdag 14 maart om 10 uur een proefrit met de Kuga graag",
            "Kan ik hem verzetten naar vrijdag?",
        ),
    };
    match with {
        "none" => vec![spoken_of],
        "offer" => vec![asked],
        "appointment" => vec![first],
        "booked" => vec![nameless(first)],
        "moving" => vec![first, to_friday],
        "two" => vec![first, second],
        other => panic!("nothing stands with {other:?}"),
    }
}

/// The same without the name behind it.
fn nameless(booking: &'static str) -> &'static str {
    booking.rsplit_once(". ").map_or(booking, |(booking, _)| booking)
}

const GOLF: &str = "vw-golf-02";
const KUGA: &str = "ford-kuga-01";

/// What should come of the last message, as predicates of a conversation.
fn expected(line: &Line, last: usize, standing: usize) -> Vec<Value> {
    let (act, rest) = line.then.split_once(' ').unwrap_or((&line.then, ""));
    let allowed = |act: &str, then: Value| vec![json!({"m": last, "may": act}), then];
    let booked = |car: &str, start: &str| json!({"m": last, "booked": {"car": car, "start": start}});
    match (act, rest) {
        ("nothing", "") => vec![json!({"m": last, "appointments": standing, "opted_out": false})],
        ("asks", "") => vec![json!({"m": last, "appointments": standing, "asks": "any"})],
        ("books", "another") => allowed("book", json!({"m": last, "appointments": standing + 1})),
        ("books", start) => allowed("book", booked(GOLF, start)),
        ("cancels", "" | "both") => allowed("cancel", json!({"m": last, "appointments": 0})),
        ("cancels", "golf") => allowed("cancel", json!({"m": last, "booked": {"car": KUGA}})),
        ("cancels", "kuga") => allowed("cancel", json!({"m": last, "booked": {"car": GOLF}})),
        ("moves", to) => match to.split_once(' ') {
            None => allowed("move", booked(GOLF, to)),
            Some((_, to)) => {
                let (date, time) = to.split_once('T').expect("a moment");
                let slots = json!({"date": date, "times": [time]});
                allowed("move", json!({"m": last, "appointments": standing, "slots": slots}))
            }
        },
        ("no", "sale") => {
            let kinds = ["buy", "bid", "discount", "call_back", "trade_in"];
            vec![json!({"m": last, "appointments": standing, "owner": "agents", "not_told": kinds})]
        }
        ("opts", "out") => allowed("opt_out", json!({"m": last, "opted_out": true})),
        _ => panic!("nothing comes of {:?}", line.then),
    }
}

fn dialogue(number: usize, line: &Line) -> String {
    let mut messages = before(&line.r#in, &line.with);
    let standing = match line.with.as_str() {
        "appointment" | "booked" | "moving" => 1,
        "two" => 2,
        _ => 0,
    };
    messages.push(&line.says);
    let mut expect: Vec<Value> = (1..=standing).map(|m| json!({"m": m, "may": "book"})).collect();
    expect.extend(expected(line, messages.len(), standing));
    json!({
        "id": format!("{number}"), "at": "2026-03-10T10:00:00+01:00", "profile_name": "", "dealer": "builtin",
        "messages": messages, "wanted": line.says, "expect": expect,
    })
    .to_string()
}

#[tokio::test]
async fn only_plain_words_act() {
    let lines = lines();
    let dialogues: Vec<String> = (0..).zip(&lines).map(|(number, line)| dialogue(number, line)).collect();
    let knowledge = Arc::new(Knowledge::builtin());
    let report = run(dialogues.join("\n").as_bytes(), &Options::default(), &Rules, &knowledge, sink()).await;
    let report = report.expect("every line is a conversation");
    let wrong: Vec<String> = report
        .conversations
        .iter()
        .zip(&lines)
        .filter(|(played, _)| played.judgement.result != Came::Done)
        .map(|(played, line)| format!("{:?} with {}: {:?}", line.says, line.with, played.judgement))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}
