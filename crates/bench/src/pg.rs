//! The whole path on PostgreSQL beside pgbench, which commits each message alone, on the same server.

use crate::load::Numbers;
use crate::process::Running;
use crate::{hot, row};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pg");
const CLIENTS: &str = "32";

/// What is measured: the product finds its own database in `OTKLIK_DATABASE_URL`.
pub struct Options {
    pub otklik: PathBuf,
    /// The folder of `psql` and `pgbench`.
    pub programs: PathBuf,
    /// A database for pgbench.
    pub address: String,
    pub scratch: PathBuf,
    pub seconds: f64,
    pub rounds: usize,
}

/// Prints the rows.
pub async fn run(options: &Options) -> Fallible<()> {
    let patience = Duration::from_secs_f64(options.seconds);
    let (mut ours, mut peer, mut cpu) = (Numbers::default(), Numbers::default(), Numbers::default());
    let server = Running::otklik(&options.otklik, &options.scratch.join("postgres"), Some(0))?;
    for _ in 0..options.rounds {
        peer.add(options.pgbench()?);
        let done = hot::fresh(&server.target(), patience).await?;
        ours.add(done.per_second());
        cpu.add(done.cpu_micros());
        server.rests().await;
    }
    row("whole path on PostgreSQL, 64 x 32, messages a second", &ours.show(0), "");
    row(&format!("pgbench, one message a transaction, {CLIENTS} clients"), &peer.show(0), "");
    row("  ratio to pgbench", &format!("{:.1}", ours.median() / peer.median()), "at least 5");
    row("server CPU microseconds a message, without PostgreSQL's", &cpu.show(1), "printed");
    Ok(())
}

impl Options {
    /// Transactions a second of one round, in fresh tables.
    fn pgbench(&self) -> Fallible<f64> {
        let scripts = Path::new(SCRIPTS);
        let mut tables = Command::new(self.programs.join("psql"));
        tables.args(["--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &self.address, "--file"]);
        output(tables.arg(scripts.join("schema.sql")))?;
        // Not bound to the load's core as we are: it may use what PostgreSQL leaves over of both.
        let mut pgbench = Command::new("taskset");
        pgbench.args(["-c", "0,1"]).arg(self.programs.join("pgbench"));
        pgbench.args(["--no-vacuum", "--protocol", "prepared", "--client", CLIENTS, "--jobs", "1", "--time"]);
        pgbench.arg(format!("{:.0}", self.seconds.ceil().max(1.0))).arg("--file").arg(scripts.join("message.sql"));
        rate(&output(pgbench.arg(&self.address))?)
    }
}

/// `tps = 4288.1 (without initial connection time)`.
fn rate(words: &str) -> Fallible<f64> {
    let line = words.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or("pgbench told no rate")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

fn output(command: &mut Command) -> Fallible<String> {
    let done = command.output()?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
