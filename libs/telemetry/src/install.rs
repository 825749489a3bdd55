//! Installing all of it for the process.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::format::Format;
use crate::sampler::ServiceSampler;
use crate::{LogFormat, TelemetryConfig, TraceTable, metrics};

/// Our own crates: their INFO logs are written and their INFO spans become traces; libraries log from WARN.
const OWN_CRATES: [&str; 22] = [
    "agent_orchestrator",
    "alerts",
    "assistant",
    "calendar",
    "channel_sender",
    "console",
    "crm",
    "dealer",
    "dedup_lock",
    "delivery_status",
    "ingress",
    "lifecycle",
    "llm",
    "mesh",
    "model",
    "proefrit",
    "queue",
    "simulator",
    "store",
    "telemetry",
    "testkit",
    "twilio",
];

/// Telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The log filter cannot be read.
    #[error("RUST_LOG is not a log filter such as info or warn,crm=debug: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The exporter cannot be built.
    #[error("traces cannot be exported, check the OTEL_EXPORTER_OTLP_* variables: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Something in this process has installed a subscriber before.
    #[error("telemetry is installed already: {0}")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
}

/// What keeps telemetry going. Clones share it; the last one dropped sends what is still waiting to be exported.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Guard>);

#[derive(Debug)]
struct Guard {
    provider: SdkTracerProvider,
    table: TraceTable,
}

impl Telemetry {
    /// The recent traces of this process.
    pub fn trace_table(&self) -> TraceTable {
        self.0.table.clone()
    }

    /// Sends what is waiting to be exported; blocks for some seconds at most. Spans that end later are lost.
    pub fn shutdown(&self) {
        if let Err(error) = self.0.provider.shutdown() {
            tracing::debug!(%error, "telemetry was not flushed");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A second shutdown answers with an error that nobody needs.
        let _ = self.provider.shutdown();
    }
}

/// Starts telemetry for the process: logs, traces and metrics. `service` names what `proefrit.service` is where no
/// span says otherwise. Call it once, first of all, inside the runtime (the gRPC exporter needs one).
///
/// # Errors
/// When the filter or an exporter's setting is wrong, or a subscriber is installed already.
pub fn init(config: &TelemetryConfig, service: &str) -> Result<Telemetry, InitError> {
    let logs = EnvFilter::try_new(config.rust_log.clone().unwrap_or_else(default_filter))?;
    let telemetry = build(config, service)?;
    let format = tracing_subscriber::fmt::layer()
        .event_format(Format(config.log_format))
        .with_writer(std::io::stderr)
        .with_ansi(config.log_format == LogFormat::Pretty && colors_wanted())
        .with_filter(logs);
    Registry::default().with(traces(&telemetry, is_ours)).with(format).try_init()?;
    metrics::install();
    Ok(telemetry)
}

/// Starts telemetry for the tests of this process, once: every INFO span goes into the table, and logs are written
/// where the test runner captures them, filtered by `RUST_LOG` (unset: warnings). Works beside [`init`].
pub fn for_tests() -> Telemetry {
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    TELEMETRY
        .get_or_init(|| {
            let config = TelemetryConfig { trace_table_size: 20_000, ..TelemetryConfig::default() };
            let telemetry = build(&config, "tests").expect("tests need no exporter");
            let logs = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
            let format = tracing_subscriber::fmt::layer()
                .event_format(Format(LogFormat::Pretty))
                .with_test_writer()
                .with_ansi(false)
                .with_filter(logs);
            // Fails only where `init` ran before in this process, and then that one stays.
            let _ = Registry::default().with(traces(&telemetry, |_| true)).with(format).try_init();
            metrics::install();
            telemetry
        })
        .clone()
}

fn build(config: &TelemetryConfig, service: &str) -> Result<Telemetry, InitError> {
    let table = TraceTable::new(config.trace_table_size);
    let mut provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name(service.to_owned()).build())
        .with_sampler(ServiceSampler::from_env(service));
    if config.trace_table_size > 0 {
        provider = provider.with_span_processor(table.clone());
    }
    if export_wanted() {
        provider = provider.with_batch_exporter(opentelemetry_otlp::SpanExporter::builder().build()?);
    }
    Ok(Telemetry(Arc::new(Guard { provider: provider.build(), table })))
}

fn export_wanted() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let disabled = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"))
        || std::env::var("OTEL_TRACES_EXPORTER").is_ok_and(|value| value == "none");
    !disabled && (set("OTEL_EXPORTER_OTLP_ENDPOINT") || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
}

fn traces<S>(telemetry: &Telemetry, wanted: fn(&str) -> bool) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let spans_and_errors = filter_fn(move |metadata| {
        let kind = if metadata.is_span() { Level::INFO } else { Level::ERROR };
        *metadata.level() <= kind && wanted(metadata.target())
    })
    .with_max_level_hint(LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(telemetry.0.provider.tracer("proefrit"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(spans_and_errors)
}

fn is_ours(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or(target);
    OWN_CRATES.binary_search(&name).is_ok()
}

fn default_filter() -> String {
    let own: Vec<_> = OWN_CRATES.iter().map(|name| format!("{name}=info")).collect();
    format!("warn,{}", own.join(","))
}

fn colors_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_crates_are_sorted_so_that_they_are_found() {
        assert!(OWN_CRATES.is_sorted());
        assert!(is_ours("crm") && is_ours("queue::worker"));
        assert!(!is_ours("sqlx::query") && !is_ours("h2::client"));
    }

    #[test]
    fn every_crate_of_the_workspace_is_one_of_ours() {
        for folder in ["..", "../../services"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap().replace('-', "_");
                assert!(is_ours(&name) || name == "proto", "{name} is missing from OWN_CRATES");
            }
        }
    }

    #[test]
    fn the_default_filter_can_be_read() {
        EnvFilter::try_new(default_filter()).unwrap();
    }
}
