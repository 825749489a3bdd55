//! `X_FILE` names a file that holds the value of `X`, as secrets are mounted in containers.

use std::{env, fs};

use anyhow::Context;
use clap::{Arg, Command};

/// Gives every option whose variable is unset, and whose `…_FILE` is set, the file's content as its default.
pub fn with_files(command: Command) -> anyhow::Result<Command> {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let ids: Vec<_> =
        command.get_arguments().filter_map(|arg| Some((arg.get_id().clone(), content_for(arg)?))).collect();
    let mut command = command;
    for (id, content) in ids {
        let content = content?;
        command = command.mut_arg(id.as_str(), |arg| arg.default_value(content).hide_default_value(true));
    }
    for name in names {
        let sub = command.find_subcommand(&name).cloned().context("a subcommand vanished")?;
        let sub = with_files(sub)?;
        command = command.mut_subcommand(&name, |_| sub);
    }
    Ok(command)
}

fn content_for(arg: &Arg) -> Option<anyhow::Result<String>> {
    let variable = arg.get_env()?.to_str()?;
    if env::var_os(variable).is_some() {
        return None;
    }
    let path = env::var_os(format!("{variable}_FILE")).filter(|path| !path.is_empty())?;
    let content = fs::read_to_string(&path)
        .with_context(|| format!("{variable}_FILE names {}, which cannot be read", path.display()));
    Some(content.map(|content| content.trim_end_matches(['\r', '\n']).to_owned()))
}
