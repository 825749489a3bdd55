//! The command line.

use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use mesh::ServiceName;

use crate::{Settings, demo, env_files, load, migrate, serve, understand, up};

/// Turns the WhatsApp messages of a car dealership's customers into answers, scored leads and booked test drives.
#[derive(Debug, Parser)]
#[command(
    name = "proefrit",
    version,
    about,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What proefrit can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs every service in this process: SQLite files and in-process locks unless `DATABASE_URL` and `REDIS_URL` are set.
    Up(Box<UpArgs>),
    /// Runs `up --demo`, and a customer who books a test drive in it.
    Demo(Box<DemoArgs>),
    /// Runs one service, for a mesh of many processes.
    Serve(Box<ServeArgs>),
    /// Runs the simulated outside world alone.
    Simulator(Box<SimulatorArgs>),
    /// Applies every service's migrations, and the reporting views on PostgreSQL, and exits.
    Migrate(Box<MigrateArgs>),
    /// Says what the agents understand of a text.
    Analyze(understand::AnalyzeArgs),
    /// Measures the understanding on labelled messages, or the whole assistant on conversations.
    Eval(understand::EvalArgs),
    /// Measures how much the mesh carries on this machine, every message verified, beside a bare reference server.
    Load(Box<load::LoadArgs>),
    /// The bare server that `load` compares with.
    #[command(hide = true)]
    LoadReference(Box<load::ReferenceArgs>),
    /// Prints a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Options of `up`.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Adds the simulated outside world and points every outside address at it.
    #[arg(long)]
    pub demo: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Ends after the conversation: with 0 when the test drive is booked and every reply was read, else with 1.
    #[arg(long)]
    pub exit: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// ingress, dedup-lock, agent-orchestrator, channel-sender, crm, calendar, delivery-status or console.
    pub service: ServiceName,
    #[command(flatten)]
    settings: Settings,
}

/// Options of `simulator`.
#[derive(Debug, Args)]
pub struct SimulatorArgs {
    #[command(flatten)]
    simulator: simulator::Config,
    #[command(flatten)]
    twilio: twilio::TwilioAccount,
    #[command(flatten)]
    telemetry: telemetry::TelemetryConfig,
}

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    store: store::StoreConfig,
    #[command(flatten)]
    telemetry: telemetry::TelemetryConfig,
}

/// Reads the command line and the environment, and does what they say. Exit codes: 0 done, 1 failed, 2 wrong usage.
pub fn main() -> ExitCode {
    let command = match env_files::with_files(Cli::command()) {
        Ok(command) => command,
        Err(error) => return fail(&error),
    };
    let matches = command.get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(Box::pin(run(cli.command))) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("proefrit: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(args) => up::run(args.settings, args.demo).await?,
        Command::Demo(args) => Box::pin(demo::run(args.settings, args.exit)).await?,
        Command::Serve(args) => serve::run(args.service, args.settings).await?,
        Command::Simulator(args) => serve::simulator(args.simulator, args.twilio, &args.telemetry).await?,
        Command::Migrate(args) => {
            let _telemetry = telemetry::init(&args.telemetry, "migrate")?;
            migrate::run(&args.store).await?;
        }
        Command::Analyze(args) => understand::analyze(&args).await?,
        Command::Eval(args) => understand::eval(&args).await?,
        Command::Load(args) => load::run(*args).await?,
        Command::LoadReference(args) => load::run_reference(*args).await?,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "proefrit", &mut std::io::stdout());
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }
}
