//! Show 3 of issue 13: whatever happened before a restore and whatever goes wrong in it, every acknowledged message is in the live data or in
//! a kept copy, and the program says which. The real program on real files.

use super::upgrade::is_sqlite;
use futures_util::{SinkExt, StreamExt};
use rusqlite::{Connection, OpenFlags};
use schema::EmptyDb;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// Restores of one run.
const RESTORES: usize = 20;
/// Messages before a copy is made, and again after it.
const SAID: usize = 6;

/// The program, on the database of a test.
pub fn otklik(place: &EmptyDb, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_otklik"));
    program
        .args(arguments)
        .arg("--data")
        .arg(&place.folder)
        .env_remove("OTKLIK_DATABASE_URL")
        .env("OTKLIK_LOG", "error");
    if let Some(url) = &place.url {
        program.env("OTKLIK_DATABASE_URL", url);
    }
    program
}

/// What it said to people.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What it answered.
pub fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

/// A server that is ready.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Running {
    pub fn start(place: &EmptyDb) -> Self {
        Self::wait_for(&mut otklik(place, &["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Runs a command that becomes a server.
    pub fn wait_for(program: &mut Command) -> Self {
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("it is ready");
        Self { child, address: ready["listen"].as_str().unwrap().to_owned() }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An orderly stop.
    pub fn terminate(mut self) {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success() && self.child.wait().unwrap().success(), "it ends by itself");
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A new installation with its account.
pub async fn installed() -> (EmptyDb, Value) {
    let place = EmptyDb::new().await;
    let account = installed_in(&place);
    (place, account)
}

/// The account of a new installation here.
pub fn installed_in(place: &EmptyDb) -> Value {
    let arguments =
        ["init", "--email", "a@a.example", "--password", "long enough pass", "--account", "A", "--project", "P"];
    answer(&otklik(place, &arguments).output().unwrap())
}

/// A visitor says some messages; returns when all were acknowledged, with the socket left open.
pub async fn say(running: &Running, account: &Value, names: impl Iterator<Item = String>) -> Vec<String> {
    let (socket, _) = connect_async(format!("ws://{}/w/v1/live", running.address)).await.unwrap();
    let (mut sink, mut stream) = socket.split();
    let auth = json!({ "type": "auth", "site_key": account["site_key"], "visitor_token": "0".repeat(32) });
    sink.send(Message::Text(auth.to_string().into())).await.unwrap();
    let names: Vec<String> = names.collect();
    for name in &names {
        let frame = json!({ "type": "message", "client_id": name, "content": { "text": name } });
        sink.send(Message::Text(frame.to_string().into())).await.unwrap();
    }
    let mut open: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    while !open.is_empty() {
        let Message::Text(text) = stream.next().await.unwrap().unwrap() else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == "ack" {
            open.remove(frame["client_id"].as_str().unwrap());
        }
    }
    names
}

/// What a database holds with its log, if it has one.
fn messages_in(file: &Path) -> BTreeSet<String> {
    let log = PathBuf::from(format!("{}-wal", file.display()));
    read_copy(file, log.exists().then_some(log.as_path()))
}

/// What a database alone holds: as it is found by somebody who copies this one file.
fn messages_alone_in(file: &Path) -> BTreeSet<String> {
    read_copy(file, None)
}

fn read_copy(file: &Path, log: Option<&Path>) -> BTreeSet<String> {
    let alone = file.with_extension("alone");
    std::fs::copy(file, &alone).unwrap();
    if let Some(log) = log {
        std::fs::copy(log, alone.with_extension("alone-wal")).unwrap();
    }
    let found = Connection::open_with_flags(&alone, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut query = found.prepare("SELECT client_id FROM messages WHERE client_id IS NOT NULL").unwrap();
    let ids = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(query);
    drop(found);
    for rest in ["alone", "alone-wal", "alone-shm"] {
        let _ = std::fs::remove_file(alone.with_extension(rest));
    }
    ids
}

fn kept_copies(place: &EmptyDb) -> Vec<PathBuf> {
    let all = std::fs::read_dir(&place.folder).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| {
        path.to_string_lossy().contains("otklik.db.replaced-") && !path.to_string_lossy().ends_with("-wal")
    })
    .collect()
}

/// Runs `otklik restore` on a disk of its own that has no room left, with the whole installation on it.
fn restore_on_a_full_disk(place: &EmptyDb, copy: &Path) -> Output {
    const SCRIPT: &str = r#"
        D="$1/disk"
        mkdir -p "$D" && mount -t tmpfs -o size=200m none "$D" && mkdir "$D/data" || exit 99
        for f in "$1"/*; do [ "$f" = "$D" ] || cp -a "$f" "$D/data/" || exit 99; done
        dd if=/dev/zero of="$D/fill" bs=4k 2> /dev/null
        "$2" restore "$3" --data "$D/data"
        code=$?
        rm -f "$1"/otklik.db* && cp -a "$D"/data/otklik.db* "$1"/ || exit 99
        exit $code
    "#;
    let mut own = Command::new("unshare");
    own.args(["--mount", "--map-root-user", "sh", "-c", SCRIPT, "sh"]).arg(&place.folder);
    own.arg(env!("CARGO_BIN_EXE_otklik")).arg(copy).env_remove("OTKLIK_DATABASE_URL").output().unwrap()
}

fn restore(place: &EmptyDb, copy: &Path) -> Output {
    otklik(place, &["restore", &copy.to_string_lossy()]).output().unwrap()
}

/// A page of zeros in the middle of a file.
fn damage(file: &Path) {
    let writing = std::fs::File::options().write(true).open(file).unwrap();
    let pages = writing.metadata().unwrap().len() / 4096;
    let root: u32 = Connection::open(file)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'", [], |row| row.get(0))
        .unwrap();
    assert!(u64::from(root) <= pages);
    writing.write_all_at(&[0; 4096], u64::from(root - 1) * 4096).unwrap();
}

#[tokio::test]
async fn twenty_restores_keep_every_acknowledged_message_in_the_live_data_or_in_a_kept_copy() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let live = place.folder.join("otklik.db");
    let mut acknowledged = BTreeSet::new();
    for round in 0..RESTORES {
        let running = Running::start(&place);
        acknowledged.extend(say(&running, &account, (0..SAID).map(|n| format!("{round}-before-{n}"))).await);
        let copy = place.folder.join(format!("copy-{round}.db"));
        answer(&otklik(&place, &["backup", &copy.to_string_lossy()]).output().unwrap());
        acknowledged.extend(say(&running, &account, (0..SAID).map(|n| format!("{round}-after-{n}"))).await);
        if round % 2 == 0 {
            running.terminate();
        } else {
            running.kill();
        }
        if round % 2 == 0 {
            assert!(
                messages_alone_in(&live).contains(&format!("{round}-after-0")),
                "after an orderly stop the file holds it all"
            );
        }
        let before = kept_copies(&place).len();
        match round % 5 {
            2 => {
                let refused = restore_on_a_full_disk(&place, &copy);
                assert!(
                    !refused.status.success() && said(&refused).contains("nothing was changed"),
                    "{}",
                    said(&refused)
                );
                assert!(messages_in(&live).contains(&format!("{round}-after-0")));
            }
            3 => {
                let damaged = place.folder.join("damaged.db");
                std::fs::copy(&copy, &damaged).unwrap();
                damage(&damaged);
                let refused = restore(&place, &damaged);
                assert!(!refused.status.success() && said(&refused).contains("is damaged"), "{}", said(&refused));
            }
            4 => {
                answer(&restore(&place, &copy));
            }
            _ => {}
        }
        let done = restore(&place, &copy);
        let words = said(&done);
        let done = answer(&done);
        let added = if round % 5 == 4 { 2 } else { 1 };
        let kept = kept_copies(&place);
        assert_eq!(kept.len(), before + added, "each restore keeps what it replaced");
        // Of two in a row the second replaces what the first has put there.
        let only_there = if round % 5 == 4 { 0 } else { SAID };
        assert_eq!(done["messages_only_in_kept"], only_there, "{words}");
        assert!(words.contains(done["kept"].as_str().unwrap()), "{words}");
        let mut found = messages_in(&live);
        found.extend(kept.iter().flat_map(|file| messages_in(file)));
        assert!(acknowledged.is_subset(&found), "round {round}: {:?}", acknowledged.difference(&found));
        assert!(messages_in(&live).contains(&format!("{round}-before-0")), "the copy is what is live now");
        std::fs::remove_file(&copy).unwrap();
    }
    let healthy = otklik(&place, &["doctor"]).output().unwrap();
    assert!(healthy.status.success(), "{}", said(&healthy));
}

#[tokio::test]
async fn who_was_erased_after_a_copy_was_made_is_not_brought_back_by_it() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let running = Running::start(&place);
    say(&running, &account, ["пишет канарейка".to_owned()].into_iter()).await;
    let copy = place.folder.join("copy.db");
    answer(&otklik(&place, &["backup", &copy.to_string_lossy()]).output().unwrap());

    let contacts = contacts_of(&running, &account).await;
    let path = format!("/contacts/{}/erase", contacts[0]["id"].as_str().unwrap());
    harness::answer(call(&running, &account, reqwest::Method::POST, &path).json(&json!({}))).await;
    harness::until("the client is erased", async || contacts_of(&running, &account).await.is_empty()).await;
    running.terminate();

    answer(&restore(&place, &copy));
    assert_eq!(messages_alone_in(&place.folder.join("otklik.db")).len(), 1, "the copy is older");
    let again = Running::start(&place);
    harness::until("the client is erased again", async || contacts_of(&again, &account).await.is_empty()).await;
    again.terminate();
    assert_eq!(messages_alone_in(&place.folder.join("otklik.db")).len(), 0);
}

/// A call of the first project's API with the key of the installation.
fn call(running: &Running, account: &Value, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
    let project = account["project_id"].as_str().unwrap();
    let url = format!("http://{}/api/v1/projects/{project}{path}", running.address);
    harness::client().request(method, url).bearer_auth(account["api_key"].as_str().unwrap())
}

async fn contacts_of(running: &Running, account: &Value) -> Vec<Value> {
    let (_, found) = harness::answer(call(running, account, reqwest::Method::GET, "/contacts")).await;
    found["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_stop_with_a_socket_that_stays_open_ends_with_one_whole_file() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let running = Running::start(&place);
    let names = say(&running, &account, (0..SAID).map(|n| n.to_string())).await;
    let (_open, _) = connect_async(format!("ws://{}/w/v1/live", running.address)).await.unwrap();
    running.terminate();
    assert_eq!(messages_alone_in(&place.folder.join("otklik.db")), names.into_iter().collect());
}

#[tokio::test]
async fn a_restore_that_was_killed_after_it_was_decided_is_ended_at_the_next_start() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let live = place.folder.join("otklik.db");
    let copy = place.folder.join("copy.db");
    answer(&otklik(&place, &["backup", &copy.to_string_lossy()]).output().unwrap());
    let running = Running::start(&place);
    let names = say(&running, &account, (0..SAID).map(|n| n.to_string())).await;
    running.kill();
    assert!(std::fs::metadata(place.folder.join("otklik.db-wal")).unwrap().len() > 0, "it stands in the log");
    // As a restore leaves it that dies before the first name changes, and after the log got its second one.
    std::fs::copy(&copy, place.folder.join("otklik.db-restoring")).unwrap();
    std::fs::hard_link(place.folder.join("otklik.db-wal"), place.folder.join("otklik.db.replaced-1-wal")).unwrap();
    Running::start(&place).terminate();
    assert_eq!(messages_in(&live), BTreeSet::new(), "the copy is live");
    let kept = Connection::open(place.folder.join("otklik.db.replaced-1")).unwrap();
    let count: u32 =
        kept.query_row("SELECT COUNT(*) FROM messages WHERE client_id IS NOT NULL", [], |row| row.get(0)).unwrap();
    assert_eq!(count as usize, names.len(), "with its log, the kept one has all");
    assert!(!place.folder.join("otklik.db-restoring").exists());
}

#[tokio::test]
async fn a_doctor_finds_a_page_of_zeros_an_empty_file_and_a_missing_one() {
    if !is_sqlite() {
        return;
    }
    let (place, _) = installed().await;
    let live = place.folder.join("otklik.db");
    let whole = std::fs::read(&live).unwrap();
    let doctor = || {
        let output = otklik(&place, &["doctor"]).output().unwrap();
        (output.status.success(), said(&output))
    };
    assert_eq!(doctor(), (true, String::new()));
    damage(&live);
    let (is_well, words) = doctor();
    assert!(!is_well && words.contains("is damaged") && words.contains("otklik restore"), "{words}");
    for rest in ["otklik.db-wal", "otklik.db-shm"] {
        let _ = std::fs::remove_file(place.folder.join(rest));
    }
    std::fs::write(&live, b"").unwrap();
    let (is_well, words) = doctor();
    assert!(!is_well && words.contains("is empty"), "{words}");
    // A server begins no new installation in its place, either.
    let refused = otklik(&place, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!refused.status.success() && said(&refused).contains("is empty"), "{}", said(&refused));
    std::fs::remove_file(&live).unwrap();
    let (is_well, words) = doctor();
    assert!(!is_well && words.contains("there is no database") && !live.exists(), "{words}");
    std::fs::write(&live, whole).unwrap();
    assert!(doctor().0);
}

#[tokio::test]
async fn databases_and_their_copies_are_for_their_owner_alone() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    // As programs before left it.
    let live = place.folder.join("otklik.db");
    std::fs::set_permissions(&live, PermissionsExt::from_mode(0o644)).unwrap();
    let old = place.folder.join("otklik.db.replaced");
    std::fs::write(&old, "one of before").unwrap();
    std::fs::set_permissions(&old, PermissionsExt::from_mode(0o644)).unwrap();
    let running = Running::start(&place);
    say(&running, &account, ["one".to_owned()].into_iter()).await;
    let copy = place.folder.join("copy.db");
    answer(&otklik(&place, &["backup", &copy.to_string_lossy()]).output().unwrap());
    let check = || {
        for entry in std::fs::read_dir(&place.folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = path.metadata().unwrap().permissions().mode();
            if path.is_file() {
                assert_eq!(mode & 0o077, 0, "{} has {mode:o}", path.display());
            }
        }
    };
    check();
    running.terminate();
    std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o644)).unwrap();
    answer(&restore(&place, &copy));
    std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o600)).unwrap();
    check();
}

/// One statement as the superuser, who sees every row; the first column of what it answers.
pub async fn ask_postgres(database: &str, statement: &str) -> BTreeSet<String> {
    let server = std::env::var("OTKLIK_TEST_POSTGRES").unwrap();
    let answered = ask_server(&server, database, statement).await;
    answered.unwrap_or_else(|e| panic!("{statement}: {e}"))
}

/// As [`ask_postgres`], of another server, which may refuse or be down.
pub async fn ask_server(
    server: &str,
    database: &str,
    statement: &str,
) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    let url = format!("{server}/{database}");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    let answered = client.simple_query(statement).await;
    drop(client);
    let _ = driver.await;
    let first = |row| match row {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    Ok(answered?.into_iter().filter_map(first).collect())
}

/// What PostgreSQL has.
pub async fn messages_of(database: &str) -> BTreeSet<String> {
    ask_postgres(database, "SELECT client_id FROM messages WHERE client_id IS NOT NULL").await
}

#[tokio::test]
async fn twenty_stops_on_postgres_keep_every_acknowledged_message() {
    if is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let live = place.url.as_deref().unwrap().rsplit('/').next().unwrap().to_owned();
    let others = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{live}'");
    let mut acknowledged = BTreeSet::new();
    for round in 0..RESTORES {
        let running = Running::start(&place);
        acknowledged.extend(say(&running, &account, (0..SAID).map(|n| format!("{round}-{n}"))).await);
        match round % 3 {
            0 => running.terminate(),
            1 => running.kill(),
            _ => {
                // As when the database is started anew: every connection ends.
                ask_postgres("postgres", &others).await;
                running.kill();
            }
        }
        assert_eq!(messages_of(&live).await, acknowledged, "round {round}");
    }
}
