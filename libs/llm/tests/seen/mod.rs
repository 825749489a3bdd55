//! What spans, logs and metrics tell while something runs on this thread.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, Once};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Fields of every span and event, as `name=value`.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

thread_local! {
    static WATCHING: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

static INSTALLED: Once = Once::new();

impl Seen {
    /// Watches this thread from now on. The subscriber is the process's: scoped ones race for what is cached about spans.
    pub fn watch() -> Self {
        INSTALLED.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Watcher);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let seen = Self::default();
        WATCHING.set(Some(seen.clone()));
        seen
    }

    /// Everything so far.
    pub fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }

    /// Whether a field had this value.
    pub fn has(&self, field: &str) -> bool {
        self.0.lock().unwrap().iter().any(|seen| seen == field)
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.lock().unwrap().push(format!("{}={value:?}", field.name()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.lock().unwrap().push(format!("{}={value}", field.name()));
    }
}

struct Watcher;

fn seen(record: impl FnOnce(&mut Seen)) {
    WATCHING.with_borrow(|watching| watching.clone().as_mut().map(record));
}

impl<S: Subscriber> Layer<S> for Watcher {
    fn on_new_span(&self, attributes: &Attributes<'_>, _id: &Id, _context: Context<'_, S>) {
        seen(|seen| attributes.record(seen));
    }

    fn on_record(&self, _span: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        seen(|seen| values.record(seen));
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        // The client library traces whole bodies; nobody sees that who does not ask for TRACE.
        if *event.metadata().level() <= Level::DEBUG {
            seen(|seen| event.record(seen));
        }
    }
}

/// Metrics of this thread.
pub fn metrics() -> (PrometheusRecorder, PrometheusHandle) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    (recorder, handle)
}
