//! Puts the drafts of a turn's clauses together: what belongs to one wish becomes one command, corrections win.

mod beside;
mod courtesies;
mod matters;
mod moments;
mod wished_cars;

use self::beside::{
    share_car, without_asides, without_asked_about, without_kept, without_paying_and_collecting,
    without_price_of_instalments,
};
use self::courtesies::without_courtesies;
use self::matters::of_money_and_people;
use self::moments::{of_appointments, of_moments, of_offers};
use self::wished_cars::{of_cars, of_wishes};
use super::{Draft, Reader, two_cars};

/// One command for each wish, in the order they were said.
pub(super) fn merged(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    for draft in two_cars::both_driven(reader, drafts) {
        add(&mut out, draft);
    }
    without_asides(&mut out);
    without_asked_about(reader, &mut out);
    without_paying_and_collecting(reader, &mut out);
    without_price_of_instalments(reader, &mut out);
    share_car(reader, &mut out);
    without_courtesies(reader, without_kept(reader, out))
}

fn add(out: &mut Vec<Draft>, mut draft: Draft) {
    for at in (0..out.len()).rev() {
        let adjacent = at + 1 == out.len();
        match merge(&mut out[at], &mut draft, adjacent) {
            Merged::Into => {
                out[at].to = out[at].to.max(draft.to);
                return;
            }
            Merged::Replaces => {
                draft.from = draft.from.min(out[at].from);
                out.remove(at);
                return add(out, draft);
            }
            Merged::Not => {}
        }
    }
    out.push(draft);
}

enum Merged {
    /// The new one went into the old one.
    Into,
    /// The old one went into the new one.
    Replaces,
    /// They are two.
    Not,
}

/// Puts two drafts together, when they are one wish. Each idea has its own rules; the first that knows the pair decides.
fn merge(old: &mut Draft, new: &mut Draft, adjacent: bool) -> Merged {
    type Idea = fn(&mut Draft, &mut Draft, bool) -> Option<Merged>;
    const IDEAS: [Idea; 6] =
        [of_wishes, of_cars, of_moments, of_appointments, of_offers, of_money_and_people];
    if old.command == new.command {
        old.plain = old.plain.max(new.plain);
        return Merged::Into;
    }
    IDEAS.iter().find_map(|idea| idea(old, new, adjacent)).unwrap_or(Merged::Not)
}
