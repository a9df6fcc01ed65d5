//! Show 3 of issue 13 on PostgreSQL, whose own tools make and take the copies: an operator does what the program tells him, on a server with
//! a disk of its own that can be full.

use super::restore::{Running, ask_server, installed_in, otklik, said, say};
use super::upgrade::is_sqlite;
use schema::EmptyDb;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Restores of one run.
const RESTORES: usize = 20;
/// Messages before a copy is made, and again after it.
const SAID: usize = 6;

/// A server of PostgreSQL with all it has on one small disk. It begins again when it ends, as a service does.
struct SmallServer {
    disk: PathBuf,
    running: Child,
    /// A superuser's address without a database.
    address: String,
}

impl SmallServer {
    /// In a namespace of its own, as the user that a disk may be mounted by; PostgreSQL does not run as root, hence the second user.
    const SCRIPT: &str = r#"
        mount -t tmpfs -o size=700m,mode=777 none "$1" || exit 99
        exec unshare --user --map-user=1000 --map-group=1000 sh -c '
            "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --no-sync --locale=C.UTF-8 --wal-segsize=1 > /dev/null || exit 99
            while :; do
                "$2/postgres" -D "$1/data" -p "$3" -k "$1" -c listen_addresses=127.0.0.1 -c max_connections=100 2>> "$1/log"
                sleep 0.2
            done' sh "$1" "$2" "$3"
    "#;

    async fn start(folder: &Path) -> Self {
        let disk = folder.join("disk");
        std::fs::create_dir_all(&disk).unwrap();
        let port = bus::free_port();
        let mut own = Command::new("unshare");
        own.args(["--mount", "--map-root-user", "--pid", "--fork", "--kill-child", "sh", "-c", Self::SCRIPT, "sh"]);
        own.args([&disk, &server_programs()]).arg(port.to_string());
        let running = own.stdin(Stdio::null()).spawn().unwrap();
        let server = Self { disk, running, address: format!("postgresql://postgres@127.0.0.1:{port}") };
        server.wait().await;
        server.ask("postgres", "CREATE ROLE otklik_app LOGIN PASSWORD 'otklik'").await;
        server
    }

    async fn wait(&self) {
        harness::until("the server answers", async || ask_server(&self.address, "postgres", "SELECT 1").await.is_ok())
            .await;
    }

    async fn ask(&self, database: &str, statement: &str) -> BTreeSet<String> {
        let answered = ask_server(&self.address, database, statement).await;
        answered.unwrap_or_else(|e| panic!("{statement}: {e:?}"))
    }

    async fn messages_of(&self, database: &str) -> BTreeSet<String> {
        self.ask(database, "SELECT client_id FROM messages WHERE client_id IS NOT NULL").await
    }

    async fn create(&self, database: &str) -> String {
        self.ask("postgres", &format!("CREATE DATABASE {database} OWNER otklik_app")).await;
        format!("{}/{database}", self.address.replace("postgres@", "otklik_app:otklik@"))
    }

    async fn drop(&self, database: &str) {
        self.ask("postgres", &format!("DROP DATABASE {database}")).await;
    }

    /// Nobody may be connected to a database that is renamed.
    async fn rename(&self, from: &str, to: &str) {
        let others = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
        self.ask("postgres", &others).await;
        self.ask("postgres", &format!("ALTER DATABASE {from} RENAME TO {to}")).await;
    }

    /// The server's disk as it sees it.
    fn seen(&self, name: &str) -> PathBuf {
        let disk = self.disk.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", self.running.id())).join(disk).join(name)
    }

    /// Leaves room on the disk for so many bytes.
    fn fill(&self, room: u64) {
        let mut dd = Command::new("dd");
        let filled = dd.arg("if=/dev/zero").arg(format!("of={}", self.seen("fill").display())).arg("bs=4k").output();
        assert!(String::from_utf8_lossy(&filled.unwrap().stderr).contains("No space left"), "it is full");
        let filling = std::fs::File::options().write(true).open(self.seen("fill")).unwrap();
        filling.set_len(filling.metadata().unwrap().len() - room).unwrap();
    }

    /// Gives the room back.
    fn clear(&self) {
        std::fs::remove_file(self.seen("fill")).unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.seen("log")).unwrap_or_default()
    }
}

impl Drop for SmallServer {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

/// The folder with `initdb`, newest version last.
fn server_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's server programs are installed");
    let mut programs: Vec<PathBuf> = versions.map(|version| version.unwrap().path().join("bin")).collect();
    programs.retain(|folder| folder.join("initdb").exists());
    programs.sort();
    programs.pop().expect("PostgreSQL's server programs are installed")
}

/// The command that the program tells to type, between its backticks.
fn told_command(refused: &Output) -> String {
    assert!(!refused.status.success(), "PostgreSQL has its own tools");
    said(refused).split('`').nth(1).expect("a command").to_owned()
}

/// As an operator follows those words; what the tools say when it went wrong.
fn follow(place: &EmptyDb, command: &str, new: &str) -> Result<(), String> {
    let url = place.url.as_deref().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(&place.folder).env("OTKLIK_DATABASE_URL", url).env("NEW_DATABASE_URL", new);
    let done = shell.output().unwrap();
    if done.status.success() { Ok(()) } else { Err(said(&done)) }
}

