//! How services reach each other: by a function call inside one process, by gRPC over sockets otherwise, with the same
//! behaviour both ways.
//!
//! Start at [`Mesh`]: `mesh.wire(caller, to)` is what a generated client takes, and [`Server::bind`] is how a service is
//! reached. Every call carries a deadline, a trace, and its caller's name, is measured on both ends, and a panic in a
//! handler is an INTERNAL answer. [`status`] turns a service's error into the status its callers see, [`kind_of`]
//! reads one back, and [`retry`] repeats calls where that helps.
//!
//! ```no_run
//! # async fn example(peers: mesh::Peers) -> Result<(), mesh::ServerError> {
//! use mesh::{Mesh, Server, ServiceName};
//!
//! let mesh = Mesh::in_process(&peers);
//! let wire = mesh.wire(ServiceName::Ingress, ServiceName::Crm);     // CrmServiceClient::new(wire)
//! let server = Server::bind(ServiceName::Crm, "127.0.0.1:0".parse().unwrap(), &mesh).await?;
//! // .descriptors(proto::FILE_DESCRIPTOR_SET).add_service(CrmServiceServer::new(grpc))
//! server.serve(lifecycle::Stop::new()).await?;
//! # Ok(())
//! # }
//! ```

mod balance;
mod body;
mod client;
pub mod convert;
mod deadline;
mod incoming;
mod instruments;
mod name;
mod peers;
mod registry;
mod retry;
mod server;
mod status;

pub use client::{Wire, probe};
pub use deadline::{DEFAULT_DEADLINE, time_left, with_deadline};
pub use name::{Caller, ServiceName, UnknownService, caller};
pub use peers::Peers;
pub use registry::Mesh;
pub use retry::{RetryPolicy, retry};
pub use server::{Server, ServerError};
pub use status::{ERROR_DOMAIN, invalid, kind_of, not_found, reason, refused, retry_after, status};
