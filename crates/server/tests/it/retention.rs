//! What is kept for a time and then forgotten (rulings 45).

use db::{Scope, sql};
use harness::Shop;
use harness::{PASSWORD, Product, Socket, TestClock, answer, new_account};
use messaging::{Settings, links};
use model::{AccountId, Cx, Event, FileId, ProjectId, Refusal, SettingsUpdated, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::retention::{Keep, Swept, SweptFiles, sweep, sweep_files};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

async fn sweep_now(product: &Product) -> Swept {
    sweep(&product.app.messaging, Keep::default()).await.unwrap()
}

async fn start() -> (Arc<TestClock>, Product) {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    (clock, product)
}

/// Writes events of an account, each at a moment.
async fn write_events(product: &Product, account: &AccountId, moments: impl Iterator<Item = i64>) {
    let (account, moments): (AccountId, Vec<i64>) = (*account, moments.collect());
    let env = product.app.messaging.env.clone();
    let written = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move {
            for at in moments {
                let position = events::next_position(tx, &account).await?;
                let event = Event::SettingsUpdated(SettingsUpdated { resource: "x".into() });
                events::record(&mut Cx::new(tx, &env, &account), position, &ProjectId::from_bits(1), &event).await?;
                let query = sql!("UPDATE events SET created_at = $3 WHERE account_id = $1 AND position = $2");
                query.bind(account).bind(position).bind(at).execute(tx).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    written.await.unwrap();
}

/// How many events an account has, and the oldest position it promises.
async fn log_of(product: &Product, account: &AccountId) -> (usize, i64) {
    let account = *account;
    let read = product.app.messaging.db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let kept = events::after(tx, &account, -1, 10_000).await?.len();
            Ok::<_, Refusal>((kept, events::bounds(tx, &account).await?.1))
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn each_kind_is_forgotten_when_its_own_time_is_over() {
    let (clock, product) = start().await;
    let shop = Shop::open_in(product).await;
    let product = &shop.product;
    let mut operator = product.operator().await;
    assert_eq!(shop.update(&shop.text(1, "привет")).await, StatusCode::OK);
    let message = operator.event("message.created").await;
    let sign_in = json!({ "email": "owner@a.example", "password": PASSWORD });
    assert_eq!(answer(product.http.post(product.url("/api/v1/session")).json(&sign_in)).await.0, StatusCode::OK);
    let invite = json!({ "email": "op@a.example", "name": "Оля", "role": "operator", "project_ids": [product.account.project_id] });
    product.post("/api/v1/users", invite).await;
    let repeated = product.http.post(product.url("/api/v1/projects")).bearer_auth(&product.account.api_key);
    answer(repeated.header("idempotency-key", "k").json(&json!({ "name": "Ещё" }))).await;
    let (env, account) = (product.app.messaging.env.clone(), product.account.account_id);
    let contact = message["contact_id"].as_str().unwrap().parse().unwrap();
    let made = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move { links::make(&mut Cx::new(tx, &env, &account), &contact).await })
    });
    made.await.unwrap();

    assert_eq!(sweep_now(product).await, Swept::default(), "nothing is old yet");
    clock.plus_days(2);
    assert_eq!(sweep_now(product).await, Swept { idempotency_keys: 1, link_tokens: 1, ..Swept::default() });
    clock.plus_days(6);
    assert_eq!(sweep_now(product).await, Swept { invitations: 1, ..Swept::default() });
    clock.plus_days(7);
    assert_eq!(sweep_now(product).await, Swept { journal: 1, ..Swept::default() });
    clock.plus_days(16);
    let last = sweep_now(product).await;
    assert!(last.events > 0, "{last:?}");
    assert_eq!(last, Swept { sessions: 1, events: last.events, ..Swept::default() });
    assert_eq!(sweep_now(product).await, Swept::default());

    let conversation = message["conversation_id"].as_str().unwrap();
    let history = product.get(&product.project(&format!("/conversations/{conversation}/messages"))).await;
    assert_eq!(history["items"][0]["content"]["text"], "привет", "messages are not events: they stay");
}

#[tokio::test]
async fn a_reader_from_before_the_forgotten_events_gets_a_gap_and_then_what_is_new() {
    let (clock, product) = start().await;
    write_events(&product, &product.account.account_id, 1..=3).await;
    clock.plus_days(1);
    assert!(sweep_now(&product).await.events >= 3);
    let mut reader = Socket::open(&product, "/api/v1/live").await;
    reader.send(json!({ "type": "auth", "api_key": product.account.api_key })).await;
    let hello = reader.expect("hello").await;
    reader.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": -1 })).await;
    assert_eq!(reader.expect("gap").await["position"], hello["position"]);
    product.visitor().await.say("1", "новое").await;
    assert_eq!(reader.event("message.created").await["content"]["text"], "новое");
}

#[tokio::test]
async fn the_log_loses_its_old_beginning_in_batches_and_keeps_the_rest() {
    let (_, product) = start().await;
    let account = &product.account.account_id;
    let other = new_account(&product.app, "owner@b.example", "B").await.account_id;
    let now = product.app.messaging.env.now().0;
    let (before, first) = log_of(&product, account).await;
    assert_eq!(before, 0, "a new account has no events");
    write_events(&product, account, (0..1234).chain(now..now + 5)).await;
    write_events(&product, &other, now..now + 7).await;
    assert_eq!(sweep_now(&product).await.events, 1234);
    assert_eq!(log_of(&product, account).await, (5, first + 1234));
    assert_eq!(log_of(&product, &other).await.0, 7);
}

#[tokio::test]
async fn events_written_after_a_clock_gone_wrong_are_kept_rather_than_lost() {
    let (_, product) = start().await;
    let account = &product.account.account_id;
    let now = product.app.messaging.env.now().0;
    // The clock stood right, fell back to 1970 for three events, and was set right again.
    write_events(&product, account, [now, 1, 2, 3, now].into_iter()).await;
    assert_eq!(sweep_now(&product).await.events, 0);
    assert_eq!(log_of(&product, account).await.0, 5);
}

#[tokio::test]
async fn two_nodes_that_sweep_at_once_forget_the_same_and_never_promise_what_is_gone() {
    let (_, product) = start().await;
    let account = &product.account.account_id;
    write_events(&product, account, 0..1500).await;
    let (_, first) = log_of(&product, account).await;
    let (one, two) = tokio::join!(sweep_now(&product), sweep_now(&product));
    assert_eq!(one.events + two.events, 1500);
    assert_eq!(log_of(&product, account).await, (0, first + 1500));
    // A node that looked before the others were done must not promise again what is gone.
    let late = *account;
    let stale = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move { events::forget(tx, &late, Timestamp(i64::MAX), 10).await })
    });
    assert_eq!(stale.await.unwrap(), 0);
    assert_eq!(log_of(&product, account).await.1, first + 1500);
}

