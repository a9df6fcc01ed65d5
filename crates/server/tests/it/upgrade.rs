//! An installation that the last program before schema 12 made and used opens with all its data (see `schema-11/README.md`).

use flate2::read::GzDecoder;
use reqwest::StatusCode;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use schema::EmptyDb;
use serde_json::{Value, json};
use server::config::ServeOptions;
use server::listen::{self, Patience};
use server::{App, router};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const KEY: &str = "otk_96012d1717ef4f6584997095e3b5a6b0ab5bb01cbebd4370b43493050c62268c";

fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

/// Every GET that the program before answered.
fn answers() -> BTreeMap<String, (u16, Value)> {
    serde_json::from_str(&unpacked(include_bytes!("schema-11/answers.json.gz"))).unwrap()
}

/// The installation as the program before left it.
pub async fn installation() -> EmptyDb {
    let empty = EmptyDb::new().await;
    let file = empty.folder.join(if empty.url.is_some() { "rows.db" } else { "otklik.db" });
    let old = Connection::open(&file).unwrap();
    old.execute_batch("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=OFF").unwrap();
    old.execute_batch(&unpacked(include_bytes!("schema-11/rows.sql.gz"))).unwrap();
    std::fs::write(empty.folder.join("master.key"), include_bytes!("schema-11/master.key")).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(empty.folder.join("master.key"), private).unwrap();
    if let Some(url) = &empty.url {
        copy_to_postgres(&old, url).await;
    }
    empty
}

/// The same tables and rows, as that program kept them on PostgreSQL.
async fn copy_to_postgres(old: &Connection, url: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&schema::script_of_last()).await.unwrap();
    let mut rows = String::from("SELECT set_config('otklik.account', '*', false);");
    for table in ["schema_version"].into_iter().map(str::to_owned).chain(schema::tables_of_last()) {
        let mut kinds = old.prepare("SELECT name, type = 'BOOLEAN' FROM pragma_table_info(?1) ORDER BY cid").unwrap();
        let columns = kinds.query_map([&table], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let columns: Vec<(String, bool)> = columns.map(Result::unwrap).collect();
        let mut query = old.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut found = query.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let literal = |(at, (_, is_flag)): (usize, &(String, bool))| match row.get_ref(at).unwrap() {
                ValueRef::Null => "NULL".to_owned(),
                ValueRef::Integer(flag) if *is_flag => (flag != 0).to_string(),
                ValueRef::Integer(number) => number.to_string(),
                other => format!("'{}'", other.as_str().unwrap().replace('\'', "''")),
            };
            let values: Vec<String> = columns.iter().enumerate().map(literal).collect();
            rows.push_str(&format!("INSERT INTO {table} ({}) VALUES ({});", names.join(", "), values.join(", ")));
        }
    }
    client.batch_execute(&rows).await.unwrap();
}

/// What starts the program over it.
pub fn options(empty: &EmptyDb) -> ServeOptions {
    ServeOptions {
        data: empty.folder.clone(),
        database_url: empty.url.clone(),
        listen: "127.0.0.1:0".into(),
        public_url: String::new(),
        keep_events_days: 30,
        keep_journal_days: 14,
        allow_egress: Vec::new(),
        nats_url: None,
        lease_seconds: 60,
        trusted_proxy: Vec::new(),
        country_database: None,
        visitor_limits: "on".parse().unwrap(),
    }
}

