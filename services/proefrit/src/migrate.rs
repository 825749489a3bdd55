//! Every service's migrations, and the analysts' views.

use store::{Migration, Store, StoreConfig};

const SERVICES: [(&str, &[Migration]); 5] = [
    ("agent-orchestrator", agent_orchestrator::MIGRATIONS),
    ("channel-sender", channel_sender::store::MIGRATIONS),
    ("crm", crm::MIGRATIONS),
    ("calendar", calendar::MIGRATIONS),
    ("delivery-status", delivery_status::MIGRATIONS),
];

/// The views, replaced each time, so that whoever may read them keeps the right to. A view that loses or retypes a column is dropped by name
/// in this text before it is made, and so is one that stands in the way of a table's change.
const REPORTING: &str = include_str!("../reporting.sql");

/// Brings every schema up to date; safe to repeat and to run beside a serving mesh.
pub async fn run(config: &StoreConfig) -> anyhow::Result<()> {
    for (service, migrations) in SERVICES {
        let store = Store::open(config, service, migrations).await?;
        tracing::info!("{service}: the schema is up to date");
        store.close().await;
    }
    reporting_views(config).await
}

/// Makes the `reporting` schema where there is PostgreSQL.
pub async fn reporting_views(config: &StoreConfig) -> anyhow::Result<()> {
    if store::run_script(config, REPORTING).await? {
        tracing::info!("the reporting views are up to date");
    }
    Ok(())
}
