//! `analyze` and `eval`: what the agents understand, without a running mesh.

use std::{fs::File, io::BufReader, path::PathBuf};

use anyhow::Context;
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
    /// The dealer whose cars are known.
    #[command(flatten)]
    dealer: dealer::DealerConfig,
}

/// Options of `eval`.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// Labelled messages, one JSON object per line.
    file: PathBuf,
    /// Prints JSON instead of words and figures.
    #[arg(long)]
    json: bool,
    /// The dealer whose cars are known.
    #[command(flatten)]
    dealer: dealer::DealerConfig,
}

/// Prints the analysis of one text as JSON.
pub fn analyze(args: &AnalyzeArgs) -> anyhow::Result<()> {
    let knowledge = Knowledge::configured(&args.dealer)?;
    let at = match args.at {
        Some(at) => at,
        None => SystemClock.now().to_jiff()?,
    };
    let at = at.to_zoned(knowledge.timezone.clone());
    let analysis = reading::analyze(&args.text, &at, &knowledge.context(args.offered_slots));
    println!("{}", serde_json::to_string_pretty(&analysis)?);
    Ok(())
}

/// Prints how well labelled messages are understood.
pub fn eval(args: &EvalArgs) -> anyhow::Result<()> {
    let file = File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let report = eval::evaluate(BufReader::new(file), &Knowledge::configured(&args.dealer)?)?;
    let out = std::io::stdout().lock();
    if args.json {
        report.write_json(out)?;
    } else {
        report.write_text(out)?;
    }
    Ok(())
}
