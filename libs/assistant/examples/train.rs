//! Trains the model that tells what a message is about, or says how well one would do.
//!
//! ```text
//! cargo run --release -p proefrit-assistant --example train              writes src/reading/model/topics.bin
//! cargo run --release -p proefrit-assistant --example train check        five-fold cross-validation, nothing written
//! cargo run --release -p proefrit-assistant --example train mistakes     the same, with every message read wrong
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use assistant::Knowledge;
use assistant::reading::topics::train::{Example, FILES, Settings, by_topic, fingerprint, labelled, train};
use assistant::reading::{Analysis, Context, Intent, Language, analyze};
use jiff::Zoned;

const FOLDS: usize = 5;

/// When messages by topic are taken to be written; nothing in them depends on it.
const WRITTEN: &str = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]";

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = FILES
        .iter()
        .map(|file| {
            std::fs::read_to_string(root.join(file)).with_context(|| format!("could not read {file}"))
        })
        .collect::<Result<Vec<String>>>()?;
    let [own, older, by_language @ ..] = files.as_slice() else { anyhow::bail!("files are missing") };
    let knowledge = Knowledge::builtin();
    let context = knowledge.context(0);
    let at: Zoned = WRITTEN.parse()?;
    let own = labelled(own, &knowledge.timezone)?;
    let topics =
        Language::ALL.into_iter().zip(by_language).flat_map(|(language, text)| by_topic(text, language, &at));
    let others: Vec<Example> = labelled(older, &knowledge.timezone)?.into_iter().chain(topics).collect();
    match std::env::args().nth(1).as_deref() {
        Some("check") => cross_validate(&own, &others, &context, false),
        Some("mistakes") => cross_validate(&own, &others, &context, true),
        _ => {
            let all: Vec<Example> = own.into_iter().chain(others).collect();
            let model =
                train(&all, &context, Settings::default(), fingerprint(files.iter().map(String::as_bytes)));
            std::fs::write(root.join("src/reading/model/topics.bin"), model.bytes())?;
            println!("{} messages, {} features, {} bytes", all.len(), model.rows(), model.bytes().len());
        }
    }
    Ok(())
}

/// Every message of `own` read by a model that was trained on the others and four fifths of its like.
fn cross_validate(own: &[Example], others: &[Example], context: &Context<'_>, tell: bool) {
    let mut all = Tally::default();
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    let mut confusions: BTreeMap<(Intent, Intent), u32> = BTreeMap::new();
    for fold in 0..FOLDS {
        let rest = own.iter().enumerate().filter(|(at, _)| at % FOLDS != fold).map(|(_, example)| example);
        let rest: Vec<Example> = rest.chain(others).cloned().collect();
        let model = train(&rest, context, Settings::default(), 0);
        for example in own.iter().skip(fold).step_by(FOLDS) {
            let context = Context { offered_slots: example.offered_slots, model: &model, ..*context };
            let got = analyze(&example.text, &example.at, &context);
            all.add(example, &got);
            for group in [example.language.to_string(), example.intent.to_string()] {
                groups.entry(group).or_default().add(example, &got);
            }
            if got.intent != example.intent {
                *confusions.entry((example.intent, got.intent)).or_default() += 1;
            }
            if tell {
                mistake(example, &got);
            }
        }
    }
    println!("all {all}");
    for (name, tally) in &groups {
        println!("{name} {tally}");
    }
    let mut confusions: Vec<_> = confusions.into_iter().collect();
    confusions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((expected, got), count) in confusions.into_iter().take(20) {
        println!("{count} x {expected} taken for {got}");
    }
}

fn mistake(expected: &Example, got: &Analysis) {
    let escalates = expected.should_escalate == got.should_escalate;
    if got.intent != expected.intent || !escalates || got.language != expected.language {
        println!(
            "{} {} taken for {} {} ({:.2}){}: {:?}",
            expected.intent,
            expected.language,
            got.intent,
            got.language,
            got.confidence,
            if escalates { "" } else { ", escalation wrong" },
            expected.text
        );
    }
}

#[derive(Default)]
struct Tally {
    messages: u32,
    intents: u32,
    languages: u32,
    due: u32,
    escalated: u32,
    both: u32,
}

impl Tally {
    fn add(&mut self, expected: &Example, got: &Analysis) {
        self.messages += 1;
        self.intents += u32::from(got.intent == expected.intent);
        self.languages += u32::from(got.language == expected.language);
        self.due += u32::from(expected.should_escalate);
        self.escalated += u32::from(got.should_escalate);
        self.both += u32::from(expected.should_escalate && got.should_escalate);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = |part: u32, whole: u32| if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) };
        write!(
            f,
            "messages {} intent {:.3} language {:.3} escalation precision {:.3} recall {:.3}",
            self.messages,
            share(self.intents, self.messages),
            share(self.languages, self.messages),
            share(self.both, self.escalated),
            share(self.both, self.due),
        )
    }
}