/// What an operator has before him.
struct Bench {
    server: SmallServer,
    place: EmptyDb,
    /// The words that restore.
    fill: String,
    kept: Vec<String>,
}

/// Enough to begin a restore with, not to end it.
const ROOM: u64 = 2 * 1024 * 1024;

const LIVE: &str = "live";
const NEXT: &str = "next";

impl Bench {
    /// Into an empty database beside the one there is.
    async fn fill_next(&self) -> Result<(), String> {
        let next = self.server.create(NEXT).await;
        follow(&self.place, &self.fill, &next)
    }

    /// "Only when that went well rename both: the one of before is the kept copy".
    async fn change_names(&mut self) {
        let name = format!("kept_{}", self.kept.len());
        self.server.rename(LIVE, &name).await;
        self.server.rename(NEXT, LIVE).await;
        self.kept.push(name);
    }

    async fn restore(&mut self) {
        self.fill_next().await.unwrap_or_else(|words| panic!("{}: {words}", self.fill));
        self.change_names().await;
    }

    /// The disk is full before the copy is in: nothing was renamed, so all of before is live.
    async fn restore_on_a_full_disk(&self) {
        let next = self.server.create(NEXT).await;
        let logged = self.server.log().len();
        self.server.fill(ROOM);
        let refused = follow(&self.place, &self.fill, &next).expect_err("there was no room for it");
        // Either a table has no room, or the log: then the server itself stops.
        assert!(
            (refused + &self.server.log()[logged..]).contains("No space left on device"),
            "what stopped it was the disk"
        );
        self.server.clear();
        // It may have stopped, and begins again when there is room.
        self.server.wait().await;
        self.server.drop(NEXT).await;
    }

    /// Half a copy fills nothing that anybody would take for whole.
    async fn restore_a_damaged_copy(&self) {
        let file = self.place.folder.join("otklik.dump");
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        assert!(self.fill_next().await.is_err(), "half a dump was taken");
        std::fs::write(&file, whole).unwrap();
        self.server.drop(NEXT).await;
    }

    /// What is in the live data, and in the kept copies.
    async fn found(&self) -> BTreeSet<String> {
        let mut found = self.server.messages_of(LIVE).await;
        for name in &self.kept {
            found.extend(self.server.messages_of(name).await);
        }
        found
    }
}

#[tokio::test]
async fn twenty_restores_of_postgres_by_the_words_of_the_program_keep_every_acknowledged_message() {
    if is_sqlite() {
        return;
    }
    let mut place = EmptyDb::new().await;
    let server = SmallServer::start(&place.folder).await;
    place.url = Some(server.create(LIVE).await);
    let account = installed_in(&place);
    let dump = told_command(&otklik(&place, &["backup", "copy"]).output().unwrap());
    let words = otklik(&place, &["restore", "copy"]).output().unwrap();
    // Which messages are where is in those words, too.
    let kept_says = "the one of before is the kept copy, and messages that came after the dump are only there";
    assert!(said(&words).contains(kept_says), "{}", said(&words));
    assert!(said(&words).contains("when it did not, drop the new one: nothing was changed"), "{}", said(&words));
    let mut bench = Bench { server, place, fill: told_command(&words), kept: Vec::new() };
    let mut acknowledged = BTreeSet::new();
    for round in 0..RESTORES {
        let (before, after) = (format!("{round}-before"), format!("{round}-after"));
        let running = Running::start(&bench.place);
        acknowledged.extend(say(&running, &account, (0..SAID).map(|n| format!("{before}-{n}"))).await);
        follow(&bench.place, &dump, "").unwrap_or_else(|words| panic!("{dump}: {words}"));
        acknowledged.extend(say(&running, &account, (0..SAID).map(|n| format!("{after}-{n}"))).await);
        if round % 2 == 0 {
            running.terminate();
        } else {
            running.kill();
        }
        match round % 5 {
            2 => bench.restore_on_a_full_disk().await,
            3 => bench.restore_a_damaged_copy().await,
            4 => bench.restore().await,
            _ => {}
        }
        if matches!(round % 5, 2 | 3) {
            let live = bench.server.messages_of(LIVE).await;
            assert!((0..SAID).all(|n| live.contains(&format!("{after}-{n}"))), "round {round}: nothing was changed");
        }
        bench.restore().await;
        let live = bench.server.messages_of(LIVE).await;
        assert!((0..SAID).all(|n| live.contains(&format!("{before}-{n}"))), "round {round}: the copy is live");
        assert!(!live.contains(&format!("{after}-0")), "round {round}: the copy is older");
        // Of two in a row the second replaces what the first has put there: both are kept.
        let newest = bench.kept.iter().rev().nth(usize::from(round % 5 == 4)).unwrap();
        let only_there = bench.server.messages_of(newest).await;
        assert!((0..SAID).all(|n| only_there.contains(&format!("{after}-{n}"))), "round {round}: the rest is kept");
        let found = bench.found().await;
        assert!(acknowledged.is_subset(&found), "round {round}: {:?}", acknowledged.difference(&found));
    }
    assert_eq!(bench.kept.len(), RESTORES + RESTORES / 5, "each restore keeps what it replaced");
    let healthy = otklik(&bench.place, &["doctor"]).output().unwrap();
    assert!(healthy.status.success(), "{}", said(&healthy));
}
