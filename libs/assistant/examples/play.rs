//! Plays conversations, as `proefrit eval --dialogues` does, from this crate alone: `play FILE [--only ID] [--transcripts]
//! [--json]`, or `play --explain TEXT` for one message.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use assistant::Knowledge;
use assistant::backend::Rules;
use assistant::eval::dialogues::{self, Options};
use assistant::eval::explain;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let mut file = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--only" => options.only = words.next().ok_or("--only takes the id of a conversation")?,
            "--transcripts" => options.transcripts = true,
            "--json" => options.json = true,
            "--explain" => return explained(&words.next().ok_or("--explain takes a text")?).await,
            _ => file = Some(word),
        }
    }
    let file = file.ok_or("name a file of conversations")?;
    let input = BufReader::new(File::open(file)?);
    let knowledge = Arc::new(Knowledge::builtin());
    dialogues::run(input, &options, &Rules, &knowledge, std::io::stdout().lock()).await?;
    Ok(())
}

/// What is made of one message, on a Tuesday morning.
async fn explained(text: &str) -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-10T10:00:00+01:00[Europe/Amsterdam]".parse()?;
    let explained = explain::explain(text, &now, 0, &Rules, &Arc::new(Knowledge::builtin())).await?;
    explained.write(std::io::stdout().lock())?;
    Ok(())
}