#[tokio::test]
async fn a_raw_body_stays_while_a_job_from_its_time_still_waits() {
    let (clock, product) = start().await;
    let shop = Shop::open_in(product).await;
    let product = &shop.product;
    let mut operator = product.operator().await;
    shop.update(&shop.text(1, "привет")).await;
    operator.event("message.created").await;
    let (account, at) = (product.account.account_id, product.app.messaging.env.now().0);
    let set_state = |state: &'static str| {
        product.app.messaging.db.write(Scope::System, move |tx| {
            Box::pin(async move {
                let query = sql!(
                    "INSERT INTO jobs (account_id, id, kind, order_key, payload, state, attempts, run_at, lease_until, created_at)
                     VALUES ($1, $4, 'inbound', 'x', '{}', $2, 0, 9000000000000, 0, $3)
                     ON CONFLICT (id) DO UPDATE SET state = excluded.state"
                );
                query.bind(account).bind(state).bind(at).bind(model::JobId::from_bits(7)).execute(tx).await?;
                Ok::<_, Refusal>(())
            })
        })
    };
    set_state("waiting").await.unwrap();
    clock.plus_days(15);
    assert_eq!(sweep_now(product).await.journal, 0);
    set_state("failed").await.unwrap();
    assert_eq!(sweep_now(product).await.journal, 1);
}

