//! Plays the conversations and holds the floors of `dialogues/floors.json`.

use std::io::{BufReader, sink};
use std::path::Path;
use std::sync::Arc;

use assistant::Knowledge;
use assistant::backend::Rules;
use assistant::eval::dialogues::{Floors, Options, Report, run};

async fn play(file: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialogues").join(format!("{file}.jsonl"));
    let input = BufReader::new(std::fs::File::open(path).expect("the file is in the repository"));
    let knowledge = Arc::new(Knowledge::builtin());
    let report = run(input, &Options::default(), &Rules, &knowledge, sink()).await;
    report.expect("every line is a conversation")
}

#[tokio::test]
async fn conversations_end_at_least_as_well_as_they_did() {
    for file in ["customers", "own", "acts", "names", "moments", "questions", "held-out"] {
        let report = play(file).await;
        let broken = Floors::of(file).expect("every file has floors").broken_by(&report);
        let mut text = Vec::new();
        report.write_text(&mut text).expect("memory can be written to");
        assert!(broken.is_empty(), "{file}: {}\n{}", broken.join("; "), String::from_utf8_lossy(&text));
    }
}

#[tokio::test]
async fn the_same_conversations_give_the_same_figures() {
    assert_eq!(play("customers").await, play("customers").await);
}
