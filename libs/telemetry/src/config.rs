//! What can be set about telemetry. Traces go to a collector when OpenTelemetry's own variables say where
//! (`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`).

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line per event, for people.
    #[default]
    Pretty,
    /// One JSON object per event, for machines.
    Json,
}

/// Settings of logs and of the table of recent traces.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "telemetry")]
pub struct TelemetryConfig {
    /// How logs are written to standard error.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "pretty")]
    pub log_format: LogFormat,
    /// Which logs are written, such as `info` or `warn,crm=debug`. Unset: info for Proefrit, warn for its libraries.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER")]
    pub rust_log: Option<String>,
    /// How many recent traces are kept in memory for the console. 0 keeps none.
    #[arg(long, env = "TRACE_TABLE_SIZE", default_value_t = TelemetryConfig::DEFAULT_TRACE_TABLE_SIZE)]
    pub trace_table_size: usize,
}

impl TelemetryConfig {
    /// Enough for the messages of an afternoon; about 10 KiB each, so 20 MiB.
    pub const DEFAULT_TRACE_TABLE_SIZE: usize = 2_000;
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log_format: LogFormat::default(),
            rust_log: None,
            trace_table_size: Self::DEFAULT_TRACE_TABLE_SIZE,
        }
    }
}
