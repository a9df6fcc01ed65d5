//! `cargo xtask bench`: figures live here, never in a test.

use crate::shell::{self, Outcome, program, root, target};
use crate::web;
use crate::{nats, needs, postgres};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What can be measured alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Who is one client, for millions of contacts.
    Identity,
    /// The whole path of a message, and what the product weighs.
    Path,
    /// Two nodes of one database beside one.
    Nodes,
    /// What a stranger's floods leave behind, with the limits on.
    Floods,
    /// Ten thousand silent visitors on a site: what they weigh and cost.
    Visitors,
    /// Two hundred webhooks a second over twenty receivers, of which one is dead and one slow.
    Webhooks,
    /// A mailing to a hundred thousand beside live messages, and the report of a million.
    Mailings,
    /// A mailbox of fifty thousand letters, imported with fifty kills.
    Mail,
    /// Search over five million messages, beside the engine's own.
    Search,
    /// The desk in a browser with a hundred thousand conversations.
    Desk,
    /// Reports over a million sessions.
    Reports,
    /// Scenarios: the engine beside XState, a bot on the path, ten million visits, a million waiting runs, the editor.
    Scenarios,
    /// A project of many clients: import, preview, rules, rebuild.
    Clients,
}

/// How long and how much.
pub struct Lengths {
    /// Seconds a round.
    pub seconds: f64,
    /// Rounds of each measure.
    pub rounds: usize,
    /// Idle sockets.
    pub sockets: usize,
    /// Contacts to be grouped.
    pub contacts: u64,
    /// Clients of the large project.
    pub clients: u64,
    /// Messages that are searched.
    pub messages: u64,
}

/// Builds in release, installs the peers, measures.
pub fn run(only: Option<Part>, lengths: &Lengths) -> Outcome {
    let is_wanted = |part: Part| only.is_none_or(|only| only == part);
    if is_wanted(Part::Path) {
        whole_path(lengths)?;
    }
    if is_wanted(Part::Floods) {
        floods(lengths)?;
    }
    if is_wanted(Part::Visitors) {
        visitors(lengths)?;
    }
    if is_wanted(Part::Webhooks) {
        webhooks(lengths)?;
    }
    if is_wanted(Part::Mailings) {
        mailings()?;
    }
    if is_wanted(Part::Mail) {
        mail()?;
    }
    if is_wanted(Part::Search) {
        search(lengths)?;
    }
    if is_wanted(Part::Desk) {
        desk(lengths)?;
    }
    if is_wanted(Part::Reports) {
        reports(lengths)?;
    }
    if is_wanted(Part::Nodes) {
        nodes(lengths)?;
    }
    if is_wanted(Part::Scenarios) {
        scenarios(lengths)?;
    }
    if is_wanted(Part::Clients) {
        clients(lengths)?;
    }
    if is_wanted(Part::Identity) {
        identity(lengths)?;
    }
    Ok(())
}

fn floods(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-floods");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").env("OTKLIK_VISITOR_LIMITS", "on");
    bench.arg("floods").arg(target().join("release/otklik")).arg(&scratch).arg((lengths.seconds * 2.0).to_string());
    let done = shell::run(&mut bench);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn visitors(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-visitors");
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("visitors").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.arg(lengths.sockets.to_string()));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn webhooks(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-webhooks");
    let mut bench = program(target().join("release/bench"));
    // Its receivers stand on this machine.
    bench.env_remove("OTKLIK_DATABASE_URL").env("OTKLIK_ALLOW_EGRESS", "127.0.0.0/8");
    bench.arg("webhooks").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.arg((lengths.seconds * 6.0).to_string()));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

/// Recipients of the mailing that is measured.
const RECIPIENTS: &str = "100000";

