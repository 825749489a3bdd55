//! What an alert says.

use serde_json::{Map, Value, json};
use tracing::error;

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// Somebody should look this week.
    Warning,
    /// Somebody should look today.
    #[default]
    Error,
    /// Customers are not served.
    Critical,
}

impl Severity {
    /// The word in the webhook's JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// Something that needs a person. It names no customer: ids stand in for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    pub(crate) kind: &'static str,
    severity: Severity,
    summary: String,
    repeated: u32,
    key: Option<String>,
    details: Map<String, Value>,
    inspect: Option<String>,
    mend: Option<String>,
}

impl Alert {
    /// An alert of a kind (one of few, in `snake_case`: it labels a metric) that one sentence sums up.
    pub fn new(kind: &'static str, summary: impl Into<String>) -> Self {
        Self {
            kind,
            severity: Severity::default(),
            summary: summary.into(),
            repeated: 0,
            key: None,
            details: Map::new(),
            inspect: None,
            mend: None,
        }
    }

    /// How bad it is; [`Severity::Error`] unless said.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The command that shows why.
    #[must_use]
    pub fn inspect(mut self, command: impl Into<String>) -> Self {
        self.inspect = Some(command.into());
        self
    }

    /// The command that mends it.
    #[must_use]
    pub fn mend(mut self, command: impl Into<String>) -> Self {
        self.mend = Some(command.into());
        self
    }

    /// What makes two alerts of a kind equal, so that they are told once; the summary unless said.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same alert, which came so many times more since it was told.
    pub(crate) fn repeated(mut self, times: u32) -> Self {
        self.repeated = times;
        self
    }

    pub(crate) fn equality(&self) -> (&'static str, String) {
        (self.kind, self.key.clone().unwrap_or_else(|| self.summary.clone()))
    }

    pub(crate) fn log(&self) {
        let details = Value::Object(self.details.clone());
        error!(
            alert.kind = self.kind,
            alert.severity = self.severity.as_str(),
            alert.repeated = self.repeated,
            alert.details = %details,
            alert.inspect = self.inspect,
            alert.mend = self.mend,
            "{}",
            self.summary_with_count()
        );
    }

    fn summary_with_count(&self) -> String {
        match self.repeated {
            0 => self.summary.clone(),
            times => format!("{} (repeated {times} times)", self.summary),
        }
    }

    /// What is posted: `text` is what Slack shows, the rest is for relays.
    pub(crate) fn payload(&self) -> Value {
        let summary = self.summary_with_count();
        let mut text = format!("[{}] {}: {summary}", self.severity.as_str(), self.kind);
        for (label, command) in [("why", &self.inspect), ("mend", &self.mend)] {
            if let Some(command) = command {
                text = format!("{text}\n{label}: `{command}`");
            }
        }
        json!({
            "text": text,
            "kind": self.kind,
            "severity": self.severity.as_str(),
            "summary": summary,
            "details": self.details,
            "command_to_inspect": self.inspect,
            "command_to_mend": self.mend,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_tells_people_and_machines_the_same() {
        let alert = Alert::new("dead_letter", "a turn was given up")
            .severity(Severity::Critical)
            .detail("queue", "inbox")
            .detail("tries", 3)
            .inspect("QueueService/ListDeadLetters")
            .mend("QueueService/RetryDeadLetter");
        assert_eq!(
            alert.payload(),
            json!({
                "text": "[critical] dead_letter: a turn was given up\nwhy: `QueueService/ListDeadLetters`\n\
                         mend: `QueueService/RetryDeadLetter`",
                "kind": "dead_letter",
                "severity": "critical",
                "summary": "a turn was given up",
                "details": {"queue": "inbox", "tries": 3},
                "command_to_inspect": "QueueService/ListDeadLetters",
                "command_to_mend": "QueueService/RetryDeadLetter",
            })
        );
    }

    #[test]
    fn an_alert_without_commands_says_so_with_null() {
        let payload = Alert::new("disk", "full").payload();
        assert_eq!(payload["text"], "[error] disk: full");
        assert_eq!(payload["command_to_mend"], Value::Null);
    }
}
