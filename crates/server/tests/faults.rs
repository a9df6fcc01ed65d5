//! Kill and restart under load (D1, D2): what was acknowledged is there, once, whatever moment the process dies at. The real program
//! on a real file; rounds by `OTKLIK_FAULT_ROUNDS` (`cargo xtask test --faults` runs 200).

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const WRITERS: usize = 8;

struct Otklik {
    child: Child,
    address: String,
}

impl Otklik {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_otklik"))
            .env("OTKLIK_VISITOR_LIMITS", "off")
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("OTKLIK_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says that it is ready");
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        Self { child, address: ready["listen"].as_str().expect("an address").to_owned() }
    }

    /// `kill -9`: nothing is flushed, nothing is said.
    fn kill(self) {
        drop(self);
    }
}

impl Drop for Otklik {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn init(data: &Path) -> Value {
    let made = Command::new(env!("CARGO_BIN_EXE_otklik"))
        .args([
            "init",
            "--email",
            "a@a.example",
            "--password",
            "long enough pass",
            "--account",
            "A",
            "--project",
            "P",
            "--data",
        ])
        .arg(data)
        .output()
        .expect("init runs");
    serde_json::from_slice(&made.stdout).expect("init prints JSON")
}

/// What one visitor sent, and what was acknowledged: client id to (message id, seq).
type Acknowledged = Arc<Mutex<BTreeMap<String, (String, i64)>>>;

/// Writes until the socket dies; unanswered messages are sent again after the restart, with the same client id.
async fn write_until_killed(
    address: String,
    site_key: String,
    token: String,
    writer: usize,
    round: u32,
    acknowledged: Acknowledged,
) {
    let Ok((socket, _)) = connect_async(format!("ws://{address}/w/v1/live")).await else { return };
    let (mut sink, mut stream) = socket.split();
    let auth = json!({ "type": "auth", "site_key": site_key, "visitor_token": token });
    if sink.send(Message::Text(auth.to_string().into())).await.is_err() {
        return;
    }
    let sending = async {
        for number in 0..10_000 {
            let id = format!("{writer}-{round}-{number}");
            let frame = json!({ "type": "message", "client_id": id, "content": { "text": id } });
            if sink.send(Message::Text(frame.to_string().into())).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let hearing = async {
        while let Some(Ok(frame)) = stream.next().await {
            let Message::Text(text) = frame else { continue };
            let frame: Value = serde_json::from_str(&text).expect("our own JSON");
            if frame["type"] == "ack" {
                let id = frame["client_id"].as_str().expect("an id").to_owned();
                let known = (frame["id"].as_str().expect("an id").to_owned(), frame["seq"].as_i64().expect("a number"));
                acknowledged.lock().expect("whole").insert(id, known);
            }
        }
    };
    tokio::join!(sending, hearing);
}

fn client() -> reqwest::Client {
    egress::choose_tls();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn stored(address: &str, account: &Value) -> Vec<Value> {
    let client = client();
    let key = account["api_key"].as_str().expect("a key");
    let project = account["project_id"].as_str().expect("a project");
    let base = format!("http://{address}/api/v1/projects/{project}");
    let get = |path: String| {
        let request = client.get(format!("{base}{path}")).bearer_auth(key);
        async move { request.send().await.expect("an answer").json::<Value>().await.expect("JSON") }
    };
    let mut all = Vec::new();
    let conversations = get("/conversations?limit=200".into()).await;
    for conversation in conversations["items"].as_array().expect("a list") {
        let mut cursor = String::new();
        loop {
            let page = get(format!(
                "/conversations/{}/messages?limit=200{cursor}",
                conversation["id"].as_str().expect("an id")
            ))
            .await;
            all.extend(page["items"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_no_acknowledged_message_and_doubles_none() {
    let rounds: u32 = std::env::var("OTKLIK_FAULT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let data: PathBuf = std::env::temp_dir().join(format!("otklik-faults-{}", std::process::id()));
    let account = init(&data);
    let site_key = account["site_key"].as_str().expect("a key").to_owned();
    let acknowledged = Acknowledged::default();
    let mut moment: u64 = 88_172_645_463_325_252;
    for round in 0..rounds {
        let otklik = Otklik::start(&data);
        let known = acknowledged.lock().expect("whole").len();
        for writer in 0..WRITERS {
            let token = format!("{writer:032x}");
            tokio::spawn(write_until_killed(
                otklik.address.clone(),
                site_key.clone(),
                token,
                writer,
                round,
                acknowledged.clone(),
            ));
        }
        moment ^= moment << 13;
        moment ^= moment >> 7;
        moment ^= moment << 17;
        // The first kill may come before anything was acknowledged; a busy machine must not make all of them so.
        let is_load = || round == 0 || acknowledged.lock().expect("whole").len() > known;
        for _ in 0..600 {
            if is_load() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(60 + moment % 440)).await;
        otklik.kill();
    }
    let otklik = Otklik::start(&data);
    let stored = stored(&otklik.address, &account).await;
    let acknowledged = acknowledged.lock().expect("whole").clone();
    assert!(acknowledged.len() > rounds as usize * WRITERS, "the load was a load: {}", acknowledged.len());

    let mut by_client_id: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for message in &stored {
        let id = message["client_id"].as_str().expect("a client id");
        let known = (message["id"].as_str().expect("an id"), message["seq"].as_i64().expect("a number"));
        assert_eq!(by_client_id.insert(id, known), None, "{id} is stored twice");
    }
    for (id, (message, seq)) in &acknowledged {
        assert_eq!(by_client_id.get(id.as_str()), Some(&(message.as_str(), *seq)), "{id} was acknowledged");
    }
    let mut seqs: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for message in &stored {
        seqs.entry(message["conversation_id"].as_str().expect("an id"))
            .or_default()
            .insert(message["seq"].as_i64().expect("a number"));
    }
    for (conversation, numbers) in seqs {
        let expected: BTreeSet<i64> = (1..=i64::try_from(numbers.len()).expect("few")).collect();
        assert_eq!(numbers, expected, "{conversation} has a gap");
    }
    println!("{rounds} rounds: {} acknowledged, {} stored, none lost, none doubled", acknowledged.len(), stored.len());
    otklik.kill();
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}

/// A person with a place in two families: one shares the phone, the other the e-mail.
fn person(number: usize) -> Value {
    let fields = json!({ "phone": format!("+7912{:07}", number / 3), "email": format!("e{}@x.example", number / 4) });
    json!({ "op": "create", "external_id": format!("p{number}"), "fields": fields })
}

/// Asks until the server is there; its answer.
async fn ask(method: reqwest::Method, url: String, key: &str, body: Option<Value>) -> Value {
    let client = client();
    let mut request = client.request(method, url).bearer_auth(key);
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.expect("an answer").json().await.expect("JSON")
}

/// Waits for a job and kills the server wherever the job is seen for the first time, up to so many times: the number of kills does not
/// depend on how fast the machine is. The server that saw the end, the job then, and where it was seen.
async fn killed_on_its_way(
    mut otklik: Otklik,
    data: &Path,
    base: &impl Fn(&Otklik) -> String,
    job_path: &str,
    key: &str,
    kills: usize,
) -> (Otklik, Value, BTreeSet<i64>) {
    let mut seen = BTreeSet::new();
    loop {
        let job = ask(reqwest::Method::GET, format!("{}{job_path}", base(&otklik)), key, None).await;
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return (otklik, job, seen);
        }
        if seen.len() == kills || !seen.insert(job["progress"]["done"].as_i64().expect("a number")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        otklik.kill();
        otklik = Otklik::start(data);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_rules_are_applied_ends_where_a_rebuild_would() {
    const PEOPLE: usize = 8_000;
    let data: PathBuf = std::env::temp_dir().join(format!("otklik-apply-faults-{}", std::process::id()));
    let account = init(&data);
    let key = account["api_key"].as_str().expect("a key");
    let base = |otklik: &Otklik| {
        format!("http://{}/api/v1/projects/{}", otklik.address, account["project_id"].as_str().expect("a project"))
    };
    let otklik = Otklik::start(&data);
    for start in (0..PEOPLE).step_by(1_000) {
        let changes: Vec<Value> = (start..start + 1_000).map(person).collect();
        let body = json!({ "changes": changes });
        let done = ask(reqwest::Method::POST, format!("{}/changes", base(&otklik)), key, Some(body)).await;
        assert_eq!(done["applied"], 1_000, "{done}");
    }
    let wanted =
        json!({ "rules": [{ "fields": ["phone"] }, { "fields": ["email"] }], "settings": { "max_group": null } });
    let url = format!("{}/multi-contact-rules/apply", base(&otklik));
    let job = ask(reqwest::Method::POST, url, key, Some(wanted)).await;
    let job_path = format!("/jobs/{}", job["id"].as_str().expect("a job"));
    let (otklik, ended, seen) = killed_on_its_way(otklik, &data, &base, &job_path, key, usize::MAX).await;
    assert_eq!(ended["state"], "done", "{ended}");
    assert!(seen.len() > 2, "it was killed on its way: {seen:?}");
    let rules = ask(reqwest::Method::GET, format!("{}/multi-contact-rules", base(&otklik)), key, None).await;
    assert_eq!(rules["items"].as_array().expect("a list").len(), 2, "{rules}");
    otklik.kill();
    let rebuilt = Command::new(env!("CARGO_BIN_EXE_otklik")).args(["rebuild", "--data"]).arg(&data).output();
    let rebuilt: Value = serde_json::from_slice(&rebuilt.expect("rebuild runs").stdout).expect("JSON");
    assert_eq!(rebuilt["contacts_that_changed_their_group"], 0, "after kills at {seen:?}");
    println!("{} kills while rules were applied, at {seen:?} of 100", seen.len());
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_a_client_is_erased_leaves_nothing_of_it() {
    const CONTACTS: usize = 400;
    let data: PathBuf = std::env::temp_dir().join(format!("otklik-erase-faults-{}", std::process::id()));
    let account = init(&data);
    let key = account["api_key"].as_str().expect("a key");
    let base = |otklik: &Otklik| {
        format!("http://{}/api/v1/projects/{}", otklik.address, account["project_id"].as_str().expect("a project"))
    };
    let otklik = Otklik::start(&data);
    let create =
        |name: String, phone: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": phone } });
    let mut changes = vec![
        json!({ "op": "rule_add", "key": "phone", "fields": ["phone"] }),
        json!({ "op": "settings", "settings": { "hub_limit": null, "max_group": null } }),
        create("stays".into(), "+79120000001"),
    ];
    changes.extend((0..CONTACTS).map(|at| create(format!("canary-{at}"), "+79125550142")));
    let url = format!("{}/changes", base(&otklik));
    let done = ask(reqwest::Method::POST, url, key, Some(json!({ "changes": changes }))).await;
    assert_eq!(done["applied"], CONTACTS + 3, "{done}");
    let found = ask(reqwest::Method::GET, format!("{}/contacts?q=canary-7&limit=1", base(&otklik)), key, None).await;
    let contact = found["items"][0]["id"].as_str().expect("a contact");
    let url = format!("{}/contacts/{contact}/erase", base(&otklik));
    let job = ask(reqwest::Method::POST, url, key, Some(json!({ "whole_client": true }))).await;
    let job_path = format!("/jobs/{}", job["id"].as_str().expect("a job"));
    let (otklik, ended, seen) = killed_on_its_way(otklik, &data, &base, &job_path, key, 8).await;
    assert_eq!((&ended["state"], &ended["result"]["contacts"]), (&json!("done"), &json!(CONTACTS)), "{ended}");
    assert!(seen.len() > 2, "it was killed on its way: {seen:?}");
    let left = ask(reqwest::Method::GET, format!("{}/contacts", base(&otklik)), key, None).await;
    assert_eq!(left["items"].as_array().expect("a list").len(), 1, "{left}");
    otklik.kill();
    // As a backup holds it: what SQLite keeps of deleted rows would be found here.
    let copy = data.join("copy.db");
    let copied = Command::new(env!("CARGO_BIN_EXE_otklik")).args(["backup", "--data"]).arg(&data).arg(&copy).output();
    assert!(copied.expect("backup runs").status.success());
    let bytes = std::fs::read(&copy).expect("a copy");
    assert!(!bytes.windows(7).any(|window| window == b"canary-"), "a trace is left after kills at {seen:?}");
    assert!(bytes.windows(5).any(|window| window == b"stays"), "others keep theirs");
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_a_table_is_imported_stores_every_row_once_and_counts_it_once() {
    const ROWS: usize = 6_000;
    let data: PathBuf = std::env::temp_dir().join(format!("otklik-import-faults-{}", std::process::id()));
    let account = init(&data);
    let key = account["api_key"].as_str().expect("a key");
    let base = |otklik: &Otklik| {
        format!("http://{}/api/v1/projects/{}", otklik.address, account["project_id"].as_str().expect("a project"))
    };
    let otklik = Otklik::start(&data);
    let rule = json!({ "changes": [{ "op": "rule_add", "key": "phone", "fields": ["phone"] }] });
    ask(reqwest::Method::POST, format!("{}/changes", base(&otklik)), key, Some(rule)).await;
    // Every tenth row cannot be taken.
    let row = |at: usize| match at % 10 {
        0 => format!("r{at},{}\n", "1".repeat(501)),
        _ => format!("r{at},+7912{:07}\n", at / 3),
    };
    let table = format!("external_id,phone\n{}", (0..ROWS).map(row).collect::<String>());
    let client = client();
    let request = client.post(format!("{}/contacts/import", base(&otklik))).bearer_auth(key);
    let answer = request.header("content-type", "text/csv").body(table).send().await.expect("an answer");
    let job: Value = answer.json().await.expect("JSON");
    let job_path = format!("/jobs/{}", job["id"].as_str().expect("a job"));
    let (otklik, ended, seen) = killed_on_its_way(otklik, &data, &base, &job_path, key, 12).await;
    let counts = &ended["result"];
    let expected = (json!("done"), json!(ROWS), json!(ROWS - ROWS / 10), json!(ROWS / 10), json!(0));
    let found = ["rows", "created", "refused", "changed"].map(|name| counts[name].clone());
    let [rows, created, refused, changed] = found;
    assert_eq!((ended["state"].clone(), rows, created, refused, changed), expected, "after kills at {seen:?}");
    assert!(seen.len() > 2, "it was killed on its way: {seen:?}");
    let exported = client.get(format!("{}/contacts/export", base(&otklik))).bearer_auth(key).send().await;
    let exported = exported.expect("an answer").text().await.expect("text");
    assert_eq!(exported.lines().count(), 1 + ROWS - ROWS / 10, "every row once");
    otklik.kill();
    let rebuilt = Command::new(env!("CARGO_BIN_EXE_otklik")).args(["rebuild", "--data"]).arg(&data).output();
    let rebuilt: Value = serde_json::from_slice(&rebuilt.expect("rebuild runs").stdout).expect("JSON");
    assert_eq!(rebuilt["contacts_that_changed_their_group"], 0, "after kills at {seen:?}");
    println!("{} kills while a table was imported, at {seen:?}", seen.len());
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}

/// The index of search, read from the file itself: messages that are to be in it, those that are, and clients that are not.
fn index_of(data: &Path) -> (i64, i64, i64) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(data.join("otklik.db"), flags).expect("a database");
    let count = |query: &str| database.query_row(query, [], |row| row.get::<_, i64>(0)).expect("a number");
    (
        count("SELECT COUNT(*) FROM messages WHERE kind IN ('message', 'note')"),
        count("SELECT COUNT(*) FROM search_messages s JOIN messages m ON m.id = s.message_id"),
        count(
            "SELECT COUNT(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM search_clients s WHERE s.id = c.id AND s.kind = 'contact')",
        ),
    )
}

/// Waits for the index to be whole, as the server says it.
async fn whole(otklik: &Otklik, account: &Value) -> Value {
    let (key, project) = (account["api_key"].as_str().expect("a key"), account["project_id"].as_str().expect("an id"));
    let url = format!("http://{}/api/v1/projects/{project}/search?q=zzzz", otklik.address);
    for _ in 0..600 {
        let found = ask(reqwest::Method::GET, url.clone(), key, None).await;
        if found["index"]["complete"] == true && found["index"]["behind"] == 0 {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the index is not made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_the_index_of_search_is_made_leaves_it_whole_and_nothing_twice() {
    const MESSAGES: usize = 1_500;
    let data: PathBuf = std::env::temp_dir().join(format!("otklik-search-faults-{}", std::process::id()));
    let account = init(&data);
    let site_key = account["site_key"].as_str().expect("a key").to_owned();
    let acknowledged = Acknowledged::default();
    // Killed while the log is followed.
    let mut rounds = 0;
    while acknowledged.lock().expect("whole").len() < MESSAGES {
        let otklik = Otklik::start(&data);
        for writer in 0..WRITERS {
            let (address, token) = (otklik.address.clone(), format!("{writer:032x}"));
            tokio::spawn(write_until_killed(address, site_key.clone(), token, writer, rounds, acknowledged.clone()));
        }
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        otklik.kill();
        rounds += 1;
        assert!(rounds < 40, "the machine is too slow to make a load");
    }
    let otklik = Otklik::start(&data);
    whole(&otklik, &account).await;
    otklik.kill();
    let (messages, indexed, clients) = index_of(&data);
    assert!(messages as usize >= MESSAGES);
    assert_eq!((indexed, clients), (messages, 0), "after {rounds} kills while the log was followed");

    // Killed while those are walked through who were there before.
    let database = rusqlite::Connection::open(data.join("otklik.db")).expect("a database");
    let emptied = "DELETE FROM search_messages; DELETE FROM search_clients; DELETE FROM search_follows;";
    database.execute_batch(emptied).expect("emptied");
    drop(database);
    let (mut kills, mut otklik) = (BTreeSet::new(), Otklik::start(&data));
    loop {
        let (_, indexed, _) = index_of(&data);
        if indexed >= messages || kills.len() == 6 {
            break;
        }
        if indexed == 0 || !kills.insert(indexed) {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        otklik.kill();
        otklik = Otklik::start(&data);
    }
    assert!(kills.len() > 1, "it was killed on its way: {kills:?}");
    whole(&otklik, &account).await;
    otklik.kill();
    assert_eq!(index_of(&data), (messages, messages, 0), "after kills at {kills:?}");
    let database = rusqlite::Connection::open(data.join("otklik.db")).expect("a database");
    for table in ["search_messages_terms", "search_clients_terms"] {
        let check = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)");
        database.execute_batch(&check).unwrap_or_else(|error| panic!("{table} is not what its rows say: {error}"));
    }
    println!("the index was killed {rounds} times behind the log and at {kills:?} of {messages} on its walk");
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}