#[tokio::test]
async fn what_a_field_held_is_forgotten_a_year_after_it_was_replaced() {
    let (clock, product) = start().await;
    let new = json!({ "channel": "api", "external_id": "a", "fields": { "contract": "К-1" } });
    let contact = product.post(&product.project("/contacts"), new).await;
    let path = product.project(&format!("/contacts/{}", contact["id"].as_str().unwrap()));
    let set = |value: &'static str| {
        let (product, path) = (&product, path.as_str());
        async move {
            let body = json!({ "fields": { "contract": value } });
            assert_eq!(product.call(Method::PATCH, path, Some(body)).await.0, StatusCode::OK);
        }
    };
    let held = || {
        let (product, path) = (&product, path.as_str());
        async move {
            let answer = product.get(&format!("{path}/fields/contract/history")).await;
            answer["items"].as_array().unwrap().iter().map(|state| state["values"].clone()).collect::<Vec<_>>()
        }
    };
    clock.plus_days(1);
    set("К-2").await;
    clock.plus_days(364);
    sweep_now(&product).await;
    assert_eq!(held().await, [json!(["К-2"]), json!(["К-1"])], "replaced less than a year ago");
    set("К-3").await;
    clock.plus_days(2);
    sweep_now(&product).await;
    assert_eq!(held().await, [json!(["К-3"]), json!(["К-2"])], "K-2 stood for a year, and was replaced two days ago");
    clock.plus_days(364);
    assert_eq!(sweep_now(&product).await.value_history, 1);
    assert_eq!(held().await, [json!(["К-3"])], "what stands is never forgotten");
    assert_eq!(sweep_now(&product).await, Swept::default());
}

fn file_of(name: &str) -> reqwest::multipart::Form {
    let part = reqwest::multipart::Part::bytes(name.as_bytes().to_vec()).file_name(name.to_owned());
    reqwest::multipart::Form::new().part("file", part)
}

async fn uploads(product: &Product, name: &str) -> String {
    let request = product.http.post(product.url(&product.project("/files"))).bearer_auth(&product.account.api_key);
    let (status, file) = answer(request.multipart(file_of(name))).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    file["id"].as_str().unwrap().to_owned()
}

fn folder_of_files(product: &Product) -> PathBuf {
    product.test_db.folder.join("files").join(product.account.account_id.to_string())
}

#[tokio::test]
async fn an_upload_that_was_sent_with_no_message_goes_after_a_week_and_a_sent_one_stays() {
    let (clock, product) = start().await;
    let [sent, unsent] = [uploads(&product, "sent.txt").await, uploads(&product, "unsent.txt").await];
    let said = product.visitor().await.say("1", "счёт?").await;
    let path = product.project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    product.post(&path, json!({ "client_id": "a", "content": { "text": "", "attachments": [sent] } })).await;
    let there = |file: &str| folder_of_files(&product).join(file).exists();

    clock.plus_days(6);
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles::default());
    assert!(there(&sent) && there(&unsent));
    clock.plus_days(2);
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles { unsent: 1, strays: 0 });
    assert!(there(&sent) && !there(&unsent));
    let late = json!({ "client_id": "b", "content": { "text": "", "attachments": [unsent] } });
    assert_eq!(product.call(Method::POST, &path, Some(late)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles::default());
}

