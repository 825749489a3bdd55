//! The admin port: `/healthz` (the process answers), `/readyz` (it can do its work), `/metrics` (Prometheus).

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{Readiness, Stop};

/// An admin server that is bound and does not serve yet.
#[derive(Debug)]
pub struct Admin {
    listener: TcpListener,
    addr: SocketAddr,
    router: Router,
}

/// Binds the admin port; port 0 takes a free one. `metrics` renders the page that Prometheus reads
/// (`telemetry::render_metrics`).
///
/// # Errors
/// When the address cannot be bound.
pub async fn bind(
    listen: SocketAddr,
    readiness: Readiness,
    metrics: fn() -> String,
) -> anyhow::Result<Admin> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: set ADMIN_LISTEN to a free address"))?;
    let addr = listener.local_addr()?;
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(move || async move {
                ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics())
            }),
        )
        .with_state(readiness);
    Ok(Admin { listener, addr, router })
}

impl Admin {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until the end is asked for.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, stop: Stop) -> anyhow::Result<()> {
        axum::serve(self.listener, self.router)
            .with_graceful_shutdown(async move { stop.requested().await })
            .await
            .context("admin server failed")
    }
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let report = readiness.report().await;
    let checks: serde_json::Map<_, _> = report
        .checks
        .into_iter()
        .map(|(name, answer)| (name, json!(answer.err().unwrap_or_else(|| "ok".to_owned()))))
        .collect();
    let code = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({"ready": report.ready, "degraded": report.degraded, "checks": checks});
    (code, axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn get(addr: SocketAddr, path: &str) -> String {
        let mut socket = tokio::net::TcpStream::connect(addr).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_admin_port_tells_health_readiness_and_metrics() {
        let stop = Stop::new();
        let readiness = Readiness::new().check("crm.database", || async { Err("disk is full") });
        let admin =
            bind("127.0.0.1:0".parse().unwrap(), readiness, || "turns_total 1\n".to_owned()).await.unwrap();
        let addr = admin.addr();
        let serving = tokio::spawn(admin.serve(stop.clone()));
        assert!(get(addr, "/healthz").await.starts_with("HTTP/1.1 200"));
        let readyz = get(addr, "/readyz").await;
        assert!(readyz.starts_with("HTTP/1.1 503"), "{readyz}");
        assert!(readyz.contains(r#""crm.database":"disk is full""#), "{readyz}");
        assert!(get(addr, "/metrics").await.ends_with("turns_total 1\n"));
        assert!(get(addr, "/other").await.starts_with("HTTP/1.1 404"));
        stop.request();
        serving.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_is_named_with_its_variable() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error =
            bind(taken.local_addr().unwrap(), Readiness::new(), String::new).await.unwrap_err().to_string();
        assert!(error.ends_with("set ADMIN_LISTEN to a free address"), "{error}");
    }
}
