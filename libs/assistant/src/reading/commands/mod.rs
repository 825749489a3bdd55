//! From the messages of a turn to commands.
//!
//! ```text
//! messages ──join──▶ one text ──scan──▶ clauses with what is named and said in them ──clause by clause──▶ drafts ──merge──▶ commands
//! ```
//!
//! [`mood`] takes the act out of what is not meant as one. [`phrases`] finds what is said by the files in `phrases/`; the finders of [`crate::reading`] find what is named. One file here
//! holds one idea: [`appointments`], [`drop_in`], [`lone_names`], [`unwanted`], [`picks`], [`cars`], [`own_car`], [`own_later`], [`running`], [`money`], [`people`], [`grave`], [`practical`], [`opt_out`], [`conduct`], [`answers`].

mod answers;
mod appointments;
mod budgets;
mod cars;
mod choice_words;
mod conduct;
mod deeds;
mod drop_in;
mod facts;
mod fields;
mod grave;
#[cfg(test)]
mod grave_tests;
mod hits;
mod join;
mod kinds;
mod listed;
mod lone_names;
mod manner;
mod merge;
mod money;
mod mood;
#[cfg(test)]
mod mood_tests;
#[cfg(test)]
mod name_tests;
mod names_beside;
mod opt_out;
mod own_car;
mod own_later;
mod people;
mod person_names;
mod phrases;
mod picks;
mod practical;
#[cfg(test)]
mod practical_tests;
mod running;
mod scan;
mod small_talk;
#[cfg(test)]
mod tests;
mod two_cars;
mod unfinished;
mod unwanted;
mod urgent;
mod weighed;
mod whens;
mod which;

use dealer::Language;
use jiff::Zoned;
use tracing::info_span;

use self::join::Joined;
use self::phrases::{Cue, bytes};
use self::scan::{Clause, Scan};
use crate::Knowledge;
use crate::command::{Command, Lost, Plain, Read, Reading};
use crate::reading::moments::Known;
use crate::reading::topics;
use crate::state::State;
use crate::turn::Scene;

pub(in crate::reading) use self::phrases::words as phrase_words;
pub use self::urgent::{Urgent, is_urgent};

/// Whether a message breaks off or only greets, so that its rest should be waited for.
pub fn looks_unfinished(text: &str) -> bool {
    unfinished::waits(text).is_some()
}

/// A command as read in one clause, before the clauses are put together.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    command: Command,
    plain: Plain,
    /// Its clause, by number.
    clause: usize,
    /// The tokens it rests on.
    from: usize,
    to: usize,
    /// The clause takes back what was said before.
    correction: bool,
    instead_of: Vec<Lost>,
}

/// What a clause is read with.
#[derive(Clone, Copy)]
struct Reader<'a> {
    scan: &'a Scan<'a>,
    state: &'a State,
    knowledge: &'a Knowledge,
    now: &'a Zoned,
}

impl<'a> Reader<'a> {
    /// Moments stand on offer.
    fn has_offer(&self) -> bool {
        !self.state.offered.is_empty()
    }

    fn has_appointment(&self) -> bool {
        !self.state.appointments.is_empty()
    }

    fn has(&self, clause: &Clause, cue: Cue) -> bool {
        self.scan.has(clause, cue)
    }

    fn any(&self, clause: &Clause, cues: &[Cue]) -> bool {
        self.scan.any(clause, cues)
    }

    fn draft(&self, clause: &Clause, command: Command) -> Draft {
        // A line as a whole is none of the clauses: it counts as the one that it begins with.
        let number = self.scan.clauses.iter().rposition(|one| one.from <= clause.from).unwrap_or_default();
        Draft {
            command,
            plain: Plain::Clear,
            clause: number,
            from: clause.from,
            to: clause.to,
            correction: clause.correction,
            instead_of: Vec::new(),
        }
    }

    /// The clause after this one in the same sentence.
    fn next(&self, clause: &Clause) -> Option<&'a Clause> {
        let at = self.scan.clauses.iter().position(|one| one == clause)?;
        self.scan.clauses.get(at + 1)
    }

    fn before(&self, clause: &Clause) -> Option<&'a Clause> {
        let at = self.scan.clauses.iter().position(|one| one == clause)?;
        at.checked_sub(1).and_then(|at| self.scan.clauses.get(at))
    }

    /// The words of the sentence a clause stands in, cut to a line.
    fn sentence(&self, clause: &Clause) -> String {
        let of_sentence = || self.scan.clauses.iter().filter(|one| one.sentence == clause.sentence);
        let from = of_sentence().map(|one| one.from).min().unwrap_or(clause.from);
        let to = of_sentence().map(|one| one.to).max().unwrap_or(clause.to);
        line(if from < to { self.scan.text.raw_of(from, to) } else { "" })
    }
}

/// So sure the words must be of another language than the one spoken so far.
const SURE: f32 = 0.8;

/// And so many there must be.
const WORDS_TO_SWITCH: usize = 3;

/// Longest question handed on, in characters.
const LINE: usize = 160;

/// Words on one line, cut where they are too long.
fn line(words: &str) -> String {
    let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(LINE) {
        Some((at, _)) => format!("{}…", flat[..at].trim_end()),
        None => flat,
    }
}

impl Draft {
    fn doubtful(mut self) -> Self {
        self.plain = Plain::Doubtful;
        self
    }

