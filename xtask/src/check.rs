//! `cargo xtask check` and `gen`.

use crate::shell::{Outcome, output, program, root, run};
use crate::{deny, rules, sql, unused, web};

/// Format, lints and types, Rust and web; what nobody uses; what comments cite; licences.
pub fn run_all() -> Outcome {
    rust()?;
    web::install()?;
    run(&mut web::npm(&["run", "lint"]))?;
    run(&mut web::npm(&["run", "check"]))
}

/// The part without the pages, quickest first.
pub fn rust() -> Outcome {
    run(program("cargo").args(["fmt", "--all", "--check"]))?;
    rules::check()?;
    sql::check()?;
    unused::check()?;
    deny::check()?;
    run(program("cargo").args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Writes `openapi.json`, `asyncapi.json`, the types of the web made from both, recorded events and `docs/DATABASE.md` anew.
pub fn generate() -> Outcome {
    // The workspace's build, as everywhere: another selection of packages builds with other features.
    run(program("cargo").args(["build", "--workspace"]))?;
    for description in ["openapi", "asyncapi"] {
        let text = output(program(crate::shell::target().join("debug/otklik")).arg(description))?;
        std::fs::write(root().join(format!("{description}.json")), text).map_err(|e| e.to_string())?;
    }
    web::install()?;
    run(&mut web::npm(&["run", "generate", "--workspace", "packages/api"]))?;
    for (test, name) in [("database", ""), ("it", "recorded")] {
        let mut writing = program("cargo");
        writing.args(["test", "--quiet", "--workspace", "--test", test, name]).env("OTKLIK_WRITE_GENERATED", "1");
        run(&mut writing)?;
    }
    Ok(())
}
