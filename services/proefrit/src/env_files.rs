//! What the environment may say beyond clap: `X_FILE` names a file that holds the value of `X`, as secrets are mounted in containers,
//! and an empty `X` is as good as none, as optional values arrive there.

use std::{env, ffi::OsString, fs};

use anyhow::Context;
use clap::{Arg, Command};

/// Applies both rules to every option of the command and its subcommands.
pub fn with_files(command: Command) -> anyhow::Result<Command> {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let read: Vec<_> = command.get_arguments().filter_map(Environment::of).collect();
    let mut command = command;
    for Environment { id, content } in read {
        let content = content?;
        command = command.mut_arg(&id, |arg| match content {
            Some(content) => arg.env(None::<&'static str>).default_value(content).hide_default_value(true),
            None => arg.env(None::<&'static str>),
        });
    }
    for name in names {
        let sub = command.find_subcommand(&name).cloned().context("a subcommand vanished")?;
        let sub = with_files(sub)?;
        command = command.mut_subcommand(&name, |_| sub);
    }
    Ok(command)
}

/// An option whose variable says something out of the ordinary.
struct Environment {
    id: String,
    /// What its file holds; `None` for an empty variable.
    content: anyhow::Result<Option<String>>,
}

impl Environment {
    fn of(arg: &Arg) -> Option<Self> {
        let variable = arg.get_env()?.to_str()?;
        let id = arg.get_id().to_string();
        let value = env::var_os(variable);
        if value.as_ref().is_some_and(|value| !value.is_empty()) {
            return None;
        }
        match env::var_os(format!("{variable}_FILE")).filter(|path| !path.is_empty()) {
            Some(path) => Some(Self { id, content: read(variable, &path).map(Some) }),
            None => value.map(|_| Self { id, content: Ok(None) }),
        }
    }
}

fn read(variable: &str, path: &OsString) -> anyhow::Result<String> {
    let content = fs::read_to_string(path)
        .with_context(|| format!("{variable}_FILE names {}, which cannot be read", path.display()))?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}
