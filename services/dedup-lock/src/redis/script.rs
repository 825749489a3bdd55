//! Lua scripts, each known by its hash.

use redis::{Cmd, Script};

/// A script that touches one key, as Redis may have it already.
pub struct OneKeyScript {
    source: &'static str,
    script: Script,
}

impl OneKeyScript {
    pub fn new(source: &'static str) -> Self {
        Self { source, script: Script::new(source) }
    }

    /// Builds a call by hash: a few bytes, answered with NOSCRIPT by a Redis that has not seen the script yet.
    pub fn by_hash(&self, key: &str, arguments: &[Argument<'_>]) -> Cmd {
        call("EVALSHA", self.script.get_hash(), key, arguments)
    }

    /// Builds a call by source, which teaches the script to the Redis that answers it.
    pub fn by_source(&self, key: &str, arguments: &[Argument<'_>]) -> Cmd {
        call("EVAL", self.source, key, arguments)
    }
}

/// An argument of a script.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    Text(&'a str),
    Number(u64),
}

fn call(command: &str, script: &str, key: &str, arguments: &[Argument<'_>]) -> Cmd {
    let mut call = redis::cmd(command);
    call.arg(script).arg(1).arg(key);
    for argument in arguments {
        match argument {
            Argument::Text(text) => call.arg(*text),
            Argument::Number(number) => call.arg(*number),
        };
    }
    call
}
