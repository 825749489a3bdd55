//! How an event is written: one line for people or one JSON object for machines, both with the ids of the trace.

use std::fmt::{self, Write as _};

use model::Clock;
use opentelemetry::trace::TraceContextExt;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::LogFormat;

/// Writes events in the format asked for.
#[derive(Clone, Debug)]
pub(crate) struct Format(pub(crate) LogFormat);

impl<S, N> FormatEvent<S, N> for Format
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        match self.0 {
            LogFormat::Pretty => pretty(writer, event, &fields),
            LogFormat::Json => json(writer, event, fields),
        }
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn push(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::from(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.push(field, Value::String(text));
    }
}

fn pretty(mut writer: Writer<'_>, event: &Event<'_>, fields: &Fields) -> fmt::Result {
    let level = *event.metadata().level();
    let (paint, reset) = match (writer.has_ansi_escapes(), level) {
        (false, _) => ("", ""),
        (true, Level::ERROR) => ("\x1b[31m", "\x1b[0m"),
        (true, Level::WARN) => ("\x1b[33m", "\x1b[0m"),
        (true, Level::INFO) => ("\x1b[32m", "\x1b[0m"),
        (true, _) => ("\x1b[2m", "\x1b[0m"),
    };
    let now = model::SystemClock.now().to_string();
    // 2026-03-02T09:00:00.123: to the millisecond, the rest is for machines.
    let now = now.get(..23).unwrap_or_else(|| now.trim_end_matches('Z'));
    write!(
        writer,
        "{now:<23}Z {paint}{level:<5}{reset} {}: {}",
        event.metadata().target(),
        one_line(&fields.message)
    )?;
    for (name, value) in &fields.others {
        match value {
            Value::String(text) => write!(writer, " {name}={}", one_line(text))?,
            other => write!(writer, " {name}={other}")?,
        }
    }
    let context = opentelemetry::Context::current();
    let span = context.span();
    if span.span_context().is_valid() {
        write!(writer, " trace={}", span.span_context().trace_id())?;
    }
    writeln!(writer)
}

/// Keeps one event on one line, whatever somebody else's text holds.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn json(mut writer: Writer<'_>, event: &Event<'_>, fields: Fields) -> fmt::Result {
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), model::SystemClock.now().to_string().into());
    line.insert("level".to_owned(), event.metadata().level().as_str().into());
    line.insert("target".to_owned(), event.metadata().target().into());
    line.insert("message".to_owned(), fields.message.into());
    let context = opentelemetry::Context::current();
    let span = context.span();
    if span.span_context().is_valid() {
        line.insert("trace_id".to_owned(), span.span_context().trace_id().to_string().into());
        line.insert("span_id".to_owned(), span.span_context().span_id().to_string().into());
    }
    for (name, value) in fields.others {
        line.entry(name).or_insert(value);
    }
    writeln!(writer, "{}", Value::Object(line))
}
