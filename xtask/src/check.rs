//! `cargo xtask check` and `gen`.

use crate::shell::{Outcome, output, program, root, run};
use crate::web;

/// Format, lints and types, Rust and web.
pub fn run_all() -> Outcome {
    run(program("cargo").args(["fmt", "--all", "--check"]))?;
    run(program("cargo").args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    web::install()?;
    run(&mut web::npm(&["run", "lint"]))?;
    run(&mut web::npm(&["run", "check"]))
}

/// Writes `openapi.json` anew.
pub fn generate() -> Outcome {
    let text = output(program("cargo").args(["run", "--quiet", "--package", "server", "--", "openapi"]))?;
    std::fs::write(root().join("openapi.json"), text).map_err(|e| e.to_string())
}
