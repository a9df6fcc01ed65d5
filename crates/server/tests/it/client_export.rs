//! The export of one client is whole (D17): a person is filled with marked words through channels, people and tables, every text of every table
//! is looked through for them, and what is found is held against the export and against the map of what is personal.

use harness::{PASSWORD, Product, answer, join, new_account, sign_in};
use reqwest::{Method, StatusCode};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

const MAP: &str = include_str!("../../../schema/personal.txt");
const MARK: &str = "канарейка";
const OTHERS: &str = "соседкина";
/// Words of the client that are marked.
const MARKS: usize = 30;
const PHONE: &str = "89127361001";

fn mark(number: usize) -> String {
    format!("{MARK}{number:02}")
}

/// The class of each table, and the words of its line.
fn map() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let lines = MAP.lines().filter(|line| !line.starts_with('#'));
    let line = |line: &'static str| {
        let (table, rest) = line.split_once(' ').unwrap();
        (table, rest.split_once(' ').unwrap())
    };
    lines.map(line).collect()
}

/// The database behind the program's back.
struct Behind {
    sqlite: Option<Connection>,
    postgres: Option<tokio_postgres::Client>,
}

impl Behind {
    async fn of(product: &Product) -> Self {
        match &product.test_db.url {
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
                let database = Connection::open_with_flags(product.test_db.folder.join("otklik.db"), flags).unwrap();
                database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                Self { sqlite: Some(database), postgres: None }
            }
            Some(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("SELECT set_config('otklik.account', '*', false)").await.unwrap();
                Self { sqlite: None, postgres: Some(client) }
            }
        }
    }

    /// An id as this engine writes it.
    fn id(&self, id: &str) -> String {
        let bits = id.rsplit('_').next().unwrap();
        if self.sqlite.is_some() { format!("X'{bits}'") } else { format!("CAST('{bits}' AS UUID)") }
    }

    async fn run(&self, script: &str) {
        match (&self.sqlite, &self.postgres) {
            (Some(database), _) => database.execute_batch(script).unwrap_or_else(|e| panic!("{script}: {e}")),
            (_, Some(client)) => client.batch_execute(script).await.unwrap_or_else(|e| panic!("{script}: {e:?}")),
            _ => unreachable!(),
        }
    }

    /// Every text of every row of a table.
    async fn texts(&self, table: &str) -> Vec<String> {
        if let Some(database) = &self.sqlite {
            let mut query = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = query.column_count();
            let mut rows = query.query([]).unwrap();
            let mut texts = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    if let ValueRef::Text(text) = row.get_ref(column).unwrap() {
                        texts.push(String::from_utf8_lossy(text).into_owned());
                    }
                }
            }
            return texts;
        }
        let client = self.postgres.as_ref().unwrap();
        let rows = client.query(&format!("SELECT CAST(to_jsonb(t) AS TEXT) FROM {table} t"), &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect()
    }
}

/// Marks in a text.
fn marks_in(text: &str) -> BTreeSet<String> {
    text.match_indices(MARK).filter_map(|(at, _)| text.get(at..at + MARK.len() + 2)).map(str::to_owned).collect()
}

/// Documents and files of a ZIP.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("it has an end");
    let count = archive.len();
    let read = |at| {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    let entries: BTreeMap<String, Vec<u8>> = (0..count).map(read).collect();
    assert_eq!(entries.len(), count, "each once");
    entries
}

async fn exported(product: &Product, contact: &str, query: &str) -> BTreeMap<String, Vec<u8>> {
    let path = product.url(&product.project(&format!("/contacts/{contact}/export{query}")));
    let answer = product.http.get(path).bearer_auth(&product.account.api_key).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    unzipped(&answer.bytes().await.unwrap())
}

fn document(export: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(export.get(name).unwrap_or_else(|| panic!("{name}: {:?}", export.keys()))).unwrap()
}

