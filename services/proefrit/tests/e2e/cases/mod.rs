//! The cases, and on which topologies each runs.

mod burst;
mod crash_points;
mod dialogue;
mod drain;
mod faults;
mod introspection;
mod kill;
mod once;
mod reporting;
mod signature;
mod stale;
mod trace;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::topology::Topology::{self, Distributed, Embedded, Servers};
use crate::under_test::MeshUnderTest;
use crate::world::Heard;
use crate::{OnAll, OnItsOwn, OnShared};

/// Cases that share the mesh of a topology.
pub const ON_SHARED: &[(&str, &[Topology], OnShared)] = &[
    ("two hundred copies of one webhook make one turn", &Topology::ALL, |mesh, _| {
        Box::pin(once::two_hundred_copies(mesh))
    }),
    ("twenty messages in a burst are answered in order", &Topology::ALL, |mesh, _| {
        Box::pin(burst::twenty_messages(mesh))
    }),
    (
        "a webhook signed by Twilio's own library is taken and a changed byte is not",
        &[Embedded],
        |mesh, _| Box::pin(signature::twilios_own_library(mesh)),
    ),
    ("one trace shows the whole way to the read receipt", &Topology::ALL, |mesh, collector| {
        Box::pin(trace::whole_way(mesh, collector))
    }),
    ("every port tells its services and that it serves", &Topology::ALL, |mesh, _| {
        Box::pin(introspection::every_port(mesh))
    }),
    ("analysts find the latest status, failures and shares of each", &[Servers, Distributed], |mesh, _| {
        Box::pin(reporting::analysts(mesh))
    }),
    ("a turn whose token is too old commits nothing", &[Servers, Distributed], |mesh, _| {
        Box::pin(stale::old_token(mesh))
    }),
    ("callbacks in any order and twice end as read", &Topology::ALL, |mesh, _| {
        Box::pin(faults::callbacks_in_disorder(mesh))
    }),
];

/// Cases that compare the shared meshes of all topologies.
pub const ON_ALL: &[(&str, OnAll)] =
    &[("a dialogue from greeting to test drive leaves the same rows in every topology", |meshes| {
        Box::pin(dialogue::same_rows(meshes))
    })];

/// Cases that start a mesh of their own.
pub const ON_ITS_OWN: &[(&str, &[Topology], OnItsOwn)] = &[
    ("a crash at any named point loses nothing and repeats nothing", &[Embedded, Servers], |topology| {
        Box::pin(crash_points::each(topology))
    }),
    (
        "two power cuts within two hundred messages lose none and repeat none",
        &[Embedded, Servers],
        |topology| Box::pin(kill::two_power_cuts(topology)),
    ),
    ("sends that are accepted and then cut are not repeated", &Topology::ALL, |topology| {
        Box::pin(faults::accepted_then_cut(topology))
    }),
    ("each fault of the provider ends in one reply or in none", &[Embedded, Servers], |topology| {
        Box::pin(faults::matrix(topology))
    }),
    ("SIGTERM lets what is in hand finish", &[Embedded, Distributed], |topology| {
        Box::pin(drain::in_hand(topology))
    }),
];

/// Starts a mesh for one case and says where its logs are when the case fails. Missing servers are a skip.
async fn on_its_own(
    topology: Topology,
    options: &[(&str, &str)],
    case: impl AsyncFnOnce(&MeshUnderTest) -> Result<()>,
) -> Result<()> {
    let Some(mesh) = MeshUnderTest::start(topology, options).await? else { return Ok(()) };
    case(&mesh).await.map_err(|error| anyhow::anyhow!("{error:#}\n{}", mesh.blame()))
}

impl MeshUnderTest {
    /// A customer writes to this mesh; `further` are fields of `/sim/inbound`.
    pub async fn write(&self, customer: &str, body: &str, further: Value) -> Result<Heard> {
        let mut written = json!({ "from": customer, "body": body, "webhook_url": self.webhook_url() });
        if let (Some(written), Value::Object(further)) = (written.as_object_mut(), further) {
            written.extend(further);
        }
        self.world.write(&written).await
    }

    /// A customer writes, and it must be kept; answers Twilio's id.
    pub async fn say(&self, customer: &str, body: &str) -> Result<String> {
        let heard = self.write(customer, body, json!({})).await?;
        ensure!(heard.is_kept(), "the webhook was answered {:?}", heard.http_status);
        Ok(heard.message_sid)
    }
}
