//! The bare server: it checks the signature and commits one row, and nothing else. What the mesh does beyond that is the price of its promises.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use secrecy::SecretString;
use store::{Migration, Store, StoreConfig, StoreError, Tx, Write, params};
use twilio::{Algorithm, signature};

use super::generator::{AUTH_TOKEN, PATH};

/// Options of the bare server.
#[derive(Clone, Debug, clap::Args)]
pub struct ReferenceArgs {
    /// Where it listens.
    #[arg(long, env = "REFERENCE_LISTEN")]
    reference_listen: SocketAddr,
    #[command(flatten)]
    store: StoreConfig,
}

const MIGRATIONS: &[Migration] = &[Migration::new(
    1,
    "webhooks",
    "CREATE TABLE webhooks (sid TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);",
)];

struct Reference {
    store: Store,
    url: String,
    keys: [SecretString; 1],
}

/// Serves until it is killed.
pub async fn run(args: ReferenceArgs) -> anyhow::Result<()> {
    let store = Store::open(&args.store, "load-reference", MIGRATIONS).await?;
    let reference = Arc::new(Reference {
        store,
        url: format!("http://{}{PATH}", args.reference_listen),
        keys: [SecretString::from(AUTH_TOKEN)],
    });
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route(PATH, post(webhook))
        .with_state(reference);
    let listener = tokio::net::TcpListener::bind(args.reference_listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn webhook(State(reference): State<Arc<Reference>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let signed =
        headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).is_some_and(|signature| {
            signature::verify(Algorithm::Sha1, &reference.keys, &reference.url, &pairs, signature)
        });
    if !signed {
        return StatusCode::FORBIDDEN;
    }
    let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
    let (Some(sid), Some(text)) = (value("MessageSid"), value("Body")) else {
        return StatusCode::BAD_REQUEST;
    };
    let written = reference.store.write(KeepWebhook { sid, text }).await;
    if written.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

struct KeepWebhook {
    sid: String,
    text: String,
}

impl Write for KeepWebhook {
    const NAME: &'static str = "webhook";
    type Output = ();
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO webhooks (sid, body) VALUES ($1, $2) ON CONFLICT (sid) DO NOTHING";
        tx.execute(SQL, params![self.sid, self.text]).await.map(drop)
    }
}
