//! Where the demo runs: its ports and its data folder, beside whatever else runs on this machine.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use mesh::ServiceName;
use store::{Store, StoreError};

use super::paper::Paper;
use crate::{Settings, up};

/// A folder of this demo alone, removed with it.
#[derive(Debug)]
pub struct OwnFolder(PathBuf);

impl Drop for OwnFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "could not remove {}", self.0.display());
        }
    }
}

/// Moves to free ports when one of the default ports is taken, and to a folder of its own when another process has the
/// data folder; says so.
pub async fn make_room(settings: &mut Settings, paper: &mut Paper) -> anyhow::Result<Option<OwnFolder>> {
    if let Some(taken) = defaults(settings).into_iter().map(|address| *address).find(is_taken) {
        for address in defaults(settings) {
            address.set_port(0);
        }
        paper.line(format_args!("{taken} is taken (another proefrit?), so this one runs on free ports."))?;
    }
    settings.keep_demo_apart();
    own_folder_if_needed(settings, paper).await
}

/// The addresses nobody chose.
fn defaults(settings: &mut Settings) -> Vec<&mut SocketAddr> {
    let simulator = SocketAddr::from(([127, 0, 0, 1], 4010));
    let of = |service: ServiceName| SocketAddr::from(([127, 0, 0, 1], service.default_port()));
    let admin = settings.admin_listen.get_or_insert(up::ADMIN);
    [
        (admin, up::ADMIN),
        (&mut settings.ingress.ingress_listen, of(ServiceName::Ingress)),
        (&mut settings.console.console_listen, of(ServiceName::Console)),
        (&mut settings.dedup_lock.dedup_lock_listen, of(ServiceName::DedupLock)),
        (&mut settings.agent_orchestrator.agent_orchestrator_listen, of(ServiceName::AgentOrchestrator)),
        (&mut settings.channel_sender.channel_sender_listen, of(ServiceName::ChannelSender)),
        (&mut settings.crm.crm_listen, of(ServiceName::Crm)),
        (&mut settings.calendar.calendar_listen, of(ServiceName::Calendar)),
        (&mut settings.delivery_status.delivery_status_listen, of(ServiceName::DeliveryStatus)),
        (&mut settings.simulator.simulator_listen, simulator),
    ]
    .into_iter()
    .filter_map(|(address, default)| (*address == default).then_some(address))
    .collect()
}

fn is_taken(address: &SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

/// A folder beside the others, when another process works on the SQLite files.
async fn own_folder_if_needed(
    settings: &mut Settings,
    paper: &mut Paper,
) -> anyhow::Result<Option<OwnFolder>> {
    if settings.store.database_url.is_some() {
        return Ok(None);
    }
    match Store::open(&settings.store, "crm", crm::MIGRATIONS).await {
        Ok(store) => {
            store.close().await;
            Ok(None)
        }
        Err(StoreError::DataDirInUse { .. }) => {
            let shared = &settings.store.data_dir;
            let own = shared.join(format!("demo-{}", std::process::id()));
            paper.line(format_args!(
                "Another proefrit works in {}, so this one keeps its data in {} while it runs.",
                shared.display(),
                own.display()
            ))?;
            settings.store.data_dir.clone_from(&own);
            Ok(Some(OwnFolder(own)))
        }
        Err(error) => Err(error.into()),
    }
}