    fn instead_of(mut self, command: &'static str, because: &'static str) -> Self {
        self.instead_of.push(Lost { command, because });
        self
    }
}

/// Reads one turn.
pub fn read(scene: &Scene<'_>) -> Reading {
    let Scene { messages, state, knowledge, now } = *scene;
    let offered = u32::try_from(state.offered.len()).unwrap_or(u32::MAX);
    let context = knowledge.context(offered);
    let analyses =
        messages.iter().map(|message| crate::reading::analyze(&message.text, now, &context)).collect();
    let joined = Joined::new(messages);
    let (offered, standing) = (whens::offered(state, now), whens::standing(state, now));
    let known = Known { offered: &offered, standing: &standing };
    let mut scan = Scan::new(&joined.text, now, known, &knowledge.gazetteer);
    let extraction = info_span!("agent", otel.name = "agent extraction", agent = "extraction");
    let commands = extraction.in_scope(|| {
        let answered = answers::find(&Reader { scan: &scan, state, knowledge, now });
        let answered_at: Vec<usize> = answered.iter().flat_map(|draft| draft.from..draft.to).collect();
        scan.forget(&answered_at);
        let reader = Reader { scan: &scan, state, knowledge, now };
        let drafts = unwanted::without(&reader, drafts(&reader, scene, answered, &answered_at));
        let drafts = mood::without_others(&reader, drafts);
        let drafts = mood::doubted(&reader, merge::merged(&reader, drafts));
        drafts.into_iter().map(|draft| settled(draft, &scan, &joined)).collect()
    });
    let foreign = manner::is_foreign(&scan);
    Reading {
        commands,
        language: language(&scan, state).filter(|_| !foreign),
        formal: manner::formal(&scan),
        foreign,
        analyses,
    }
}

/// The language of the turn; a few words that could be another language do not change the one that is spoken.
fn language(scan: &Scan<'_>, state: &State) -> Option<Language> {
    let spoken = scan.language?;
    if state.language.is_none_or(|before| before == spoken) {
        return Some(spoken);
    }
    let (likely, share) = topics::scores(&scan.text, 0, scan.text.len(), topics::Facts::default()).language();
    (likely == spoken && share >= SURE && scan.text.len() >= WORDS_TO_SWITCH).then_some(spoken)
}

/// A draft with its words found back in the message they came in.
fn settled(draft: Draft, scan: &Scan<'_>, joined: &Joined) -> Read {
    let (message, words) = joined.place(&bytes(&scan.text, draft.from, draft.to));
    Read { command: draft.command, message, words, plain: draft.plain, instead_of: draft.instead_of }
}

/// Reads every clause in its order, after what concerns the messages as a whole.
fn drafts(reader: &Reader<'_>, scene: &Scene<'_>, mut answered: Vec<Draft>, taken: &[usize]) -> Vec<Draft> {
    if let Some(machine) = people::machine(reader, scene.messages) {
        return vec![machine];
    }
    let mut drafts = small_talk::wordless(scene.messages);
    let adverts = cars::adverts(scene.messages, reader);
    for clause in &reader.scan.clauses {
        let courtesy =
            |at: usize| [Cue::Filler, Cue::Yes, Cue::Small].iter().any(|cue| reader.scan.covers(*cue, at));
        let spoken_for = (clause.from..clause.to).any(|at| taken.contains(&at))
            && (clause.from..clause.to).all(|at| taken.contains(&at) || courtesy(at));
        if spoken_for {
            drafts.extend(answered.extract_if(.., |draft| draft.from < clause.to));
            continue;
        }
        drafts.extend(read_clause(reader, clause, &drafts));
        drafts.extend(answered.extract_if(.., |draft| draft.from < clause.to));
    }
    drafts.append(&mut answered);
    whens::with_the_day_named(reader, &mut drafts);
    let mut drafts = weighed::weigh(reader, drafts);
    weighed::doubt(reader, &mut drafts);
    cars::with_adverts(adverts, &mut drafts);
    if drafts.is_empty() {
        drafts.extend(unwanted::unread(reader));
    }
    if drafts.is_empty() && !scene.messages.is_empty() {
        drafts.push(Draft {
            command: Command::Unclear,
            plain: Plain::Clear,
            clause: 0,
            from: 0,
            to: reader.scan.text.len(),
            correction: false,
            instead_of: Vec::new(),
        });
    }
    drafts
}

/// What one clause says; `before` is what the clauses before it said.
fn read_clause(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    type Idea = fn(&Reader<'_>, &Clause, &[Draft]) -> Vec<Draft>;
    const IDEAS: &[Idea] = &[
        conduct::read,
        opt_out::read,
        grave::read,
        running::read,
        people::person,
        small_talk::farewell,
        small_talk::remark,
        money::taken_back,
        appointments::standing,
        whens::shifted,
        practical::same_papers,
        own_later::read,
        own_car::read,
        picks::read,
        money::read,
        drop_in::read,
        facts::only_drives,
        practical::around_a_drive,
        appointments::drive,
        practical::read,
        facts::read,
        whens::read,
        small_talk::read,
        practical::unread,
    ];
    IDEAS
        .iter()
        .map(|idea| idea(reader, clause, before))
        .find(|drafts| !drafts.is_empty())
        .unwrap_or_default()
}
