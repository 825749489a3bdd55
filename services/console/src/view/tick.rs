use maud::{Markup, html};

use super::Moments;
use crate::desk::{Progress, Tick};

impl Tick {
    fn class(self) -> &'static str {
        match self {
            Self::Queued => "tick queued",
            Self::Sent => "tick sent",
            Self::Delivered => "tick delivered",
            Self::Read => "tick read",
            Self::Failed => "tick failed",
        }
    }

    /// What a text browser or a screen reader shows instead of the picture.
    fn text(self) -> &'static str {
        match self {
            Self::Queued => "⏱",
            Self::Sent => "✓",
            Self::Delivered | Self::Read => "✓✓",
            Self::Failed => "!",
        }
    }
}

/// The tick of an outbound message, with its word for those who do not see it and, where it failed, why.
/// The live view replaces the whole of it.
pub fn progress(message_id: &str, progress: &Progress, moments: &Moments) -> Markup {
    let word = if progress.status.is_empty() { "queued" } else { &progress.status };
    let title = match progress.at {
        Some(at) => format!("{word} · {}", moments.full(at)),
        None => word.to_owned(),
    };
    html! {
        span class="progress" data-progress=(message_id) {
            span class=(progress.tick.class()) title=(title) {
                (picture(progress.tick))
                span class="sr" { (progress.tick.text()) " " (word) }
            }
            @if let Some(failure) = &progress.failure {
                span class="failure" { (failure) }
            }
        }
    }
}

fn picture(tick: Tick) -> Markup {
    html! {
        svg viewBox="0 0 20 12" width="20" height="12" aria-hidden="true" focusable="false" {
            @match tick {
                Tick::Queued => { circle cx="13" cy="6" r="5" {} path d="M13 3v3l2 1.4" {} }
                Tick::Sent => { path d="M8 6.5 11 9.5 17.5 2.5" {} }
                Tick::Delivered | Tick::Read => { path d="M2 6.5 5 9.5 11.5 2.5" {} path d="M9.2 7.8 11 9.5 17.5 2.5" {} }
                Tick::Failed => { circle cx="13" cy="6" r="5" {} path d="M13 3.2v3.2M13 8.6v.2" {} }
            }
        }
    }
}
