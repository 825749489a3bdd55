//! The phrases found in a text, so kept that asking for one costs next to nothing.

use super::phrases::{Cue, Hit};

/// A set of cues.
#[derive(Debug, Clone, Copy, Default)]
struct Cues([u64; Cue::COUNT.div_ceil(64)]);

impl Cues {
    const fn add(&mut self, cue: Cue) {
        let at = cue as usize;
        self.0[at / 64] |= 1 << (at % 64);
    }

    const fn has(self, cue: Cue) -> bool {
        let at = cue as usize;
        self.0[at / 64] & (1 << (at % 64)) != 0
    }
}

/// Every phrase of a text, by where it begins.
#[derive(Debug, Default)]
pub(super) struct Hits {
    all: Vec<Hit>,
    /// The cues that begin at each token, and those that cover it.
    begin: Vec<Cues>,
    cover: Vec<Cues>,
    anywhere: Cues,
}

impl Hits {
    /// Keeps what was found in a text of so many tokens.
    pub fn new(mut all: Vec<Hit>, tokens: usize) -> Self {
        all.sort_by_key(|hit| hit.from);
        let mut hits = Self {
            begin: vec![Cues::default(); tokens],
            cover: vec![Cues::default(); tokens],
            ..Self::default()
        };
        for hit in &all {
            hits.anywhere.add(hit.cue);
            if let Some(begin) = hits.begin.get_mut(hit.from) {
                begin.add(hit.cue);
            }
            for cover in hits.cover.iter_mut().take(hit.to).skip(hit.from) {
                cover.add(hit.cue);
            }
        }
        hits.all = all;
        hits
    }

    pub fn all(&self) -> &[Hit] {
        &self.all
    }

    /// Those that begin within `from..to`.
    pub fn between(&self, from: usize, to: usize) -> &[Hit] {
        let begin = |at: usize| self.all.partition_point(|hit| hit.from < at);
        self.all.get(begin(from)..begin(to)).unwrap_or_default()
    }

    /// Those of a cue that begin within `from..to`.
    pub fn within(&self, from: usize, to: usize, cue: Cue) -> impl Iterator<Item = Hit> {
        let any = self.begins(from, to, cue);
        let first = if any { self.all.partition_point(|hit| hit.from < from) } else { self.all.len() };
        self.all[first..]
            .iter()
            .take_while(move |hit| hit.from < to)
            .filter(move |hit| hit.cue == cue)
            .copied()
    }

    /// Whether one of a cue begins within `from..to`.
    pub fn begins(&self, from: usize, to: usize, cue: Cue) -> bool {
        self.anywhere.has(cue) && self.begin.iter().take(to).skip(from).any(|cues| cues.has(cue))
    }

    /// Whether a token lies in one of a cue.
    pub fn covers(&self, cue: Cue, at: usize) -> bool {
        self.cover.get(at).is_some_and(|cues| cues.has(cue))
    }

    pub const fn anywhere(&self, cue: Cue) -> bool {
        self.anywhere.has(cue)
    }
}
