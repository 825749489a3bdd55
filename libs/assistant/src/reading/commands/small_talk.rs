//! Greetings, thanks, a bare yes or no, and what comes without words.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::{Command, Medium, Plain};
use crate::state::Asked;
use crate::turn::Message;

/// Emoji by what they say, one kind a line: `name = emoji`.
const EMOJI: &str = include_str!("../phrases/emoji.txt");

static SAID_BY: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let lines = EMOJI.lines().filter_map(|line| line.split_once(" = "));
    // What several kinds share says what the first of them says.
    let mut said_by = HashMap::new();
    for (name, char) in lines.flat_map(|(name, emoji)| emoji.chars().map(move |char| (name, char))) {
        said_by.entry(char).or_insert(name);
    }
    said_by
});

fn said_by(char: char) -> Option<&'static str> {
    if char.is_ascii() { None } else { SAID_BY.get(&char).copied() }
}

/// What messages without words say: a medium, a thumb.
pub(super) fn wordless(messages: &[Message]) -> Vec<Draft> {
    let drafts = messages.iter().filter_map(|message| {
        let words = crate::reading::words_of(&message.text);
        if words.chars().any(char::is_alphanumeric) {
            return None;
        }
        let by_emoji = words.chars().find_map(said_by).map(|name| match name {
            "yes" => Command::Yes,
            "no" => Command::No,
            "greet" => Command::Greet,
            _ => Command::Thanks,
        });
        let by_mark = words.contains('?').then_some(Command::AskWhenAnswered);
        let medium = message.media.iter().find(|medium| !matches!(medium, Medium::Button | Medium::Reaction));
        let command = match (by_emoji, medium) {
            (Some(command), None) => command,
            (_, Some(medium)) => Command::Medium(*medium),
            (None, None) if message.advert.is_some() => return None,
            (None, None) => by_mark.or_else(|| message.media.first().map(|one| Command::Medium(*one)))?,
        };
        Some(Draft {
            command,
            plain: Plain::Clear,
            clause: 0,
            from: 0,
            to: 0,
            correction: false,
            instead_of: Vec::new(),
        })
    });
    drafts.collect()
}

/// What a clause that only thanks or takes leave does not say.
const MORE: [Cue; 12] = [
    Cue::Search,
    Cue::Buy,
    Cue::Reserve,
    Cue::Bid,
    Cue::Discount,
    Cue::Cancel,
    Cue::CancelMaybe,
    Cue::Move,
    Cue::CannotCome,
    Cue::Wants,
    Cue::Request,
    Cue::NameIntro,
];

/// "Bedankt voor de info over de Kuga": thanks at the head of a statement, whatever it is for.
pub(super) fn farewell(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let opens = reader.scan.hits_of(clause, Cue::Thanks).any(|hit| hit.from <= clause.from + 2);
    let asked = reader.has_offer() || reader.state.asked.is_some();
    if !opens
        || asked
        || clause.question()
        || clause.to - clause.from < LONG_THANKS
        || reader.any(clause, &MORE)
    {
        return Vec::new();
    }
    vec![reader.draft(clause, Command::Thanks)]
}

/// "That's so cheap", "wat een koopje" of the car in talk: a remark, and no wish.
pub(super) fn remark(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let of_one = reader.state.focus.len() == 1 && reader.state.shown.len() < 2;
    let says_more = [Cue::Drive, Cue::Finance, Cue::TradeIn, Cue::Wish, Cue::Else, Cue::Not];
    let more = reader.any(clause, &MORE) || reader.any(clause, &says_more);
    let names =
        reader.scan.cars_in(clause).next().is_some() || reader.scan.amounts_in(clause).next().is_some();
    if !of_one
        || !reader.has(clause, Cue::Cheap)
        || clause.question()
        || clause.to - clause.from > REMARK
        || names
        || more
    {
        return Vec::new();
    }
    vec![reader.draft(clause, Command::Thanks)]
}

/// A remark has no more words.
const REMARK: usize = 7;

/// Shorter thanks are read with what stands beside them.
const LONG_THANKS: usize = 4;

/// Reads a clause that carries nothing but courtesies.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    // "Clio, nee wacht, een Captur": the no belongs to what it takes back.
    let taken_back = before.last().is_some_and(|draft| !matches!(draft.command, Command::Greet));
    if clause.correction && taken_back && reader.next(clause).is_some_and(|next| next.correction) {
        return Vec::new();
    }
    let only = |cues: &[Cue]| {
        let with_fillers: Vec<Cue> =
            cues.iter().copied().chain([Cue::Filler, Cue::Small, Cue::SmallTalk]).collect();
        reader.scan.only(clause, &with_fillers)
    };
    let has = |cue: Cue| reader.has(clause, cue);
    let awaits_yes = reader.state.asked.as_ref().is_some_and(Asked::awaits_yes);
    // "Bedoel je dat je geen berichten meer wilt?" "Oké, bedankt": who takes leave has not asked for silence.
    let takes_leave = reader.state.asked == Some(Asked::OptOut)
        && reader.scan.anywhere(Cue::Thanks)
        && !reader.scan.anywhere(Cue::FirmYes);
    let command = if has(Cue::Leave) || (takes_leave && reader.any(clause, &[Cue::Yes, Cue::Thanks])) {
        Command::Thanks
    } else if has(Cue::No)
        && only(&[Cue::No, Cue::Yes, Cue::Thanks, Cue::NoMatter])
        && !starts_with(reader, clause, Cue::Yes)
    {
        Command::No
    } else if has(Cue::Thanks) && !starts_with(reader, clause, Cue::Yes) {
        Command::Thanks
    } else if clause.question() && !awaits_yes && has(Cue::Yes) && reader.has(clause, Cue::ThatOk) {
        return Vec::new();
    } else if has(Cue::Yes) && only(&[Cue::Yes, Cue::Thanks, Cue::Choose, Cue::Fits]) {
        let strong =
            reader.scan.hits_of(clause, Cue::Yes).any(|hit| !reader.scan.covers(Cue::Small, hit.from));
        let weak = has(Cue::Small) && !strong;
        if weak {
            // "Ok" to moments on offer takes no leave.
            let answers = awaits_yes || reader.has_offer();
            let draft = reader.draft(clause, if answers { Command::Yes } else { Command::Thanks });
            return vec![if answers { draft.doubtful() } else { draft }];
        }
        Command::Yes
    } else if has(Cue::Thanks) {
        Command::Thanks
    } else if has(Cue::Greet) && !asks_beside(clause) {
        Command::Greet
    } else if has(Cue::Small) && only(&[]) {
        Command::Thanks
    } else if starts_with(reader, clause, Cue::Yes) && !clause.question() {
        Command::Yes
    } else if starts_with(reader, clause, Cue::No) && !clause.question() {
        Command::No
    } else {
        return Vec::new();
    };
    vec![reader.draft(clause, command)]
}

/// "Hoi hebben jullie een oplaadpunt": the greeting is the least of it.
fn asks_beside(clause: &Clause) -> bool {
    clause.opens() && clause.to - clause.from >= LONG_THANKS
}

fn starts_with(reader: &Reader<'_>, clause: &Clause, cue: Cue) -> bool {
    reader.scan.hits_of(clause, cue).any(|hit| hit.from == clause.from)
}
