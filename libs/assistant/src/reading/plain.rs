//! Words too plain to weigh: a message that is nothing but "stop" and courtesies.

use dealer::Language;

use super::text::Text;
use super::words::{Role, phrase};

/// Longer messages say more than one thing.
const MOST_WORDS: usize = 8;

/// Whether a message says "stop" and nothing else but courtesies: "STOP", "Stop. Dank je".
pub(super) fn says_only_stop(text: &Text<'_>) -> bool {
    let mut stop = false;
    let mut at = 0;
    while at < text.len() {
        match phrase(Language::Nl, Role::OptOut, text, at) {
            Some((to, value)) => {
                stop |= value == "stop";
                at = to;
            }
            None => return false,
        }
    }
    stop && text.len() <= MOST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_with_courtesies_is_plain() {
        for text in
            ["STOP", "Stop. Dank je", "stop aub", "STOP STOP STOP", "please stop", "stopp bitte", "Stop it"]
        {
            assert!(says_only_stop(&Text::new(text)), "{text}");
        }
    }

    #[test]
    fn stop_with_more_is_not() {
        for text in ["Stop er maar een trekhaak op", "can I stop by", "dank je", "", "Ende", "bus stop"] {
            assert!(!says_only_stop(&Text::new(text)), "{text}");
        }
    }
}
