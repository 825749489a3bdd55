use maud::{Markup, html};

use super::Moments;
use crate::desk::Row;

/// Points a lead can have at most, for the meter beside it (the scoring of `dealer.toml` adds up to it).
const FULL_SCORE: i32 = 125;

/// One conversation in the list. The live view replaces the whole of it and puts it first.
pub fn row(row: &Row, selected: Option<&str>, moments: &Moments) -> Markup {
    let current = (selected == Some(row.id.as_str())).then_some("page");
    html! {
        li data-conversation=(row.id) {
            a class="row" href={ "/conversations/" (row.id) } aria-current=[current] {
                span class={ "face hue" (hue(&row.id)) } aria-hidden="true" { (initial(&row.title)) }
                span class="row-main" {
                    span class="row-top" {
                        span class="who" { bdi { (row.title) } }
                        @if let Some(at) = row.at { span class="when" { (moments.short(at)) } }
                    }
                    span class="preview" { bdi { (row.preview) } }
                    span class="row-chips" {
                        (lead(row))
                        @if row.human { span class="chip human" title="A person answers; the agents are silent" { "human" } }
                        @if row.opted_out { span class="chip out" title="The customer wants no messages" { "opted out" } }
                    }
                }
            }
        }
    }
}

/// The lead's temperature and points.
pub(super) fn lead(row: &Row) -> Markup {
    let class = match row.lead_status.as_str() {
        "HOT" => "chip lead hot",
        "WARM" => "chip lead warm",
        _ => "chip lead cold",
    };
    let status = if row.lead_status.is_empty() { "no lead" } else { row.lead_status.as_str() };
    html! {
        span class=(class) title={ "Lead score " (row.lead_score) " of " (FULL_SCORE) } {
            (status.to_lowercase()) " " b { (row.lead_score) }
        }
    }
}

pub(super) fn initial(title: &str) -> String {
    let letter = title.chars().find(|character| character.is_alphanumeric());
    letter.map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
}

/// One of eight quiet colours, always the same for a conversation.
pub(super) fn hue(id: &str) -> u32 {
    id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_shows_the_first_letter_or_digit_of_the_name() {
        assert_eq!(initial("élise"), "É");
        assert_eq!(initial("+31612345678"), "3");
        assert_eq!(initial("🙂"), "?");
    }
}
