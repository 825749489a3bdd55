//! Trains the model that tells what a message is about, or says how well one would do.
//!
//! ```text
//! cargo run --release -p proefrit-assistant --example train              writes src/reading/model/topics.bin
//! cargo run --release -p proefrit-assistant --example train check        how well unseen messages are read; nothing written
//! cargo run --release -p proefrit-assistant --example train mistakes     the same, with every message read wrong
//! cargo run --release -p proefrit-assistant --example train score FILE…  how well the model shipped reads other files
//! ```
//!
//! A check reads each file of `labels/topics` by a model that was trained without it, for every file has a writer of its own and
//! it is unseen writers that count, and each fifth of `labels/train.jsonl` by a model trained without that fifth. A file to
//! score is JSON lines, as `labels/train.jsonl`, or messages by topic, its name beginning with the language.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use assistant::Knowledge;
use assistant::reading::topics::train::{
    Example, MESSAGES, Settings, Source, TOPICS, fingerprint, labelled, train,
};
use assistant::reading::{Analysis, Context, Intent, Model, analyze};
use jiff::Zoned;

const FOLDS: usize = 5;

/// When messages by topic are taken to be written; nothing in them depends on it.
const WRITTEN: &str = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]";

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let knowledge = Knowledge::builtin();
    let context = knowledge.context(0);
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some("score") => return words.try_for_each(|file| score(&file, &knowledge)),
        Some("check") => {
            check(&groups(root, &knowledge)?, &context, false);
            return Ok(());
        }
        Some("mistakes") => {
            check(&groups(root, &knowledge)?, &context, true);
            return Ok(());
        }
        Some(word) => anyhow::bail!("{word} is neither check, mistakes nor score"),
        None => {}
    }
    let sources = Source::all(root)?;
    let all: Vec<Example> = groups(root, &knowledge)?.into_iter().flat_map(|group| group.examples).collect();
    let fingerprint = fingerprint(sources.iter().map(|source| source.text.as_bytes()));
    let model = train(&all, &context, Settings::default(), fingerprint);
    std::fs::write(root.join("src/reading/model/topics.bin"), model.bytes())?;
    println!("{} messages, {} features, {} bytes", all.len(), model.rows(), model.bytes().len());
    Ok(())
}

/// Messages that are held out together.
struct Group {
    name: String,
    examples: Vec<Example>,
    /// Held out to see how well others teach to read them; not so for what tests hold anyway.
    checked: bool,
}

/// All that is trained from, by file; what is one file of many writers, by fifths.
fn groups(root: &Path, knowledge: &Knowledge) -> Result<Vec<Group>> {
    let at: Zoned = WRITTEN.parse()?;
    let mut groups = Vec::new();
    for source in Source::all(root)? {
        if let Some(examples) = source.by_topic(&at) {
            groups.push(Group { name: source.path, examples, checked: true });
        } else if source.path == MESSAGES[0] {
            let all = labelled(&source.text, &knowledge.timezone)?;
            for fold in 0..FOLDS {
                let examples = all.iter().skip(fold).step_by(FOLDS).cloned().collect();
                groups.push(Group { name: format!("{} {}", source.path, fold + 1), examples, checked: true });
            }
        } else if MESSAGES.contains(&source.path.as_str()) {
            let examples = labelled(&source.text, &knowledge.timezone)?;
            groups.push(Group { name: source.path, examples, checked: false });
        }
    }
    Ok(groups)
}

/// Every group read by a model that was trained on the others.
fn check(groups: &[Group], context: &Context<'_>, tell: bool) {
    let mut report = Report::default();
    for (number, group) in groups.iter().enumerate().filter(|(_, group)| group.checked) {
        let others = groups.iter().enumerate().filter(|(other, _)| *other != number);
        let rest: Vec<Example> = others.flat_map(|(_, other)| &other.examples).cloned().collect();
        let model = train(&rest, context, Settings::default(), 0);
        let tally = report.read(&group.examples, context, &model, tell);
        println!("{} {tally}", group.name);
    }
    report.print();
}

/// A file read by the model that is shipped.
fn score(file: &str, knowledge: &Knowledge) -> Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {file}"))?;
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
    let examples = if name.ends_with(".jsonl") {
        labelled(&text, &knowledge.timezone)?
    } else {
        let source = Source { path: format!("{TOPICS}/{name}"), text };
        source
            .by_topic(&WRITTEN.parse()?)
            .with_context(|| format!("{file} does not begin with a language"))?
    };
    let mut report = Report::default();
    report.read(&examples, &knowledge.context(0), Model::builtin(), true);
    report.print();
    Ok(())
}

/// What was read, and how well.
#[derive(Default)]
struct Report {
    all: Tally,
    groups: BTreeMap<String, Tally>,
    confusions: BTreeMap<(Intent, Intent), u32>,
}

impl Report {
    fn read(&mut self, examples: &[Example], context: &Context<'_>, model: &Model, tell: bool) -> Tally {
        let mut tally = Tally::default();
        for example in examples {
            let context = Context { offered_slots: example.offered_slots, model, ..*context };
            let got = analyze(&example.text, &example.at, &context);
            tally.add(example, &got);
            self.all.add(example, &got);
            for group in [example.language.to_string(), example.intent.to_string()] {
                self.groups.entry(group).or_default().add(example, &got);
            }
            if got.intent != example.intent {
                *self.confusions.entry((example.intent, got.intent)).or_default() += 1;
            }
            if tell {
                mistake(example, &got);
            }
        }
        tally
    }

    fn print(&self) {
        println!("all {}", self.all);
        for (name, tally) in &self.groups {
            println!("{name} {tally}");
        }
        let mut confusions: Vec<_> = self.confusions.iter().collect();
        confusions.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for ((expected, got), count) in confusions.into_iter().take(20) {
            println!("{count} x {expected} taken for {got}");
        }
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
