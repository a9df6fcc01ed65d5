//! Who is one client, for ten million contacts: at once against two peers, and one by one.

mod alone;
mod keys;

pub use alone::{bulk, growing};

use crate::load::Numbers;
use crate::{heading, row};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// What to measure, and the peers that are here.
pub struct Options {
    /// For the keys, which are made once.
    pub folder: PathBuf,
    pub contacts: u64,
    pub rounds: usize,
    /// `idres` of `../shared/perf`.
    pub idres: Option<PathBuf>,
    /// A Python with splink, and `peers.py` of `../shared/perf`.
    pub splink: Option<(PathBuf, PathBuf)>,
}

/// In place of a ratio.
const NO_PEER: &str = "peer not here";

/// Measures and prints the rows.
pub fn run(options: &Options) -> Fallible<()> {
    let folder = make_keys(options)?;
    let contacts = options.contacts.to_string();
    let [mut ours, mut idres, mut splink, mut clustering] = <[Numbers; 4]>::default();
    let [mut peak, mut mean, mut p50, mut p99, mut p9999, mut max, mut growing_peak] = <[Numbers; 7]>::default();
    let mut components = String::new();
    for _ in 0..options.rounds {
        let done = Line::of(ourselves("identity-bulk", &folder)?)?;
        ours.add(done.number("seconds")?);
        peak.add(done.number("peak_MiB")?);
        done.word("components")?.clone_into(&mut components);
        if let Some(program) = &options.idres {
            let done = Line::of(Command::new(program).args(["run", "part", &contacts]).arg(&folder))?;
            idres.add(done.number("seconds")?);
            done.must_have_found(&components)?;
        }
        if let Some((python, peers)) = &options.splink {
            let done = Line::of(Command::new(python).arg(peers).args(["splink", &contacts]).arg(&folder))?;
            let all = done.number("seconds")?;
            splink.add(all);
            clustering.add(all - done.number("note")?);
            done.must_have_found(&components)?;
        }
        let done = Line::of(ourselves("identity-growing", &folder)?)?;
        mean.add(done.number("mean_us")?);
        p50.add(done.number("p50_us")?);
        p99.add(done.number("p99_us")?);
        p9999.add(done.number("p9999_us")? / 1e3);
        max.add(done.number("max_us")? / 1e3);
        growing_peak.add(done.number("peak_MiB")?);
    }
    heading();
    row(&format!("groups of {contacts} contacts at once, no guards, seconds"), &ours.show(2), "");
    row("  groups", &components, if options.idres.is_some() { "as the peers found" } else { NO_PEER });
    row("  peak, MiB", &peak.show(0), "at most 700");
    ratio_row("  ratio to idres part", options.idres.as_ref().map(|_| ours.median() / idres.median()), "at most 2");
    peer_row("idres part, seconds", options.idres.as_ref().map(|_| &idres));
    let has_splink = options.splink.as_ref();
    peer_row("splink: keys to edges in numpy, and clustering, seconds", has_splink.map(|_| &splink));
    peer_row("  clustering alone, seconds", has_splink.map(|_| &clustering));
    let faster = |peer: &Numbers| has_splink.map(|_| peer.median() / ours.median());
    ratio_row("  times faster than both", faster(&splink), "at least 8");
    ratio_row("  times faster than its clustering alone", faster(&clustering), "at least 8");
    row(&format!("{contacts} contacts one by one, with guards, mean us"), &mean.show(2), "at most 3");
    row("  p50, us", &p50.show(2), "printed");
    row("  p99, us", &p99.show(2), "printed");
    row("  p99.99, ms", &p9999.show(3), "at most 1");
    row("  slowest of all, ms", &max.show(2), "printed");
    row("  peak with the keys it is given, MiB", &growing_peak.show(0), "printed");
    Ok(())
}

fn ratio_row(name: &str, ratio: Option<f64>, asked: &str) {
    row(name, &ratio.map_or_else(|| NO_PEER.to_owned(), |ratio| format!("{ratio:.2}")), asked);
}

fn peer_row(name: &str, figures: Option<&Numbers>) {
    row(name, &figures.map_or_else(|| NO_PEER.to_owned(), |figures| figures.show(2)), "");
}

/// The peer's keys and ours are different ones: each has a folder.
fn make_keys(options: &Options) -> Fallible<PathBuf> {
    let maker = if options.idres.is_some() { "idres" } else { "ours" };
    let folder = options.folder.join(format!("{maker}-{}", options.contacts));
    if keys::are_there(&folder, options.contacts) {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder)?;
    let Some(program) = &options.idres else {
        keys::make(&folder, options.contacts)?;
        return Ok(folder);
    };
    Line::of_any(Command::new(program).args(["gen", &options.contacts.to_string()]).arg(&folder))?;
    // The raw values, which nobody measures here.
    std::fs::remove_file(folder.join("raw.tsv"))?;
    Ok(folder)
}

fn ourselves(task: &str, folder: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(task).arg(folder);
    Ok(command)
}

/// One line of names, each with its figure behind it.
struct Line(String);

impl Line {
    fn of(mut command: impl std::borrow::BorrowMut<Command>) -> Fallible<Self> {
        let command = command.borrow_mut();
        let line = Self::of_any(command)?;
        if line.0.trim().is_empty() { Err(format!("{command:?} printed nothing").into()) } else { Ok(line) }
    }

    fn of_any(command: &mut Command) -> Fallible<Self> {
        let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        if !done.status.success() {
            return Err(format!("{command:?}: {}", done.status).into());
        }
        Ok(Self(String::from_utf8(done.stdout)?))
    }

    fn word(&self, name: &str) -> Fallible<&str> {
        let mut words = self.0.split_whitespace().skip_while(|word| *word != name);
        words.nth(1).ok_or_else(|| format!("no {name} in: {}", self.0).into())
    }

    fn number(&self, name: &str) -> Fallible<f64> {
        Ok(self.word(name)?.parse()?)
    }

    fn must_have_found(&self, components: &str) -> Fallible<()> {
        let theirs = self.word("components")?;
        if theirs == components { Ok(()) } else { Err(format!("{components} groups, but {}", self.0).into()) }
    }
}