/// The program of today over it, without its workers: nothing changes by itself.
async fn serve(empty: &EmptyDb) -> (App, String) {
    let app = App::open(&options(empty)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = router(&app).unwrap();
    tokio::spawn(listen::serve(listener, router, Patience::default(), std::future::pending()));
    (app, address)
}

/// Every GET of before is answered as before.
async fn answers_as_before(address: &str) {
    let http = harness::client();
    for (path, (status, body)) in answers() {
        let response = http.get(format!("{address}{path}")).bearer_auth(KEY).send().await.unwrap();
        let found = response.status();
        let (mut answer, mut body): (Value, Value) = (response.json().await.unwrap(), body);
        // A refusal names its request.
        for one in [&mut answer, &mut body] {
            one.as_object_mut().map(|fields| fields.remove("request_id"));
        }
        // What a newer program says besides.
        if path == "/api/v1/api-keys" {
            let maker = answer["items"][0].as_object_mut().and_then(|key| key.remove("made_by"));
            assert!(maker.is_some_and(|maker| maker.is_string()), "keys of before are the owner's");
        }
        if path == "/api/v1/users" {
            for user in answer["items"].as_array_mut().unwrap() {
                let factor = user.as_object_mut().and_then(|user| user.remove("second_factor"));
                assert_eq!(factor, Some(json!(false)), "nobody is asked for a code");
                let demo = user.as_object_mut().and_then(|user| user.remove("demo"));
                assert_eq!(demo, Some(json!(false)), "people who can sign in belong to no demo data");
            }
        }
        if path.contains("/fields/") && path.ends_with("/usage") && found == StatusCode::OK {
            let segments = answer.as_object_mut().and_then(|usage| usage.remove("segments"));
            assert_eq!(segments, Some(json!([])), "there were none");
        }
        if path.ends_with("/conversations/counts") {
            let unread = answer.as_object_mut().and_then(|counts| counts.remove("unread"));
            assert_eq!(unread, Some(json!(2)), "nobody has read them");
            for later in ["snoozed", "mentions"] {
                let count = answer.as_object_mut().and_then(|counts| counts.remove(later));
                assert_eq!(count, Some(json!(0)), "nothing was put off, and no note named anybody");
            }
        }
        if path.contains("/conversations") {
            let all: Vec<&mut Value> = match answer.get("items") {
                Some(_) => answer["items"].as_array_mut().unwrap().iter_mut().collect(),
                None => vec![&mut answer],
            };
            for conversation in all.into_iter().filter(|one| one.get("assignee_id").is_some()) {
                let until = conversation.as_object_mut().and_then(|one| one.remove("snoozed_until"));
                assert_eq!(until, Some(Value::Null), "nothing was put off");
                let tags = conversation["contact"].as_object_mut().and_then(|client| client.remove("tags"));
                assert!(tags.is_some_and(|tags| tags.is_array()), "what the client's own page tells, too");
            }
        }
        let projects: Vec<&mut Value> = match path.split('/').collect::<Vec<_>>().as_slice() {
            [_, "api", "v1", "projects"] => answer["items"].as_array_mut().unwrap().iter_mut().collect(),
            [_, "api", "v1", "projects", _] if found == StatusCode::OK => vec![&mut answer],
            _ => Vec::new(),
        };
        for project in projects {
            let assigns = project.as_object_mut().and_then(|project| project.remove("answer_assigns"));
            assert_eq!(assigns, Some(json!(true)), "whoever answers takes it, unless it is switched off");
            let zone = project.as_object_mut().and_then(|project| project.remove("time_zone"));
            assert_eq!(zone, Some(json!("Europe/Moscow")));
            let mut switch = |name| project.as_object_mut().and_then(|project| project.remove(name));
            assert_eq!(
                switch("watch_visitors"),
                Some(json!(true)),
                "who is on the site is seen, unless it is switched off"
            );
            assert_eq!(
                switch("typing_preview"),
                Some(json!(false)),
                "what is typed is nobody's, unless it is switched on"
            );
            assert_eq!(switch("working_hours"), Some(json!([])), "no promise that nobody gave");
            assert_eq!(switch("reply_minutes"), Some(Value::Null));
            assert_eq!(switch("several_conversations"), Some(json!(false)), "one goes on, unless it is switched on");
            assert_eq!(switch("told_by_department"), Some(json!(false)), "everybody is told, unless it is switched on");
            assert_eq!(switch("free_tags"), Some(json!(true)), "any word is a tag, unless it is switched off");
            let look = project["appearance"].as_object_mut().unwrap();
            assert_eq!(
                (&look["menu"], &look["theme"], &look["sound"]),
                (&json!("opened"), &json!("auto"), &json!(true))
            );
            // Members of before only.
            look.retain(|name, _| ["title", "greeting", "brand", "side", "locale"].contains(&name.as_str()));
        }
        for item in answer.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            if item["kind"] == "site" && path.ends_with("/connections") {
                // Its health is its real traffic now.
                assert!(item["health"]["last_in_at"].is_string(), "{item}");
                item["health"]["last_in_at"] = Value::Null;
                item["health"]["last_out_at"] = Value::Null;
            }
            if path.ends_with("/connections") {
                let planned = item.as_object_mut().and_then(|item| item.remove("planned"));
                assert_eq!(planned, Some(Value::Null), "no work was announced");
            }
            if path.ends_with("/users") {
                let person = item.as_object_mut().unwrap();
                assert_eq!(
                    person.remove("availability"),
                    Some(json!("available")),
                    "who said nothing takes what comes"
                );
                // Of a project's people only.
                person.remove("open_conversations");
                person.remove("max_open");
            }
            if path.ends_with("/multi-contact-overrides") {
                assert_eq!((&item["holds"], &item["gave_way"]), (&json!(true), &json!([])), "{item}");
            }
            for side in ["", "/before", "/after", "/before/decision", "/after/decision"] {
                let Some(side) = item.pointer_mut(side).and_then(Value::as_object_mut) else { continue };
                for name in ["created_seq", "holds", "gave_way", "gave_way_to"] {
                    side.remove(name);
                }
            }
        }
        if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut)
            && path.ends_with("/channel-kinds")
        {
            // A channel that came since.
            items.retain(|item| item["kind"] != "email");
        }
        // Jobs of the upgrade itself: values are compared, and looked through, in a new way.
        if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut).filter(|_| path.ends_with("/jobs")) {
            items.retain(|job| job["state"] != "waiting");
        }
        assert_eq!((found, &answer), (StatusCode::from_u16(status).unwrap(), &body), "GET {path}");
    }
}