fn mailings() -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-mailings");
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("mailings").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.arg(RECIPIENTS));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn mail() -> Outcome {
    needs::for_mail()?;
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-mail");
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("mail").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.args(["50000", "50"]));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn search(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-search");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("search").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.arg(lengths.messages.to_string()).arg(lengths.seconds.to_string()));
    let done = done.and_then(|()| search_on_postgres(&scratch, lengths));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn search_on_postgres(scratch: &Path, lengths: &Lengths) -> Outcome {
    println!("PostgreSQL:");
    let server = postgres::Server::start("512MB")?;
    let mut bench = program(target().join("release/bench"));
    bench.env("OTKLIK_DATABASE_URL", server.database("bench")?).arg("search-postgres");
    bench.arg(target().join("release/otklik")).arg(scratch).arg(lengths.messages.to_string());
    shell::run(&mut bench)
}

/// Conversations of the project that is opened.
const CONVERSATIONS: &str = "100000";

fn desk(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-desk");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("desk").arg(target().join("release/otklik")).arg(&scratch);
    bench.args([CONVERSATIONS.to_owned(), lengths.rounds.to_string()]);
    bench.args([root().join("web"), "/usr/bin/chromium".into(), root().join("crates/bench/desk/desk.mjs")]);
    let done = shell::run(&mut bench);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

/// Sessions whose report is measured.
const SESSIONS: &str = "1000000";

fn reports(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-reports");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = program(target().join("release/bench"));
    bench.env_remove("OTKLIK_DATABASE_URL").arg("reports").arg(target().join("release/otklik")).arg(&scratch);
    let done = shell::run(bench.arg(SESSIONS).arg(lengths.seconds.to_string()));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn nodes(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-nodes");
    let _ = std::fs::remove_dir_all(&scratch);
    let (server, nats) = (postgres::Server::start("512MB")?, nats::Server::start()?);
    let database_url = server.database("bench")?;
    let mut bench = program(target().join("release/bench"));
    bench.arg("nodes").arg(target().join("release/otklik")).arg(&scratch);
    bench.args([lengths.seconds.to_string(), lengths.rounds.to_string()]);
    // The product's own variables: every command of the bench inherits them.
    bench.env("OTKLIK_DATABASE_URL", database_url).env("OTKLIK_NATS_URL", &nats.address);
    let done = shell::run(&mut bench);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn scenarios(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-scenarios");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = on_its_core("scenarios");
    bench.env_remove("OTKLIK_DATABASE_URL").arg(&scratch);
    bench.args([lengths.seconds.to_string(), lengths.rounds.to_string()]);
    bench.arg(said("XState", xstate()).unwrap_or_else(|| "-".into()));
    bench.args([root().join("web"), "/usr/bin/chromium".into(), root().join("crates/bench/editor/editor.mjs")]);
    let done = shell::run(&mut bench);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

/// The folder of XState.
fn xstate() -> Outcome<PathBuf> {
    let peer = target().join("bench-xstate");
    std::fs::create_dir_all(&peer).map_err(|e| e.to_string())?;
    for file in ["package.json", "xstate.mjs"] {
        std::fs::copy(root().join("crates/bench/peer/xstate").join(file), peer.join(file))
            .map_err(|e| e.to_string())?;
    }
    if !peer.join("node_modules/xstate").exists() {
        shell::run(program("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(&peer))?;
    }
    Ok(peer)
}

fn clients(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let scratch = target().join("bench-scratch");
    let _ = std::fs::remove_dir_all(&scratch);
    let measured = |engine: &str, database_url: Option<&str>| {
        println!("{engine}:");
        let mut bench = program(target().join("release/bench"));
        bench.arg("clients").arg(target().join("release/otklik")).arg(&scratch).arg(lengths.clients.to_string());
        // The product's own variable: every command of the bench inherits it.
        match database_url {
            Some(url) => bench.env("OTKLIK_DATABASE_URL", url),
            None => bench.env_remove("OTKLIK_DATABASE_URL"),
        };
        let done = shell::run(&mut bench);
        let _ = std::fs::remove_dir_all(&scratch);
        done
    };
    measured("SQLite", None)?;
    let server = postgres::Server::start("512MB")?;
    let database_url = server.database("bench")?;
    measured("PostgreSQL", Some(&database_url))
}

fn whole_path(lengths: &Lengths) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let peer = peer()?;
    let scratch = target().join("bench-scratch");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = on_its_core("path");
    // Another's database must not be measured in place of the file.
    bench.env_remove("OTKLIK_DATABASE_URL").arg(&peer).arg(&scratch);
    bench.args([lengths.seconds.to_string(), lengths.rounds.to_string(), lengths.sockets.to_string()]);
    let done = shell::run(&mut bench).and_then(|()| path_on_postgres(&scratch, lengths));
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

/// A server of PostgreSQL as it is by default: every commit is synced.
fn path_on_postgres(scratch: &Path, lengths: &Lengths) -> Outcome {
    let programs = postgres::server_programs().ok_or("PostgreSQL's server programs are missing")?;
    let server = postgres::Server::start("512MB")?;
    let (product, pgbench) = (server.database("bench")?, server.database("pgbench")?);
    let mut bench = on_its_core("path-postgres");
    bench.env("OTKLIK_DATABASE_URL", product).arg(programs).arg(pgbench).arg(scratch);
    bench.args([lengths.seconds.to_string(), lengths.rounds.to_string()]);
    shell::run(&mut bench)
}

/// The bench of a part with our program, on the core that the server does not use, with as many open sockets as the hard limit allows.
fn on_its_core(part: &str) -> Command {
    let mut bench = program("sh");
    let script = "ulimit -n $(ulimit -Hn); exec taskset -c 1 \"$0\" \"$@\"";
    bench.args(["-c", script]).arg(target().join("release/bench")).arg(part).arg(target().join("release/otklik"));
    bench
}

/// The folder of socket.io.
fn peer() -> Outcome<PathBuf> {
    let peer = target().join("bench-peer");
    std::fs::create_dir_all(&peer).map_err(|e| e.to_string())?;
    for file in ["package.json", "server.js"] {
        std::fs::copy(root().join("crates/bench/peer").join(file), peer.join(file)).map_err(|e| e.to_string())?;
    }
    if !peer.join("node_modules/better-sqlite3/build").exists() {
        // Its prebuilt binary is not in a package registry, so it is compiled here.
        shell::run(
            program("npm").args(["install", "--no-audit", "--no-fund", "--build-from-source"]).current_dir(&peer),
        )?;
    }
    Ok(peer)
}

fn identity(lengths: &Lengths) -> Outcome {
    shell::run(program("cargo").args(["build", "--release", "--package", "bench"]))?;
    let mut bench = program(target().join("release/bench"));
    bench.arg("identity").arg(target().join("bench-identity"));
    bench.args([lengths.contacts.to_string(), lengths.rounds.to_string()]);
    let perf = root().join("../shared/perf");
    if perf.is_dir() {
        let idres = said("idres", idres(&perf));
        let splink = said("splink", splink());
        bench.arg(idres.unwrap_or_else(|| "-".into()));
        if let Some(python) = splink {
            bench.arg(python).arg(perf.join("idres/peers.py"));
        }
    }
    shell::run(&mut bench)
}

/// A peer that cannot be had leaves its rows without a ratio, and says so there; here is why.
fn said(name: &str, peer: Outcome<PathBuf>) -> Option<PathBuf> {
    peer.inspect_err(|words| eprintln!("the peer {name} is not here: {words}")).ok()
}

/// The source is used where it is; a manifest of its own spares building what the folder's other programs need.
fn idres(perf: &Path) -> Outcome<PathBuf> {
    let source = perf.join("core/src/bin/idres.rs").canonicalize().map_err(|e| e.to_string())?;
    let folder = target().join("bench-idres");
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let manifest = folder.join("Cargo.toml");
    let words = format!(
        "[package]\nname = \"idres\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[[bin]]\nname = \"idres\"\npath = {:?}\n\n\
         [dependencies]\npetgraph = \"0.8\"\n\n[profile.release]\nopt-level = 3\nlto = \"thin\"\ncodegen-units = 4\n\n[workspace]\n",
        source.display().to_string()
    );
    std::fs::write(&manifest, words).map_err(|e| e.to_string())?;
    shell::run(
        program("cargo")
            .args(["build", "--release", "--manifest-path"])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(folder.join("target")),
    )?;
    Ok(folder.join("target/release/idres"))
}

/// What `peers.py splink` imports; it was seen to work with these.
const SPLINK: &[&str] = &["splink==5.0.0", "duckdb==2.0.1", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"];

/// A Python with splink.
fn splink() -> Outcome<PathBuf> {
    let folder = target().join("bench-python");
    let python = folder.join("bin/python");
    let mark = folder.join("installed.txt");
    let list = SPLINK.join("\n");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == list) {
        return Ok(python);
    }
    shell::run(program("python3").args(["-m", "venv"]).arg(&folder))?;
    shell::run(program(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(SPLINK))?;
    std::fs::write(&mark, list).map_err(|e| e.to_string())?;
    Ok(python)
}
