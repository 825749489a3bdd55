//! Logs, traces and metrics of a process, and what must not appear in them.
//!
//! Start at [`init`], which the binary calls first and whose guard it drops last. Code that works across calls,
//! queues and callbacks carries a [`TraceContext`]; the console reads finished spans from the [`TraceTable`];
//! the admin port shows [`render_metrics`]; whatever names a person goes through [`mask`] before it is logged.
//!
//! Spans of level INFO from our own crates become OpenTelemetry spans. Each carries `proefrit.service`: set it as a
//! field on the span that starts a service's work (server, worker), and every span below inherits it.

mod config;
mod context;
mod format;
mod install;
pub mod mask;
mod metrics;
mod sampler;
mod table;

pub use config::{LogFormat, TelemetryConfig};
pub use context::{InvalidTraceContext, TraceContext};
pub use install::{InitError, Telemetry, for_tests, init};
pub use metrics::render_metrics;
pub use table::{FinishedSpan, SpanStatus, TraceTable};
