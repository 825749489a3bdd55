//! A bare yes, no or thanks beside what else is said.

use super::super::{Draft, Reader};
use crate::command::{Command, Plain};
use crate::reading::text::Gap;
use crate::state::Asked;

/// Leaves a bare yes, no or thanks out where more is said.
pub(super) fn without_courtesies(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let awaits = reader.state.asked.as_ref().is_some_and(Asked::awaits_yes);
    let substantive = |command: &Command| {
        !matches!(command, Command::Greet | Command::Thanks | Command::Yes | Command::No | Command::Unclear)
    };
    if !drafts.iter().any(|draft| substantive(&draft.command)) {
        let yes = drafts.iter().any(|draft| draft.command == Command::Yes && draft.plain == Plain::Clear);
        drafts.retain(|draft| !(yes && draft.command == Command::Yes && draft.plain == Plain::Doubtful));
        drafts
            .iter_mut()
            .filter(|draft| draft.command == Command::Yes)
            .for_each(|draft| draft.plain = Plain::Clear);
        return drafts;
    }
    if drafts.iter().any(|draft| draft.command == Command::OptOut && draft.plain == Plain::Clear) {
        drafts.retain(|draft| !matches!(draft.command, Command::AskColleague { .. }));
    }
    let answers_itself = drafts.iter().any(|draft| {
        matches!(
            draft.command,
            Command::Name(_) | Command::Pick(_) | Command::Keep | Command::RefuseSlots { .. }
        )
    });
    let goes_on = drafts.iter().any(|draft| {
        matches!(
            draft.command,
            Command::Drive { .. } | Command::Moment(_) | Command::Move { .. } | Command::Bid { .. }
        )
    });
    // "Zal ik dat vastleggen?" "Ja, Stefan Maier."
    let only_named = matches!(reader.state.asked, Some(Asked::Book { .. }))
        && drafts
            .iter()
            .all(|draft| matches!(draft.command, Command::Name(_)) || !substantive(&draft.command))
        && !drafts.iter().any(|draft| draft.command == Command::No);
    let answers_itself = answers_itself && !only_named;
    let keeps_yes =
        awaits && !answers_itself && !(goes_on && matches!(reader.state.asked, Some(Asked::Drive)));
    // Thanks in a line of its own may be a message of its own, which is answered, too.
    let text = &reader.scan.text;
    let breaks: Vec<usize> = (1..text.len()).filter(|at| text.gap(*at).has(Gap::LINE)).collect();
    let line = |draft: &Draft| breaks.partition_point(|at| *at <= draft.from);
    let taken: Vec<usize> = drafts.iter().filter(|draft| substantive(&draft.command)).map(&line).collect();
    drafts.retain(|draft| match draft.command {
        Command::Thanks => !taken.contains(&line(draft)),
        Command::Unclear => false,
        Command::Yes => keeps_yes && draft.plain == Plain::Clear,
        Command::No => awaits && !answers_itself,
        _ => true,
    });
    drafts
}
