//! A PostgreSQL server of our own for the tests: its own folder, its own port, its own user, gone afterwards.

use crate::shell::{Outcome, output, program, run, target};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a whole run has at its highest is half of it, the log of writes included.
const ROOM_IN_MEMORY: u64 = 2 << 30;

/// A running server; stops when dropped.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    as_user: Option<&'static str>,
    /// A superuser's address without a database.
    pub address: String,
}

/// The folder with `initdb` and `pg_ctl`, newest version first.
pub fn server_programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|e| e.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|folder| folder.join("initdb").exists())
}

impl Server {
    /// A server that keeps what it was told, as a company's does, with so much memory for pages.
    pub fn start(shared_buffers: &str) -> Outcome<Self> {
        Self::begin(None, &[&format!("shared_buffers={shared_buffers}")])
    }

    /// A server for tests: each of them makes a database of its own, and none outlives this machine.
    pub fn for_tests() -> Outcome<Self> {
        let settings = ["shared_buffers=64MB", "fsync=off", "full_page_writes=off", "max_wal_size=256MB"];
        Self::begin(memory_disk(), &settings)
    }

    /// A fresh server on a free port, with its folder within that one.
    fn begin(within: Option<PathBuf>, settings: &[&str]) -> Outcome<Self> {
        let programs = server_programs().ok_or("PostgreSQL's server programs are missing")?;
        let is_root = output(program("id").arg("-u"))?.trim() == "0";
        // PostgreSQL refuses to run as root; Debian's package made a user for it.
        let as_user = is_root.then_some("postgres");
        let within = within.unwrap_or_else(|| if is_root { "/tmp".into() } else { target() });
        let pattern = within.join("otklik-postgres-XXXXXX");
        let folder = PathBuf::from(output(program("mktemp").arg("-d").arg(pattern))?.trim());
        if is_root {
            run(program("chown").arg("postgres").arg(&folder))?;
        }
        let port = free_port()?;
        let server = Self { programs, folder, as_user, address: format!("postgresql://postgres@127.0.0.1:{port}") };
        let data = server.folder.join("data");
        let mut init = server.program("initdb");
        init.arg("-D").arg(&data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        ]);
        output(&mut init)?;
        let mut options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -k {} -c max_connections=300", server.folder.display());
        for setting in settings {
            options += &format!(" -c {setting}");
        }
        let log = server.folder.join("log");
        let mut start = server.program("pg_ctl");
        start.arg("-D").arg(&data).arg("-l").arg(log).args(["-w", "-o", &options, "start"]);
        // Its output stays open in the server, so it must not be a pipe of ours.
        start.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        run(&mut start)?;
        Ok(server)
    }

    /// Makes a database with an owner of the same name, who is no superuser; its address.
    pub fn database(&self, name: &str) -> Outcome<String> {
        for words in [format!("CREATE ROLE {name} LOGIN"), format!("CREATE DATABASE {name} OWNER {name}")] {
            let mut psql = self.program("psql");
            psql.args(["--quiet", "--dbname", &format!("{}/postgres", self.address), "--command", &words]);
            output(&mut psql)?;
        }
        Ok(format!("{}/{name}", self.address.replace("postgres@", &format!("{name}@"))))
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = match self.as_user {
            Some(user) => {
                let mut command = program("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => program(path),
        };
        command.current_dir(if self.folder.exists() { &self.folder } else { Path::new("/") });
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"]);
        let _ = output(&mut stop);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A disk in memory, where there is one with room: a database of a thousand files is copied there in a tenth of the time, and every test has one.
fn memory_disk() -> Option<PathBuf> {
    let folder = PathBuf::from("/dev/shm");
    let space = rustix::fs::statvfs(&folder).ok()?;
    (space.f_bavail * space.f_frsize >= ROOM_IN_MEMORY).then_some(folder)
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}