#[tokio::test]
async fn bytes_that_nothing_names_go_when_they_are_old_and_an_upload_on_its_way_is_left_alone() {
    let (clock, product) = start().await;
    let named = uploads(&product, "named.txt").await;
    let (folder, id) = (folder_of_files(&product), |n: u128| FileId::from_bits(n).to_string());
    let ledger = product.test_db.folder.join("files/erased").join(product.account.account_id.to_string());
    std::fs::create_dir_all(&ledger).unwrap();
    std::fs::create_dir_all(folder.join("imports")).unwrap();
    let of_nobody = product.test_db.folder.join("files").join(AccountId::from_bits(7).to_string());
    std::fs::create_dir_all(&of_nobody).unwrap();
    let old = [
        folder.join(id(1)),
        folder.join("imports").join(id(2)),
        folder.join(format!("{}#1", id(3))),
        of_nobody.join(id(4)),
    ];
    let kept = [folder.join(id(5)), folder.join("imports").join(id(6)), folder.join(format!("{}#1", id(7)))];
    let untouched = [folder.join(&named), ledger.join("job_x")];
    let a_month_ago = u64::try_from(clock.env().now().0).unwrap() - 31 * 24 * 60 * 60 * 1000;
    for (place, is_old) in old.iter().map(|p| (p, true)).chain(kept.iter().map(|p| (p, false))) {
        std::fs::write(place, "bytes").unwrap();
        if is_old {
            age(place, a_month_ago);
        }
    }
    std::fs::write(&untouched[1], "line").unwrap();
    untouched.iter().for_each(|place| age(place, a_month_ago));

    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles { unsent: 0, strays: 4 });
    let there = |place: &PathBuf| place.exists();
    assert!(!old.iter().any(there) && kept.iter().all(there) && untouched.iter().all(there));
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles::default());
}

#[tokio::test]
async fn a_kept_file_goes_when_no_scenario_and_no_message_has_it_any_more() {
    let (clock, product) = start().await;
    let upload = async |name: &str| {
        let url = product.url(&product.project("/scenario-files"));
        let (_, file) =
            answer(product.http.post(url).bearer_auth(&product.account.api_key).multipart(file_of(name))).await;
        file["id"].as_str().unwrap().to_owned()
    };
    let [named, forgotten] = [upload("named.txt").await, upload("forgotten.txt").await];
    let document = json!({ "schema": 1, "launch": [{ "kind": "keyword", "words": ["старт"], "to": "b1" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "", "files": [named] } }] });
    let draft = product.post(&product.project("/scenarios"), json!({ "name": "Прайс", "document": document })).await;
    let there = |file: &str| folder_of_files(&product).join(file).exists();
    clock.plus_days(8);
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles { unsent: 1, strays: 0 });
    assert!(there(&named) && !there(&forgotten));

    // A message that was sent keeps the bytes when the scenario names the file no longer.
    let path = product.project(&format!("/scenarios/{}", draft["id"].as_str().unwrap()));
    product.post(&format!("{path}/publish"), json!({ "revision": 1 })).await;
    let mut visitor = product.visitor().await;
    let conversation = visitor.say("1", "старт").await["conversation_id"].as_str().unwrap().to_owned();
    let account = product.account.account_id;
    let emptied = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move {
            for query in [
                sql!("UPDATE scenarios SET document = '{}' WHERE account_id = $1"),
                sql!("UPDATE scenario_versions SET document = '{}' WHERE account_id = $1"),
            ] {
                query.bind(account).execute(tx).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    emptied.await.unwrap();
    clock.plus_days(8);
    assert_eq!(sweep_files(&product.app.messaging).await.unwrap(), SweptFiles::default());
    let messages = product.get(&product.project(&format!("/conversations/{conversation}/messages"))).await;
    let sent = messages["items"].as_array().unwrap().iter().find(|one| one["author"]["kind"] == "bot").unwrap();
    let link = sent["content"]["attachments"][0]["url"].as_str().unwrap();
    assert_eq!(product.http.get(product.url(link)).send().await.unwrap().status(), StatusCode::OK);
}

fn age(place: &Path, written_ms: u64) {
    let file = std::fs::File::options().write(true).open(place).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(written_ms)).unwrap();
}
