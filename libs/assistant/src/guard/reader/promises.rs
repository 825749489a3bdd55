//! Promises, rates, people, appointments, and what no customer is to read.

use super::super::Violation;
use super::super::lists::LISTS;
use super::super::tokens::Token;
use super::Reading;

/// A denial this far behind a promise still denies it: "over korting kan ik zelf niets toezeggen".
const DENIED_BEHIND: usize = 7;

impl Reading<'_, '_> {
    /// Refuses what only a person can promise.
    pub(super) fn promises(&self) -> Result<(), Violation> {
        if self.text.contains('%') {
            return Err(Violation::Rate("%".to_owned()));
        }
        for at in 0..self.tokens.len() {
            if !self.free(at) {
                continue;
            }
            let word = || self.word(at).to_owned();
            if LISTS.leak.length_at(&self.tokens, at) > 0 {
                return Err(Violation::Leak(word()));
            }
            let rate = LISTS.rate.length_at(&self.tokens, at);
            if rate > 0 && !self.denied(at, rate) {
                return Err(Violation::Rate(word()));
            }
            let promise = LISTS.promise.length_at(&self.tokens, at);
            if promise > 0 && !self.harmless(at) && !self.denied(at, promise) {
                return Err(Violation::Promise(word()));
            }
        }
        self.priced()?;
        self.agreed()?;
        self.joined_words()?;
        self.undone()
    }

    /// What something costs is told in figures.
    fn priced(&self) -> Result<(), Violation> {
        let cost =
            (0..self.tokens.len()).find(|at| self.free(*at) && LISTS.cost.length_at(&self.tokens, *at) > 0);
        match cost {
            Some(at) if self.paid == 0 => Err(Violation::Amount(self.word(at).to_owned())),
            _ => Ok(()),
        }
    }

    /// A bare "ja, dat kan" may agree to anything that was asked: it stands beside a fact, or is ours.
    fn agreed(&self) -> Result<(), Violation> {
        if self.known.contains(&true) {
            return Ok(());
        }
        let assents = |at: &usize| {
            let length = LISTS.assent.length_at(&self.tokens, *at);
            let ours = |token: &Token| self.facts.words.contains(&token.norm);
            length > 0 && !self.tokens[*at..*at + length].iter().all(ours) && !self.denied(*at, length)
        };
        match (0..self.tokens.len()).find(assents) {
            Some(at) => Err(Violation::Undone(self.word(at).to_owned())),
            None => Ok(()),
        }
    }

    /// "kor-ting" and "gra.tis" are read as one word too.
    fn joined_words(&self) -> Result<(), Violation> {
        for pair in self.tokens.windows(2) {
            let [first, second] = pair else { continue };
            let joined = format!("{}{}", first.norm, second.norm);
            if matches!(second.gap.as_str(), "-" | "." | "," | "/")
                && LISTS.promise.has(&joined)
                && !LISTS.promise.has(&second.norm)
            {
                return Err(Violation::Promise(joined));
            }
        }
        Ok(())
    }

    /// A phrase around `at` that only looks like a promise.
    pub(super) fn harmless(&self, at: usize) -> bool {
        (at.saturating_sub(2)..=at).any(|from| from + LISTS.harmless.length_at(&self.tokens, from) > at)
    }

    /// Whether the clause around the `length` words at `at` denies them; "voor niks" does not deny itself.
    fn denied(&self, at: usize, length: usize) -> bool {
        let ends = |at: usize| self.gap(at).contains([',', ';', ':', '–', '—', '(']) || self.is_but(at);
        let from = (1..=at).rev().find(|place| ends(*place)).unwrap_or(0);
        let to = (at + 1..self.tokens.len()).find(|place| ends(*place)).unwrap_or(self.tokens.len());
        let to = to.min(at + DENIED_BEHIND);
        let denies = |place: usize| {
            let clause: &[Token] = &self.tokens[..to];
            LISTS.denial.length_at(clause, place) > 0 && LISTS.no_denial.length_at(clause, place) == 0
        };
        (from..to).any(|place| !(at..at + length).contains(&place) && denies(place))
    }

    fn is_but(&self, at: usize) -> bool {
        self.free(at) && LISTS.but.length_at(&self.tokens, at) > 0
    }

    /// A person who does something, or an appointment that stands, only where it was done.
    fn undone(&self) -> Result<(), Violation> {
        let unknown: Vec<Token> = self
            .tokens
            .iter()
            .zip(&self.known)
            .filter(|(_, known)| !**known)
            .map(|(token, _)| token.clone())
            .collect();
        let found = |list: &super::super::lists::Phrases| {
            (0..unknown.len()).find(|at| list.length_at(&unknown, *at) > 0).map(|at| unknown[at].norm.clone())
        };
        if let Some(person) = found(&LISTS.people) {
            let does = LISTS.deed.any(&unknown);
            if !self.facts.people || (does && !self.facts.task) {
                return Err(Violation::Undone(person));
            }
        }
        match found(&LISTS.act) {
            Some(act) if !self.facts.appointment && !LISTS.denial.any(&unknown) => {
                Err(Violation::Undone(act))
            }
            _ => Ok(()),
        }
    }
}