#[tokio::test]
async fn an_installation_of_the_program_before_answers_as_it_did() {
    let empty = installation().await;
    let (app, address) = serve(&empty).await;
    answers_as_before(&address).await;
    // What the log told is told again, by position: messages as they are now.
    let told = app.messaging.db.read(db::Scope::System, |tx| {
        Box::pin(async move {
            let (account,): (model::AccountId,) =
                db::sql!("SELECT account_id FROM accounts -- any account_id").one(tx).await?;
            let (newest, oldest) = events::bounds(tx, &account).await?;
            let rows = events::after(tx, &account, oldest - 1, 1000).await?;
            Ok::<_, model::Refusal>((newest, oldest, rows))
        })
    });
    let (newest, oldest, rows) = told.await.unwrap();
    assert_eq!(rows.iter().map(|row| row.position).collect::<Vec<_>>(), (oldest..=newest).collect::<Vec<_>>());
    let told = |kind: &str| rows.iter().filter(|row| row.kind == kind).count();
    assert!(told("message.created") > 10 && told("conversation.updated") > 5);
    // A second start finds nothing to do.
    drop(app);
    if empty.url.is_none() {
        assert!(!schema::is_outdated(&empty.folder.join("otklik.db")).unwrap());
    }
}

/// The rest is about SQLite's file: on PostgreSQL an upgrade is one transaction.
pub fn is_sqlite() -> bool {
    std::env::var("OTKLIK_TEST_ENGINE").as_deref() != Ok("postgres")
}

fn otklik(folder: &Path, command: &str) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_otklik"));
    program.arg(command).arg("--data").arg(folder).env_remove("OTKLIK_DATABASE_URL");
    program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Ends what stands in a file's log, so that the file is all there is.
