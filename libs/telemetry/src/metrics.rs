//! The recorder behind the `metrics` macros, rendered for Prometheus.

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Buckets of `*_seconds`: from a call inside the process (tens of microseconds) to a turn with a slow model.
const SECONDS_BUCKETS: [f64; 17] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
    15.0, 60.0,
];

/// How often histograms are folded, so that they stay small although nobody scrapes them.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The page that Prometheus scrapes; empty before [`init`](crate::init).
pub fn render_metrics() -> String {
    RECORDER.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}

/// Installs the recorder once for the process; later calls change nothing.
pub(crate) fn install() {
    RECORDER.get_or_init(|| {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::error!(%error, "metrics are not recorded"))
            .ok();
        if let Some(handle) = handle.clone() {
            let keep_up = std::thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(move || {
                let (_never, ticks): (Sender<()>, Receiver<()>) = channel();
                while ticks.recv_timeout(UPKEEP_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    handle.run_upkeep();
                }
            });
            if let Err(error) = keep_up {
                tracing::error!(%error, "metrics are folded only when they are scraped");
            }
        }
        handle
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rendered_as_histograms() {
        install();
        install();
        metrics::histogram!("turn_duration_seconds", "agent" => "router").record(0.000_07);
        metrics::counter!("turns_total", "outcome" => "replied").increment(1);
        let page = render_metrics();
        assert!(page.contains(r#"turn_duration_seconds_bucket{agent="router",le="0.00005"} 0"#), "{page}");
        assert!(page.contains(r#"turn_duration_seconds_bucket{agent="router",le="0.0001"} 1"#), "{page}");
        assert!(page.contains(r#"turns_total{outcome="replied"} 1"#), "{page}");
    }
}
