use maud::{DOCTYPE, Markup, html};

use super::{Moments, Thread, TraceLinks, list};
use crate::desk::Row;

/// Something the operator should know before reading on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice(pub String);

/// All that the page shows.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The conversations, latest activity first.
    pub rows: Vec<Row>,
    /// False where the orchestrator did not answer, so that an empty list is not taken for the truth.
    pub rows_known: bool,
    /// Where the list goes on.
    pub next_page: Option<String>,
    /// The conversation that is open, by id.
    pub selected: Option<String>,
    /// Its messages.
    pub thread: Option<Thread>,
    /// What is wrong.
    pub notices: Vec<Notice>,
    /// How the messages of the last day fared, where that is known.
    pub day: Option<Day>,
}

/// The last 24 hours in three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Day {
    /// Messages sent.
    pub total: u64,
    /// Delivered or read, from 0 to 100.
    pub arrived: f64,
    /// Failed, refused or called off.
    pub failed: u64,
}

/// The operator's page.
pub fn desk(desk: &Desk, moments: &Moments, traces: &TraceLinks) -> Markup {
    let title = desk.thread.as_ref().and_then(|thread| thread.row.as_ref()).map(|row| row.title.as_str());
    let class = if desk.selected.is_some() { "desk open" } else { "desk" };
    let content = html! {
        main class=(class) id="desk" data-selected=[desk.selected.as_deref()] {
            nav class="list" aria-label="Conversations" {
                h2 class="list-head" { "Conversations" }
                ol id="conversations" {
                    @for row in &desk.rows { (list::row(row, desk.selected.as_deref(), moments)) }
                }
                @if desk.rows.is_empty() && desk.rows_known {
                    div class="empty" {
                        p { b { "No conversations yet" } }
                        p { "The first WhatsApp message to the dealer's number appears here by itself." }
                    }
                }
                @if let Some(token) = &desk.next_page {
                    a class="more" href={ "/?page=" (token) } { "Older conversations" }
                }
            }
            section class="thread" aria-label="Conversation" {
                @match &desk.thread {
                    Some(thread) => (thread.render(moments, traces)),
                    None => div class="empty middle" {
                        p { b { @if desk.selected.is_some() { "This conversation cannot be shown" } @else { "Choose a conversation" } } }
                        p { "Messages, their ticks and their traces appear here." }
                    },
                }
            }
        }
    };
    layout(title.unwrap_or("Conversations"), &desk.notices, desk.day, true, &content)
}

/// A page that says one thing.
pub fn message_page(title: &str, text: &str) -> Markup {
    let content = html! {
        main class="single" {
            div class="empty middle" {
                p { b { (title) } }
                p { (text) }
                p { a href="/" { "All conversations" } }
            }
        }
    };
    layout(title, &[], None, false, &content)
}

pub(super) fn layout(
    title: &str,
    notices: &[Notice],
    day: Option<Day>,
    live: bool,
    content: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="same-origin";
                title { (title) " · Proefrit" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/console.css";
                @if live { script src="/assets/console.js" defer {} }
            }
            body {
                header class="bar" {
                    a class="brand" href="/" { (mark()) "Proefrit" }
                    a class="bar-link" href="/tasks" { "Tasks" }
                    div class="day-stats" id="day" {
                        @if let Some(day) = day {
                            span { b { (day.total) } " sent in 24 h" }
                            @if day.total > 0 {
                                span { b { (format!("{:.0}%", day.arrived)) } " delivered" }
                                @if day.failed > 0 { span class="bad" { b { (day.failed) } " failed" } }
                            }
                        }
                    }
                    @if live { span class="live" id="live" hidden role="status" { "connecting" } }
                }
                div id="notices" {
                    @for Notice(text) in notices { p class="notice" role="alert" { (text) } }
                }
                (content)
            }
        }
    }
}

/// A steering wheel.
fn mark() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" {
            circle cx="12" cy="12" r="9" {}
            circle cx="12" cy="12" r="2.4" {}
            path d="M3.4 10.5 9.6 11.5M20.6 10.5 14.4 11.5M12 14.4V21" {}
        }
    }
}
