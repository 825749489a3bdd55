//! `load`: how much the mesh carries on this machine, every message verified, beside a bare server doing the least that could be done.
//!
//! Mesh, simulator and reference each run as a process of their own, so that the CPU figures are theirs; the generator is this one.

mod children;
mod figures;
mod generator;
mod phases;
mod reference;
mod tally;
mod world;

use std::time::Duration;

use secrecy::ExposeSecret;

pub use reference::{ReferenceArgs, run as run_reference};

use self::{phases::Phases, world::Engine};

/// Options of `load`.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// Messages of the full-speed phases, each from a customer of its own.
    #[arg(long, default_value_t = 3000, value_name = "COUNT")]
    messages: u32,
    /// Connections that post webhooks at once in the full-speed phases.
    #[arg(long, default_value_t = 64, value_name = "COUNT")]
    connections: u32,
    /// Messages a second of the steady phases.
    #[arg(long, default_value_t = 50, value_name = "COUNT")]
    rate: u32,
    /// How long each steady phase lasts.
    #[arg(long, default_value = "10s", value_name = "DURATION", value_parser = model::parse::duration)]
    steady: Duration,
    /// How long the provider takes to answer in the phases with a slow provider.
    #[arg(long, default_value = "150ms", value_name = "DURATION", value_parser = model::parse::duration)]
    provider: Duration,
    /// PostgreSQL to measure as well (with `REDIS_URL`); its tables are those of a mesh, so give it a database of its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<secrecy::SecretString>,
    /// Redis that goes with the PostgreSQL.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    redis_url: Option<secrecy::SecretString>,
}

/// The command `load`. Fails when a message was lost or answered twice.
pub async fn run(args: LoadArgs) -> anyhow::Result<()> {
    let phases = Phases {
        messages: args.messages,
        connections: args.connections,
        rate: args.rate,
        steady: args.steady,
        provider: args.provider,
    };
    phases.run(&Engine::Sqlite).await?;
    if let Some(database_url) = &args.database_url {
        let engine = Engine::Postgres {
            database_url: database_url.expose_secret().to_owned(),
            redis_url: args.redis_url.as_ref().map(|url| url.expose_secret().to_owned()),
        };
        phases.run(&engine).await?;
    } else {
        println!("\nPostgreSQL and Redis were not measured: set DATABASE_URL and REDIS_URL");
    }
    Ok(())
}
