//! `cargo xtask`: everything a developer or CI runs, on a bare Debian machine too (README has the two that matter).

mod bench;
mod check;
mod demo;
mod deny;
mod nats;
mod needs;
mod package;
mod postgres;
mod product;
mod rules;
mod shell;
mod sql;
mod test;
mod unused;
mod web;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, shows, tests and measures Otklik")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds everything and starts it with demo data.
    Demo {
        /// Port on 127.0.0.1.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Folder of the data; kept between runs.
        #[arg(long, default_value = "data/demo")]
        data: PathBuf,
        /// Start empty.
        #[arg(long)]
        no_seed: bool,
        /// The optimised program: as fast as in production, and minutes more to wait for.
        #[arg(long)]
        release: bool,
    },
    /// Builds pages and program for production, and says where it is.
    Build,
    /// Builds a Debian package of them.
    Package {
        /// Try it instead: installed, upgraded over an older one, removed, installed again and purged in a root of its own. As root.
        #[arg(long)]
        check: bool,
        /// A program to package for the check, instead of building the optimised one.
        #[arg(long, requires = "check")]
        binary: Option<PathBuf>,
        /// The program of the older package; the same unless given.
        #[arg(long, requires = "check")]
        older: Option<PathBuf>,
    },
    /// Runs every test, on both engines and in the browser.
    Test {
        /// Only the kill-and-restart rounds, in their long form.
        #[arg(long)]
        faults: bool,
        /// Everything in its long form.
        #[arg(long)]
        long: bool,
        /// Leave the browser out: for a quick look, never for CI.
        #[arg(long)]
        no_browser: bool,
    },
    /// Fast checks: format, lints, types, unused dependencies, cited rules, licences.
    Check,
    /// Starts the server and the pages with reload.
    Dev,
    /// Makes the generated files anew.
    Gen,
    /// Measures, and prints a table.
    Bench {
        /// Seconds a round; the default is a short look.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
        /// Rounds; the middle one counts.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Idle sockets of the memory measurement.
        #[arg(long, default_value_t = 10_000)]
        sockets: usize,
        /// Contacts of the identity measurement.
        #[arg(long, default_value_t = 10_000_000)]
        contacts: u64,
        /// Clients of the large project.
        #[arg(long, default_value_t = 1_000_000)]
        clients: u64,
        /// Messages that are searched.
        #[arg(long, default_value_t = 5_000_000)]
        messages: u64,
        /// One part alone.
        #[arg(long)]
        only: Option<bench::Part>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Demo { port, data, no_seed, release } => demo::run(port, &data, !no_seed, release),
        Task::Build => product::tell(),
        Task::Package { check: false, .. } => package::make(),
        Task::Package { check: true, binary, older } => package::check(binary, older),
        Task::Test { faults, long, no_browser } => test::run(faults, long, !no_browser),
        Task::Check => check::run_all(),
        Task::Dev => demo::dev(),
        Task::Gen => check::generate(),
        Task::Bench { seconds, rounds, sockets, contacts, clients, messages, only } => {
            bench::run(only, &bench::Lengths { seconds, rounds, sockets, contacts, clients, messages })
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("\nxtask: {words}");
            ExitCode::FAILURE
        }
    }
}