/// A client of the site and of the API, of whom every table knows something; ids of both contacts.
async fn filled(product: &Product, behind: &Behind) -> (String, String) {
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", &mark(0)).await;
    for name in [mark(1), mark(2)] {
        visitor.send(json!({ "type": "fields", "fields": { "phone": PHONE, "name": name } })).await;
        visitor.expect("fields").await;
    }
    for sent in [true, false] {
        let name = mark(if sent { 3 } else { 4 });
        let part = reqwest::multipart::Part::bytes(harness::PIXEL.to_vec()).file_name(format!("{name}.png"));
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
        let (status, file) = answer(request.header("x-otklik-visitor", visitor.token()).multipart(form)).await;
        assert_eq!(status, StatusCode::CREATED);
        if sent {
            let content = json!({ "text": mark(5), "attachments": [file["id"]] });
            visitor.send(json!({ "type": "message", "client_id": "picture", "content": content })).await;
            visitor.expect("ack").await;
        }
    }
    let conversation = ack["conversation_id"].as_str().unwrap();
    let note = product.project(&format!("/conversations/{conversation}/notes"));
    product.post(&note, json!({ "client_id": "n", "text": mark(6) })).await;
    let answer = product.project(&format!("/conversations/{conversation}/messages"));
    product.post(&answer, json!({ "client_id": "a", "content": { "text": mark(7) } })).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let own = contacts["items"][0].clone();
    let id = own["id"].as_str().unwrap().to_owned();
    let (status, said) = product
        .call(Method::PATCH, &product.project(&format!("/contacts/{id}")), Some(json!({ "tags": [mark(8)] })))
        .await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let other = json!({ "channel": "api", "external_id": mark(9), "fields": { "phone": PHONE, "email": format!("{}@a.example", mark(10)) } });
    let other = product.post(&product.project("/contacts"), other).await;
    let other_id = other["id"].as_str().unwrap().to_owned();
    let neighbour =
        json!({ "channel": "api", "external_id": OTHERS, "fields": { "name": OTHERS, "phone": "89127361002" } });
    let neighbour = product.post(&product.project("/contacts"), neighbour).await;
    let apart = json!({ "kind": "unlink", "contact": other_id, "note": mark(11) });
    let decided = product.post(&product.project("/multi-contact-overrides"), apart).await;
    // Taken back, so that both are one client again; that it was decided stays in the log.
    let undo = product.project(&format!("/multi-contact-overrides/{}", decided["id"].as_str().unwrap()));
    product.call(Method::DELETE, &undo, None).await;
    let mailing = product.post(&product.project("/mailings"), json!({ "title": mark(12) })).await;
    let scenario = product.post(&product.project("/scenarios"), json!({ "name": "Бот" })).await;
    let auto_action = json!({ "title": "x", "enabled": false, "starts": "page", "conditions": { "all": [] }, "actions": [{ "type": "open_widget" }],
        "limits": { "per": "visit", "times": 1, "pause_seconds": 0, "over_open_dialog": false } });
    let auto_action = product.post(&product.project("/auto-actions"), auto_action).await;
    let messages = product.get(&answer).await;

    let id_of = |value: &Value| behind.id(value.as_str().unwrap());
    let (account, project) =
        (behind.id(&product.account.account_id.to_string()), behind.id(&product.account.project_id.to_string()));
    let (contact, conversation) = (behind.id(&id), behind.id(conversation));
    let (mailing, scenario, auto_action) = (id_of(&mailing["id"]), id_of(&scenario["id"]), id_of(&auto_action["id"]));
    let (connection, message, neighbour) =
        (id_of(&own["connection_id"]), id_of(&messages["items"][0]["id"]), id_of(&neighbour["id"]));
    let one = behind.id("x_00000000000000000000000000000001");
    let visitor_id = own["external_id"].as_str().unwrap();
    let m = mark;
    behind
        .run(&format!(
            "INSERT INTO archived_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
               VALUES ({account}, {contact}, 'old', 0, '{}', FALSE, 'api', NULL, 1);
             INSERT INTO page_tags (account_id, contact_id, tag) VALUES ({account}, {contact}, '{}');
             INSERT INTO value_states (account_id, project_id, field_key, norm, state, value, set_by, set_at)
               SELECT account_id, {project}, field_key, norm, 'allowed', '{}', NULL, 1 FROM field_values
               WHERE contact_id = {contact} AND field_key = 'phone' AND norm IS NOT NULL;
             INSERT INTO overrides (account_id, id, project_id, kind, subject, others, created_seq, created_by, note, created_at)
               VALUES ({account}, {one}, {project}, 'link', {contact}, '[]', 999, NULL, '{}', 1);
             INSERT INTO override_contacts (account_id, contact_id, override_id) VALUES ({account}, {contact}, {one});
             INSERT INTO refused_pairs (account_id, a, b, refused_by, refused_at) VALUES ({account}, {contact}, {neighbour}, '{}', 1);
             INSERT INTO deliveries (id, account_id, message_id, connection_id, contact_id, status, attempts, next_at, lease_until, created_at)
               VALUES ({one}, {account}, {message}, {connection}, {contact}, 'done', 1, 0, 0, 1);
             INSERT INTO delivery_attempts (account_id, delivery_id, attempt, started_at, ended_at, outcome, detail)
               VALUES ({account}, {one}, 1, 1, 2, 'failed', '{}');
             INSERT INTO ratings (account_id, conversation_id, project_id, contact_id, operator_id, score, comment, rated_at)
               VALUES ({account}, {conversation}, {project}, {contact}, NULL, 5, '{}', 1);
             INSERT INTO opt_outs (account_id, contact_id, source, at, said_by) VALUES ({account}, {contact}, 'api', 1, '{}');",
            m(13), m(14), m(15), m(16), m(17), m(18), m(19), m(20),
        ))
        .await;
    behind
        .run(&format!(
            "INSERT INTO mailing_recipients (account_id, mailing_id, person_id, contact_id, connection_id, channel, others, state, reason, zone,
               due_at, created_at, state_at) VALUES ({account}, {mailing}, {contact}, {contact}, {connection}, 'site', '[]', 'failed', '{}', '{}', 1, 1, 1);
             INSERT INTO mailing_clicks (account_id, mailing_id, person_id, link, at) VALUES ({account}, {mailing}, {contact}, 1, 1);
             INSERT INTO mailing_tests (account_id, mailing_id, contact_id, message_id, code, detail, sent_at)
               VALUES ({account}, {mailing}, {contact}, NULL, 'x', '{}', 1);
             INSERT INTO scenario_runs (account_id, id, project_id, scenario_id, version, conversation_id, contact_id, connection_id, launch, source,
               is_test, state, client_said, day, started_at, changed_at, ended_at, reason)
               VALUES ({account}, {one}, {project}, {scenario}, 1, {conversation}, {contact}, {connection}, 'x', '{}', FALSE, '{{\"kept\": \"{}\"}}',
               TRUE, 1, 1, 1, 1, '{}');
             INSERT INTO scenario_visits (account_id, run_id, visit, scenario_id, version, block, entered_at, exit, incorrect, answer)
               VALUES ({account}, {one}, 1, {scenario}, 1, 'b1', 1, '{}', 0, '{}');
             INSERT INTO test_users (account_id, project_id, contact_id, added_at) VALUES ({account}, {project}, {contact}, 1);
             INSERT INTO auto_action_showings (account_id, auto_action_id, project_id, visitor, client_id, shown_at, is_test)
               VALUES ({account}, {auto_action}, {project}, '{visitor_id}', '{}', 1, FALSE);
             INSERT INTO report_sessions (id, account_id, project_id, conversation_id, first_seq, seen_seq, began_at, day, hour, channel, connection_id,
               page, with_bot, client_messages, people_messages, bot_messages)
               VALUES ({one}, {account}, {project}, {conversation}, 999, 999, 1, 1, 1, 'site', {connection}, 'https://shop.example/{}', FALSE, 1, 1, 0);",
            m(21), m(22), m(23), m(24), m(25), m(26), m(27), m(28), m(29), m(29),
        ))
        .await;
    (id, other_id)
}