pub fn closed(file: &Path) {
    Connection::open(file).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Brings an installation to today.
pub fn migrated(folder: &Path) {
    let (is_done, said) = ended(otklik(folder, "migrate"));
    assert!(is_done, "{said}");
    closed(&folder.join("otklik.db"));
}

/// How a command ended, and what it said.
fn ended(child: Child) -> (bool, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn version_of(file: &Path) -> i64 {
    let query = "SELECT MAX(version) FROM schema_version";
    Connection::open(file).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

/// How long this machine takes for an upgrade of this file, seen on a copy: so long are the kills spread over.
fn length_of_upgrade(file: &Path) -> Duration {
    closed(file);
    let copy = file.with_file_name("copy");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(file, copy.join("otklik.db")).unwrap();
    let begun = Instant::now();
    assert!(ended(otklik(&copy, "migrate")).0);
    let length = begun.elapsed();
    std::fs::remove_dir_all(copy).unwrap();
    length
}

#[tokio::test]
async fn an_upgrade_that_is_killed_twenty_times_loses_nothing() {
    if !is_sqlite() {
        return;
    }
    let empty = installation().await;
    let file = empty.folder.join("otklik.db");
    let many = "WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < 700)
        INSERT INTO messages SELECT account_id, printf('msg_%032x', m.rowid * 1000 + n), project_id, conversation_id, contact_id, connection_id,
          channel, seq + n * 1000, position, author_kind, author_id, author_name, kind, content, NULL, NULL, client_count, delivery_status,
          delivery_code, delivery_detail, delivery_at, reply_to, created_at, edited_at FROM messages m, copies";
    Connection::open(&file).unwrap().execute_batch(many).unwrap();
    let count = |file: &Path| -> i64 {
        Connection::open(file).unwrap().query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0)).unwrap()
    };
    let before = count(&file);
    let whole = length_of_upgrade(&file);
    let mut half_way = 0;
    for kill in 0..20 {
        let mut upgrade = otklik(&empty.folder, "migrate");
        std::thread::sleep(whole * (kill + 1) / 20);
        let _ = upgrade.kill();
        let _ = upgrade.wait();
        // Whenever it dies, there is a whole installation: of before or of today.
        half_way += i64::from(version_of(&file) == 11);
        assert_eq!(count(&file), before, "after kill {kill}");
    }
    assert!(half_way > 5, "most kills come while it works: {half_way}");
    let (is_done, said) = ended(otklik(&empty.folder, "migrate"));
    assert!(is_done, "{said}");
    assert_eq!((version_of(&file), count(&file)), (schema::current_version(), before));
    let snapshot = empty.folder.join("before-schema-12.db");
    assert_eq!((version_of(&snapshot), count(&snapshot)), (11, before), "the old file is kept");
    let left: Vec<PathBuf> = std::fs::read_dir(&empty.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!left.iter().any(|path| path.to_string_lossy().contains("upgrading")), "{left:?}");
}

#[tokio::test]
async fn a_file_that_is_not_ours_to_change_is_refused_in_words_and_stays_as_it_is() {
    if !is_sqlite() {
        return;
    }
    type Made = fn(&Path);
    let cases: [(&str, Made, &str); 4] = [
        (
            "newer",
            |file| sql(file, "CREATE TABLE schema_version (version BIGINT); INSERT INTO schema_version VALUES (9999)"),
            "start a newer otklik",
        ),
        ("foreign", |file| sql(file, "CREATE TABLE invoices (id INTEGER)"), "tables of another program"),
        (
            "text",
            |file| std::fs::write(file, "this was never a database, whatever its name says").unwrap(),
            "is not a database",
        ),
        (
            "cut",
            |file| {
                sql(file, &unpacked(include_bytes!("schema-11/rows.sql.gz")));
                let whole = std::fs::read(file).unwrap();
                std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
            },
            "otklik: ",
        ),
    ];
    for (name, make, words) in cases {
        let empty = EmptyDb::new().await;
        let file = empty.folder.join("otklik.db");
        make(&file);
        let before = std::fs::read(&file).unwrap();
        let (is_done, said) = ended(otklik(&empty.folder, "migrate"));
        assert!(!is_done && said.contains(words), "{name}: {said}");
        assert!(std::fs::read(&file).unwrap() == before, "{name}: the file was changed");
    }
}

/// Runs statements on a file.
pub fn sql(file: &Path, script: &str) {
    let database = Connection::open(file).unwrap();
    database.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
    database.execute_batch(script).unwrap();
}

#[tokio::test]
async fn an_upgrade_waits_for_nobody_else_in_the_folder() {
    if !is_sqlite() {
        return;
    }
    let empty = installation().await;
    let held = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(empty.folder.join("otklik.lock"))
        .unwrap();
    held.lock().unwrap();
    let (is_done, said) = ended(otklik(&empty.folder, "doctor"));
    assert!(!is_done && said.contains("in use by another otklik"), "{said}");
    assert_eq!(version_of(&empty.folder.join("otklik.db")), 11);
}

#[tokio::test]
async fn an_older_snapshot_is_left_alone_and_this_one_is_kept_beside_it() {
    if !is_sqlite() {
        return;
    }
    let empty = installation().await;
    let older = empty.folder.join("before-schema-12.db");
    std::fs::write(&older, "an upgrade before this one").unwrap();
    let (is_done, said) = ended(otklik(&empty.folder, "migrate"));
    assert!(is_done, "{said}");
    assert_eq!(std::fs::read_to_string(&older).unwrap(), "an upgrade before this one");
    assert_eq!(version_of(&empty.folder.join("before-schema-12-2.db")), 11);
}
