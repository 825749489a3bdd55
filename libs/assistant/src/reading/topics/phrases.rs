//! Phrases that tell an intent or a mood, each with its weight, from the files `phrases/<language>/topics.txt`: see
//! [`crate::reading::phrases`] for how they are written.

use std::sync::LazyLock;

use crate::reading::analysis::Intent;
use crate::reading::phrases::{Phrases, Place};
use crate::reading::text::Text;

const LANGUAGES: [[&str; 1]; 3] = [
    [include_str!("../phrases/nl/topics.txt")],
    [include_str!("../phrases/en/topics.txt")],
    [include_str!("../phrases/de/topics.txt")],
];

/// What a phrase tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::reading) enum Topic {
    Intent(Intent),
    /// Anger, a threat, an accident, a lawyer, the press.
    Alarm,
    Urgent,
    Pleased,
    Displeased,
    /// Nothing the dealer sells: spam, a wrong number.
    Unrelated,
}

impl Topic {
    /// How many there are.
    const COUNT: usize = Intent::ALL.len() + 5;

    /// Every topic that is no intent.
    pub const MOODS: [Self; 5] =
        [Self::Alarm, Self::Urgent, Self::Pleased, Self::Displeased, Self::Unrelated];

    /// Its name, as it stands in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intent(intent) => intent.as_str().trim_start_matches("INTENT_"),
            Self::Alarm => "ALARM",
            Self::Urgent => "URGENT",
            Self::Pleased => "PLEASED",
            Self::Displeased => "DISPLEASED",
            Self::Unrelated => "OFF_TOPIC",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Intent(intent) => intent as usize,
            Self::Alarm => Intent::ALL.len(),
            Self::Urgent => Intent::ALL.len() + 1,
            Self::Pleased => Intent::ALL.len() + 2,
            Self::Displeased => Intent::ALL.len() + 3,
            Self::Unrelated => Intent::ALL.len() + 4,
        }
    }

    /// The topic of a section.
    fn named(name: &str) -> Option<Self> {
        Self::MOODS
            .into_iter()
            .find(|mood| mood.name() == name)
            .or_else(|| format!("INTENT_{name}").parse().ok().map(Self::Intent))
    }
}

static PHRASES: LazyLock<Phrases<Topic>> = LazyLock::new(|| Phrases::of(LANGUAGES, Topic::named));

/// Every whole word of the phrases, for knowing what is spelt right.
pub(in crate::reading) fn words() -> impl Iterator<Item = &'static str> {
    PHRASES.words()
}

/// What phrases were found: the weight per topic, and which they were.
#[derive(Debug, Clone, Default)]
pub(in crate::reading) struct Found {
    weights: [f32; Topic::COUNT],
    hits: Vec<usize>,
}

impl Found {
    /// The weight for a topic; 0 when nothing speaks for it.
    pub fn weight(&self, topic: Topic) -> f32 {
        self.weights[topic.index()]
    }

    pub fn intent(&self, intent: Intent) -> f32 {
        self.weight(Topic::Intent(intent))
    }

    pub fn add(&mut self, intent: Intent, weight: f32) {
        self.weights[Topic::Intent(intent).index()] += weight;
    }

    /// The phrases found, as they are written in the tables.
    pub fn phrases(&self) -> impl Iterator<Item = (Topic, &'static str)> {
        self.hits
            .iter()
            .filter_map(|number| PHRASES.get(*number))
            .map(|phrase| (phrase.tells, phrase.written))
    }
}

/// A second phrase for the same topic counts only so much.
const FURTHER: f32 = 0.25;

/// Looks for every phrase in the tokens from `from` to before `to`, sentence by sentence.
pub(in crate::reading) fn search(text: &Text<'_>, from: usize, to: usize) -> Found {
    let message = from..to.min(text.len());
    let mut sums = [(0.0_f32, 0.0_f32, 0.0_f32); Topic::COUNT];
    let mut hits: Vec<usize> = Vec::new();
    let mut start = message.start;
    while start < message.end {
        let length = text.tokens[start..message.end]
            .iter()
            .take_while(|token| token.sentence == text.tokens[start].sentence);
        let within = start..start + length.count();
        start = within.end;
        let question = text.in_question(within.start);
        let place = Place { text, properties: &[], within, message: message.clone(), question };
        for (number, phrase, ..) in PHRASES.within(&place) {
            if hits.contains(&number) {
                continue;
            }
            hits.push(number);
            let (most, sum, least) = &mut sums[phrase.tells.index()];
            *most = most.max(phrase.weight);
            *sum += phrase.weight.max(0.0);
            *least += phrase.weight.min(0.0);
        }
    }
    let weights = sums.map(|(most, sum, least)| most + (sum - most) * FURTHER + least);
    Found { weights, hits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::phrases::mistakes;

    #[test]
    fn every_file_of_topics_is_written_right() {
        for files in LANGUAGES {
            assert_eq!(mistakes(&files, |name| Topic::named(name).is_some()), Vec::<String>::new());
        }
    }
}
