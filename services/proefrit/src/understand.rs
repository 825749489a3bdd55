//! `analyze` and `eval`: what the agents understand, without a running mesh.

use std::fs::File;
use std::io::{BufReader, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alerts::Alerts;
use anyhow::Context;
use assistant::eval::dialogues::{self, Options};
use assistant::{Knowledge, eval, reading};
use model::{Clock, SystemClock};

/// Options of `analyze`.
#[derive(Debug, clap::Args)]
pub struct AnalyzeArgs {
    /// The customer's words.
    text: String,
    /// How many numbered slots the bot has just offered.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    offered_slots: u32,
    /// The moment of the message, as 2026-03-11T10:00:00+01:00; relative dates count from it [default: now].
    #[arg(long, value_name = "MOMENT")]
    at: Option<jiff::Timestamp>,
    /// Says in words what is made of it instead: each command, the words it rests on, what is done about it and why, what
    /// else it could have been, what the words make likely, and the reply.
    #[arg(long)]
    explain: bool,
    /// The dealer whose cars are known.
    #[command(flatten)]
    dealer: dealer::DealerConfig,
    /// Who reads and words what is explained.
    #[command(flatten)]
    llm: llm::Config,
}

/// Options of `eval`.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// Labelled messages, one JSON object per line.
    #[arg(required_unless_present = "dialogues")]
    file: Option<PathBuf>,
    /// Conversations instead, one JSON object per line; they are played and checked.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    dialogues: Option<PathBuf>,
    /// Only the conversations whose id begins so, and how they went.
    #[arg(long, value_name = "ID", requires = "dialogues")]
    only: Option<String>,
    /// Prints how every conversation went.
    #[arg(long, requires = "dialogues")]
    transcripts: bool,
    /// Prints JSON instead of words and figures.
    #[arg(long)]
    json: bool,
    /// The dealer whose cars are known.
    #[command(flatten)]
    dealer: dealer::DealerConfig,
    /// Who reads and words in the conversations; labelled messages are for the rules alone.
    #[command(flatten)]
    llm: llm::Config,
}

/// Prints the analysis of one text as JSON, or explains in words what is done about it.
pub async fn analyze(args: &AnalyzeArgs) -> anyhow::Result<()> {
    let knowledge = Arc::new(Knowledge::configured(&args.dealer)?);
    let at = match args.at {
        Some(at) => at,
        None => SystemClock.now().to_jiff()?,
    };
    let at = at.to_zoned(knowledge.timezone.clone());
    if args.explain {
        let backend = args.llm.build(Alerts::log_only())?;
        let explained =
            eval::explain::explain(&args.text, &at, args.offered_slots, &backend, &knowledge).await?;
        return Ok(explained.write(stdout().lock())?);
    }
    let analysis = reading::analyze(&args.text, &at, &knowledge.context(args.offered_slots));
    println!("{}", serde_json::to_string_pretty(&analysis)?);
    Ok(())
}

/// Prints how well labelled messages are understood, or what comes of conversations.
pub async fn eval(args: &EvalArgs) -> anyhow::Result<()> {
    let knowledge = Knowledge::configured(&args.dealer)?;
    let EvalArgs { file, dialogues, only, transcripts, json, .. } = args;
    if let Some(path) = dialogues {
        let options =
            Options { only: only.clone().unwrap_or_default(), transcripts: *transcripts, json: *json };
        let backend = args.llm.build(Alerts::log_only())?;
        dialogues::run(open(path)?, &options, &backend, &Arc::new(knowledge), stdout().lock()).await?;
        return Ok(());
    }
    let path = file.as_deref().context("name a file of labelled messages")?;
    let report = eval::evaluate(open(path)?, &knowledge)?;
    let out = stdout().lock();
    if *json {
        report.write_json(out)?;
    } else {
        report.write_text(out)?;
    }
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BufReader::new(file))
}
