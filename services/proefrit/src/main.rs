//! The one binary; see [`proefrit::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    proefrit::cli::main()
}
