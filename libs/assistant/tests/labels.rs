//! Reads the labelled messages that were set aside and holds the floors of `labels/floors.json`.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;

use assistant::Knowledge;
use assistant::eval::{Scores, evaluate};
use serde::Deserialize;

/// Least figures of a file, as shares of one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    intent_accuracy: f64,
    entity_f1: f64,
    escalation_recall: f64,
    escalation_precision: f64,
    language_accuracy: f64,
}

impl Floors {
    /// The figures below their floors, as sentences; none where all hold.
    fn broken_by(&self, scores: &Scores) -> Vec<String> {
        [
            ("intent accuracy", scores.intent_accuracy, self.intent_accuracy),
            ("entity F1", scores.entity_f1, self.entity_f1),
            ("escalation recall", scores.escalation_recall, self.escalation_recall),
            ("escalation precision", scores.escalation_precision, self.escalation_precision),
            ("language accuracy", scores.language_accuracy, self.language_accuracy),
        ]
        .into_iter()
        .filter(|(_, figure, floor)| figure < floor)
        .map(|(name, figure, floor)| format!("{name}: {figure:.4}, at least {floor}"))
        .collect()
    }
}

#[test]
fn messages_set_aside_are_read_at_least_as_well_as_they_were() {
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("labels");
    let floors = std::fs::read_to_string(labels.join("floors.json")).expect("the file is in the repository");
    let floors: BTreeMap<String, Floors> = serde_json::from_str(&floors).expect("floors by file");
    let knowledge = Knowledge::builtin();
    for (name, floors) in floors {
        let file = std::fs::File::open(labels.join(format!("{name}.jsonl"))).expect("a file of labels");
        let report = evaluate(BufReader::new(file), &knowledge).expect("every line is a labelled message");
        let broken = floors.broken_by(&report.overall);
        assert!(broken.is_empty(), "{name}: {}", broken.join("; "));
    }
}
