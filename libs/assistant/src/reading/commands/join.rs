//! The messages of a turn as one text: pieces of one sentence are joined, whole messages stand on lines of their own.

use std::ops::Range;

use super::unfinished::{self, Why};
use crate::reading::lexicon;
use crate::reading::text::{Gap, Text, cut};
use crate::turn::Message;

/// The words of a turn, with where each message of it stands.
#[derive(Debug)]
pub(super) struct Joined {
    pub text: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    message: usize,
    from: usize,
    to: usize,
    length: usize,
}

impl Joined {
    /// Joins what was written.
    pub fn new(messages: &[Message]) -> Self {
        let mut joined = Self { text: String::new(), parts: Vec::new() };
        for (message, whole) in messages.iter().enumerate() {
            let words = cut(crate::reading::words_of(&whole.text).trim(), LONGEST);
            if words.is_empty() {
                continue;
            }
            let words = if joined.text.is_empty() { words } else { joined.link(words) };
            let from = joined.text.len();
            joined.text.push_str(words);
            joined.parts.push(Part { message, from, to: joined.text.len(), length: whole.text.len() });
        }
        joined
    }

    /// Puts between what was written before and `next` what tells how they belong together; answers what of `next` is
    /// still to be written.
    fn link<'n>(&mut self, next: &'n str) -> &'n str {
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        if let Some(whole) = glued(line, next) {
            // "kan ik ma" and "ndag": what stands here of the word gives way to the whole.
            let cut = self.text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
            self.text.truncate(cut);
            self.text.push_str(whole);
            if let Some(last) = self.parts.last_mut() {
                last.to = self.text.len();
            }
            return "";
        }
        let ended = line.ends_with(['.', '!', '?']);
        let one = !ended && (unfinished::waits(line) == Some(Why::Fragment) || unfinished::is_fragment(next));
        self.text.push(if one { ' ' } else { '\n' });
        next
    }

    /// Which message a stretch of the joined text stands in, and where there.
    pub fn place(&self, range: &Range<usize>) -> (usize, Range<usize>) {
        let part = self.parts.iter().rfind(|part| part.from <= range.start).or(self.parts.first());
        part.map_or((0, 0..0), |part| {
            let from = range.start.saturating_sub(part.from).min(part.length);
            let to = range.end.min(part.to).saturating_sub(part.from).clamp(from, part.length);
            (part.message, from..to)
        })
    }
}

/// So much of a message is read: nobody types more.
const LONGEST: usize = 3000;

/// The word that the end of one message and the beginning of the next make together, when neither is one.
fn glued(before: &str, next: &str) -> Option<&'static str> {
    let before = Text::new(before);
    let next = Text::new(next);
    let (last, first) = (before.tokens.last()?, next.tokens.first()?);
    let bare = before.tail == Gap::default() && first.gap == Gap::default() && !first.capital;
    if !bare || next.len() != 1 || first.is_number() || lexicon::is_known(&first.norm) {
        return None;
    }
    let whole = format!("{}{}", last.norm, first.norm);
    lexicon::known(&whole).or_else(|| lexicon::mended(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(messages: &[&str]) -> String {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let messages: Vec<Message> = messages.iter().map(|text| Message::new("", *text, at)).collect();
        Joined::new(&messages).text
    }

    #[test]
    fn pieces_of_a_sentence_become_one_and_whole_messages_stay_apart() {
        assert_eq!(
            joined(&["mag ik woe", "nsdag", "om 3 uur langskomen"]),
            "mag ik woensdag om 3 uur langskomen"
        );
        assert_eq!(
            joined(&["hoi", "heb je nog die fiesta", "die blauwe"]),
            "hoi\nheb je nog die fiesta die blauwe"
        );
        assert_eq!(
            joined(&["Is de Kona er nog?", "En wat kost hij?"]),
            "Is de Kona er nog?\nEn wat kost hij?"
        );
    }
}
