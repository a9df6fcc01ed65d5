//! What a bare Debian machine lacks: installed when we are root, named when we are not.

use crate::shell::{Outcome, is_there, output, program, root, run, target};
use std::path::PathBuf;

/// A Debian package and the file that proves it.
struct Package {
    name: &'static str,
    is_there: fn() -> bool,
}

const CHROMIUM: Package = Package { name: "chromium", is_there: || is_there("chromium") };
/// The same without windows, for every suite that needs none of the whole.
const CHROMIUM_SHELL: Package =
    Package { name: "chromium-headless-shell", is_there: || is_there("chromium-headless-shell") };
const POSTGRES: Package = Package { name: "postgresql", is_there: || crate::postgres::server_programs().is_some() };
const REDIS: Package = Package { name: "redis-server", is_there: || is_there("redis-server") };
/// Shows whether a file is on the disk before it is acknowledged.
const STRACE: Package = Package { name: "strace", is_there: || is_there("strace") };
/// The mail server that many companies have.
const DOVECOT: Package = Package { name: "dovecot-imapd", is_there: || is_there("doveconf") };
const VENV: Package = Package { name: "python3-venv", is_there: has_venv };

/// For the Rust tests on both engines.
pub fn for_tests() -> Outcome {
    packages(&[POSTGRES, STRACE, VENV])
}

/// The program `nats-server`, which comes with the Python of the peers: Debian's is older than what is needed.
pub fn nats_server() -> Outcome<PathBuf> {
    let program = python()?.with_file_name("nats-server");
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{} was not installed with its package", program.display()))
    }
}

/// For the browser tests and the peers that judge the adapters.
pub fn for_browser() -> Outcome {
    packages(&[CHROMIUM_SHELL, CHROMIUM, REDIS, VENV, DOVECOT])
}

/// For the mailbox that is imported and measured.
pub fn for_mail() -> Outcome {
    packages(&[DOVECOT])
}

fn packages(wanted: &[Package]) -> Outcome {
    let missing: Vec<&str> = wanted.iter().filter(|p| !(p.is_there)()).map(|p| p.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !is_root() || !is_there("apt-get") {
        return Err(format!("please install: {names} (on Debian: sudo apt-get install {names})"));
    }
    run(program("apt-get").args(["update", "-qq"]))?;
    let mut install = program("apt-get");
    install
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(&mut install)?;
    match wanted.iter().find(|p| !(p.is_there)()) {
        Some(package) => Err(format!("{} was installed and cannot be found", package.name)),
        None => Ok(()),
    }
}

fn is_root() -> bool {
    output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn has_venv() -> bool {
    output(program("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// A Python with the peers of `web/e2e/requirements.txt`.
pub fn python() -> Outcome<PathBuf> {
    let wanted = root().join("web/e2e/requirements.txt");
    let list = std::fs::read_to_string(&wanted).map_err(|e| format!("{}: {e}", wanted.display()))?;
    let folder = target().join("e2e-python");
    let python = folder.join("bin/python");
    let mark = folder.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == list) {
        return Ok(python);
    }
    run(program("python3").args(["-m", "venv"]).arg(&folder))?;
    run(program(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted))?;
    std::fs::write(&mark, list).map_err(|e| e.to_string())?;
    Ok(python)
}
