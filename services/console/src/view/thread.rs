use maud::{Markup, html};

use super::{Moments, list, tasks, tick};
use crate::desk::{Entry, Row, Task};

/// The conversation that is open.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// Whose it is; nothing where the orchestrator did not say.
    pub row: Option<Row>,
    /// Its latest messages, oldest first.
    pub entries: Vec<Entry>,
    /// How many older ones are left out.
    pub left_out: usize,
    /// What a person is to do for the customer.
    pub tasks: Vec<Task>,
}

/// Where a message's trace is shown.
#[derive(Clone, Debug)]
pub enum TraceLinks {
    /// On a page of ours.
    Here,
    /// In a tracing UI at this address, `{trace_id}` standing for the id.
    Elsewhere(String),
    /// Nowhere.
    Nowhere,
}

impl TraceLinks {
    fn address(&self, trace_id: &str) -> Option<String> {
        match self {
            Self::Here => Some(format!("/traces/{trace_id}")),
            Self::Elsewhere(template) => Some(template.replace(crate::config::TRACE_ID, trace_id)),
            Self::Nowhere => None,
        }
    }
}

impl Thread {
    /// The conversation's head and its messages by day.
    pub fn render(&self, moments: &Moments, traces: &TraceLinks) -> Markup {
        html! {
            header class="thread-head" {
                a class="back" href="/" { "‹ All conversations" }
                @if let Some(row) = &self.row {
                    span class={ "face hue" (list::hue(&row.id)) } aria-hidden="true" { (list::initial(&row.title)) }
                    div class="thread-who" {
                        h1 { bdi { (row.title) } }
                        p {
                            @if let Some(address) = &row.address { span { (address) } }
                            @if !row.channel.is_empty() { span { (row.channel) } }
                        }
                    }
                    div class="thread-chips" {
                        (list::lead(row))
                        @if row.waiting { span class="chip warm" { "waits for a person" } }
                        @else if row.human { span class="chip human" { "human answers" } }
                        @if row.opted_out { span class="chip out" { "opted out" } }
                    }
                }
            }
            @if !self.tasks.is_empty() {
                section class="thread-tasks" aria-label="Open tasks" { (tasks::items(&self.tasks, moments, false)) }
            }
            ol class="messages" id="messages" tabindex="0" aria-label="Messages" {
                @if self.left_out > 0 {
                    li class="day" { span { (self.left_out) " older messages are not shown" } }
                }
                @for (new_day, message) in self.by_day(moments) {
                    @if let Some(day) = new_day { li class="day" { span { (day) } } }
                    (entry(message, moments, traces))
                }
                @if self.entries.is_empty() {
                    li class="day" { span { "No messages yet" } }
                }
            }
        }
    }
}

impl Thread {
    /// The messages, each first one of a day with that day's name.
    fn by_day(&self, moments: &Moments) -> Vec<(Option<String>, &Entry)> {
        let mut last = None;
        let with_day = self.entries.iter().map(|entry| {
            let day = entry.at.map(|at| moments.day(at));
            let new_day = (day != last).then(|| day.clone()).flatten();
            last = day;
            (new_day, entry)
        });
        with_day.collect()
    }
}

/// One message. The live view appends it, or replaces the whole of it.
pub fn entry(entry: &Entry, moments: &Moments, traces: &TraceLinks) -> Markup {
    let class = if entry.outbound { "message out" } else { "message in" };
    let trace = entry.trace_id.as_deref().and_then(|trace_id| traces.address(trace_id));
    html! {
        li class=(class) data-message=(entry.id) {
            div class="bubble" {
                @for kind in &entry.media {
                    p class="media" { (media_word(kind)) }
                }
                p class="body" dir="auto" { (entry.body) }
                p class="meta" {
                    @if !entry.remark.is_empty() { span class="remark" { (entry.remark) } }
                    @if let Some(at) = entry.at { (moments.time(at)) }
                    @if let Some(address) = trace { a class="trace" href=(address) { "trace" } }
                    @if let Some(progress) = &entry.progress { (tick::progress(&entry.id, progress, moments)) }
                }
            }
        }
    }
}

fn media_word(content_type: &str) -> String {
    let word = match content_type.split('/').next().unwrap_or_default() {
        "image" => "Picture",
        "audio" => "Voice or sound",
        "video" => "Video",
        "text" if content_type.contains("vcard") => "Contact card",
        _ => "Document",
    };
    if content_type.is_empty() { word.to_owned() } else { format!("{word} · {content_type}") }
}
