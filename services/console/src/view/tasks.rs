use jiff::Timestamp;
use maud::{Markup, html};

use super::{Moments, Notice, page};
use crate::desk::Task;

/// Open tasks.
#[derive(Clone, Debug, Default)]
pub struct TaskList {
    /// The one due first at the front.
    pub tasks: Vec<Task>,
    /// Where the list goes on.
    pub next_page: Option<String>,
    /// What is wrong.
    pub notices: Vec<Notice>,
}

/// The page of all open tasks.
pub fn tasks_page(list: &TaskList, moments: &Moments) -> Markup {
    let content = html! {
        main class="single tasks-page" {
            h1 { "Tasks" }
            @if list.tasks.is_empty() && list.notices.is_empty() {
                div class="empty" { p { b { "Nothing is open" } } p { "What customers were promised appears here." } }
            }
            (items(&list.tasks, moments, true))
            @if let Some(token) = &list.next_page { a class="more" href={ "/tasks?page=" (token) } { "More tasks" } }
            p { a href="/" { "All conversations" } }
        }
    };
    page::layout("Tasks", &list.notices, None, false, &content)
}

/// Tasks with a button each; on the page of all of them with the customer each is about.
pub(super) fn items(tasks: &[Task], moments: &Moments, of_all: bool) -> Markup {
    html! {
        ul class="tasks" {
            @for task in tasks {
                li class="task" data-task=(task.id) {
                    p class="task-head" {
                        span class="chip" { (task.kind) }
                        @if of_all { a href={ "/conversations/" (task.conversation_id) } { bdi { (task.contact) } } }
                        @if let Some(due) = task.due { span class="task-due" { "due " (due_on(moments, due)) } }
                    }
                    p class="task-details" dir="auto" { (task.details) }
                    @let back = if of_all { "" } else { task.conversation_id.as_str() };
                    form method="post" action={ "/tasks/" (task.id) "/done?conversation=" (back) } {
                        button type="submit" { "Done" }
                    }
                }
            }
        }
    }
}

fn due_on(moments: &Moments, due: Timestamp) -> Markup {
    html! { (moments.day(due)) " " (moments.time(due)) }
}
