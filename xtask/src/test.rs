//! `cargo xtask test`: everything, on a bare machine too; ends with one line of totals.

use crate::postgres::Server;
use crate::shell::{Outcome, program, root};
use crate::{check, needs, product, web};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

#[derive(Default)]
struct Totals {
    passed: u64,
    failed: u64,
    broken: Vec<String>,
    /// How long each stage took, for the end of the output: it is what is left of a long log.
    seconds: Vec<String>,
}

/// Rounds of kill and restart in the usual run and in the long one (D1 a).
const ROUNDS: u32 = 20;
const LONG_ROUNDS: u32 = 200;

/// Runs the tests.
pub fn run(only_faults: bool, is_long: bool, with_browser: bool) -> Outcome {
    let mut totals = Totals::default();
    needs::for_tests()?;
    let nats = needs::nats_server()?;
    let rounds = if is_long || only_faults { LONG_ROUNDS } else { ROUNDS };
    if only_faults {
        faults(&mut totals, rounds);
        return totals.close();
    }
    // The program serves the pages from their folders in debug builds, and the widget's budget is checked by its build.
    let started = Instant::now();
    let otklik = product::debug()?;
    totals.took("build", started);
    stage(&mut totals, "format, lints, dependencies, rules", check::rust);
    cargo_tests(&mut totals, "Rust tests on SQLite", None, &nats, rounds);
    match Server::for_tests() {
        Ok(server) => {
            cargo_tests(&mut totals, "Rust tests on PostgreSQL", Some(&server.address), &nats, 1);
        }
        Err(words) => totals.fail("Rust tests on PostgreSQL", &words),
    }
    stage(&mut totals, "web lint and types", || {
        crate::shell::run(&mut web::npm(&["run", "lint"]))?;
        crate::shell::run(&mut web::npm(&["run", "check"]))
    });
    vitest(&mut totals, "web unit tests", "test:unit", &[]);
    if with_browser {
        browser(&mut totals, otklik);
    }
    totals.close()
}

fn browser(totals: &mut Totals, otklik: PathBuf) {
    let ready = needs::for_browser().and_then(|()| needs::python());
    match ready {
        Err(words) => totals.fail("browser tests and judges", &words),
        Ok(python) => {
            let variables = [("OTKLIK_PYTHON", python), ("OTKLIK_BIN", otklik)];
            let variables: Vec<(&str, String)> = variables.iter().map(|(k, v)| (*k, v.display().to_string())).collect();
            vitest(totals, "browser tests and judges", "test:e2e", &variables);
        }
    }
}

/// Kill and restart under load: a test binary of its own, so that its rounds can be chosen.
fn faults(totals: &mut Totals, rounds: u32) {
    let mut command = program("cargo");
    command.args(["test", "--workspace", "--test", "faults", "--", "--nocapture"]);
    command.env("OTKLIK_FAULT_ROUNDS", rounds.to_string());
    count_cargo(totals, "kill and restart", command);
}

/// Every Rust test, with so many rounds of kill and restart. On PostgreSQL when there is a server, else on SQLite.
fn cargo_tests(totals: &mut Totals, name: &str, server: Option<&str>, nats: &Path, rounds: u32) {
    let mut command = program("cargo");
    command.args(["test", "--workspace", "--tests", "--no-fail-fast"]).env("OTKLIK_FAULT_ROUNDS", rounds.to_string());
    command.env("OTKLIK_TEST_NATS", nats);
    match server {
        Some(address) => {
            // These never met an engine.
            command.args(["--exclude", "identity", "--exclude", "scenario", "--exclude", "site-rules"]);
            command.env("OTKLIK_TEST_ENGINE", "postgres").env("OTKLIK_TEST_POSTGRES", address)
        }
        None => {
            // A test waits for its own server most of the time: one for each core leaves more than half of them at rest. Not so on PostgreSQL:
            // databases are copied for each, and whoever waits two seconds for one is told so.
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            command.env("OTKLIK_TEST_ENGINE", "sqlite").env("RUST_TEST_THREADS", (2 * cores).to_string())
        }
    };
    count_cargo(totals, name, command);
}

/// Runs cargo's tests and adds up its `test result:` lines.
fn count_cargo(totals: &mut Totals, name: &str, command: Command) {
    let before = totals.failed;
    let (lines, is_well) = watched(totals, name, command);
    for line in lines.iter().filter(|line| line.starts_with("test result:")) {
        totals.passed += number_before(line, " passed");
        totals.failed += number_before(line, " failed");
    }
    if !is_well && totals.failed == before {
        totals.fail(name, "cargo test failed without a failing test: it did not build or was killed");
    }
}

fn vitest(totals: &mut Totals, name: &str, script: &str, variables: &[(&str, String)]) {
    let mut command = web::npm(&["run", script]);
    command.env("NO_COLOR", "1").env("CI", "true");
    for (key, value) in variables {
        command.env(key, value);
    }
    let before = totals.failed;
    let (lines, is_well) = watched(totals, name, command);
    for line in lines.iter().filter(|line| line.trim_start().starts_with("Tests ")) {
        totals.passed += number_before(line, " passed");
        totals.failed += number_before(line, " failed");
    }
    if !is_well && totals.failed == before {
        totals.fail(name, "it ended with an error and no failing test");
    }
}

fn number_before(line: &str, word: &str) -> u64 {
    let before = line.split(word).next().filter(|_| line.contains(word)).unwrap_or_default();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Runs a program, showing its output and keeping its lines.
fn watched(totals: &mut Totals, name: &str, mut command: Command) -> (Vec<String>, bool) {
    let started = Instant::now();
    println!("\n== {name}");
    let child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            totals.fail(name, &error.to_string());
            return (Vec::new(), true);
        }
    };
    let mut lines = Vec::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let is_noise = line.starts_with("test ") && line.ends_with("... ok");
            if !is_noise {
                println!("{line}");
            }
            lines.push(line);
        }
    }
    let is_well = child.wait().is_ok_and(|status| status.success());
    println!("== {name}: {} in {} s", if is_well { "well" } else { "NOT WELL" }, started.elapsed().as_secs());
    totals.took(name, started);
    (lines, is_well)
}

fn stage(totals: &mut Totals, name: &str, work: impl FnOnce() -> Outcome) {
    println!("\n== {name}");
    let started = Instant::now();
    match work() {
        Ok(()) => totals.passed += 1,
        Err(words) => totals.fail(name, &words),
    }
    totals.took(name, started);
}

impl Totals {
    fn fail(&mut self, name: &str, words: &str) {
        self.failed += 1;
        self.broken.push(format!("{name}: {words}"));
    }

    fn took(&mut self, name: &str, started: Instant) {
        self.seconds.push(format!("{name} {} s", started.elapsed().as_secs()));
    }

    /// The one line that CI and people read, after what took how long.
    fn close(self) -> Outcome {
        println!("\n{}", self.seconds.join("; "));
        for words in &self.broken {
            eprintln!("NOT WELL  {words}");
        }
        println!("\n{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { Ok(()) } else { Err(format!("see above (root: {})", root().display())) }
    }
}