#[tokio::test]
async fn everything_that_is_held_about_a_client_is_in_the_export_or_said_why_not() {
    let product = Product::start().await;
    let behind = Behind::of(&product).await;
    let (id, other) = filled(&product, &behind).await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let conversations = product.get(&product.project("/conversations")).await;
    let conversation = conversations["items"][0]["id"].as_str().unwrap().to_owned();
    let draft = product.project(&format!("/conversations/{conversation}/draft"));
    owner.call(&product, Method::PUT, &draft, json!({ "text": "недописанное" })).await;

    let export = exported(&product, &id, "").await;
    let whole: String = export.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let said = marks_in(&whole);
    let wanted: BTreeSet<String> = (0..MARKS).map(mark).collect();
    assert_eq!(wanted.difference(&said).collect::<Vec<_>>(), Vec::<&String>::new(), "all that was said of them");
    assert!(!whole.contains(OTHERS), "nobody else");
    assert!(!whole.contains("недописанное"), "nor what an operator has not said");

    // Wherever something of them stands, the map says so; and what it calls theirs is in the export.
    let about = document(&export, "about.json");
    let tables = include_str!("../../../schema/tables.txt").lines().filter(|line| !line.starts_with('#'));
    let tables: BTreeSet<&str> = tables.filter_map(|line| line.split(' ').next()).collect();
    let map = map();
    assert_eq!(map.keys().copied().collect::<BTreeSet<_>>(), tables, "every table has its class in personal.txt");
    for (table, (class, words)) in &map {
        let found: BTreeSet<String> = behind.texts(table).await.iter().flat_map(|text| marks_in(text)).collect();
        let is_of_clients = matches!(*class, "client" | "copy" | "withheld");
        // A mailing is written to many; this test has marked one's title.
        assert!(found.is_empty() || is_of_clients || *table == "mailings", "{table} is {class}, and holds {found:?}");
        match *class {
            "client" if *words == "conversations" => assert_eq!(about["conversations"], 1),
            "client" => assert!(about["parts"][words]["rows"].as_i64() > Some(0), "{table}: {words}: {about}"),
            "copy" | "withheld" => assert_eq!(about["not_here"][table], json!(words)),
            "staff" | "none" => assert!(about["not_here"].get(table).is_none()),
            other => panic!("{table}: no class is called {other}"),
        }
    }
    let ids: BTreeSet<&str> = about["contact_ids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(ids, BTreeSet::from([id.as_str(), other.as_str()]), "the whole multi-contact");
    let files = document(&export, "files.json");
    for file in files.as_array().unwrap() {
        // As it is kept: a picture without what its camera said.
        let id = file["id"].as_str().unwrap().parse().unwrap();
        let kept = product.app.messaging.files.read(&product.account.account_id, &id).await.unwrap();
        assert_eq!(export[file["path"].as_str().unwrap()], kept, "{file}");
    }
    assert_eq!(files.as_array().unwrap().len(), 2);

    // One of them alone.
    let alone = exported(&product, &other, "?whole_client=false").await;
    let said: String = alone.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(said.contains(&mark(10)) && !said.contains(&mark(0)), "the other contact is another client then");
}

#[tokio::test]
async fn a_long_conversation_is_in_it_from_the_first_word_and_what_was_asked_for_stands_in_the_audit_log() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let mut ack = Value::Null;
    for number in 0..1_003 {
        ack = visitor.say(&number.to_string(), &format!("слово {number}")).await;
    }
    let contacts = product.get(&product.project("/contacts")).await;
    let id = contacts["items"][0]["id"].as_str().unwrap().to_owned();
    let export = exported(&product, &id, "").await;
    let folder = format!("conversations/{}/messages-", ack["conversation_id"].as_str().unwrap());
    let pages: Vec<Value> =
        export.keys().filter(|path| path.starts_with(&folder)).map(|path| document(&export, path)).collect();
    assert_eq!(pages.len(), 3);
    let texts: BTreeSet<String> = pages
        .iter()
        .flat_map(|page| page.as_array().unwrap())
        .filter_map(|message| message["content"]["text"].as_str())
        .map(str::to_owned)
        .collect();
    for number in 0..1_003 {
        assert!(texts.contains(&format!("слово {number}")), "{number}");
    }
    let log = product.get("/api/v1/audit-log").await;
    let line = &log["items"][0];
    assert_eq!(line["action"], "GET /api/v1/projects/{project_id}/contacts/{contact_id}/export");
    assert!(line["target"].to_string().contains(&id), "{line}");
}

#[tokio::test]
async fn only_who_leads_the_project_exports_a_client_of_it() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "create", "external_id": "a", "fields": { "name": "Анна" } }])).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let id = contacts["items"][0]["id"].as_str().unwrap();
    let path = product.project(&format!("/contacts/{id}/export"));
    let project = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&project]).await;
    assert_eq!(operator.call(&product, Method::GET, &path, json!({})).await.0, StatusCode::FORBIDDEN);
    let second = product.post("/api/v1/projects", json!({ "name": "Второй" })).await;
    let second = second["id"].as_str().unwrap();
    let elsewhere = join(&product, "admin@a.example", "admin", &[second]).await;
    assert_eq!(elsewhere.call(&product, Method::GET, &path, json!({})).await.0, StatusCode::NOT_FOUND);
    let through_another = path.replace(&project, second);
    assert_eq!(product.call(Method::GET, &through_another, None).await.0, StatusCode::NOT_FOUND, "a foreign project");
    let stranger = new_account(&product.app, "owner@b.example", "B").await;
    let (status, _) = product.call_as(&stranger.api_key, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
