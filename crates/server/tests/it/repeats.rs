//! The same thing sent twice has one effect and one answer (D2), with files, too; and a request whose asker or server went away can be tried
//! again.

use db::{Scope, sql};
use harness::{Product, Socket};
use model::Refusal;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

fn picture() -> reqwest::multipart::Form {
    let part = reqwest::multipart::Part::bytes(harness::PIXEL.to_vec()).file_name("фото.png");
    reqwest::multipart::Form::new().part("file", part)
}

async fn visitors_file(product: &Product, visitor: &Socket) -> Value {
    let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
    let (status, file) =
        harness::answer(request.header("x-otklik-visitor", visitor.token()).multipart(picture())).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    file["id"].clone()
}

async fn operators_file(product: &Product) -> Value {
    let request = product.http.post(product.url(&product.project("/files"))).bearer_auth(&product.account.api_key);
    let (status, file) = harness::answer(request.multipart(picture())).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    file["id"].clone()
}

#[tokio::test]
async fn a_repeat_of_a_visitor_with_a_file_is_answered_as_the_first_and_another_file_is_refused() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let (file, other) = (visitors_file(&product, &visitor).await, visitors_file(&product, &visitor).await);
    let frame = |id: &str, file: &[&Value]| json!({ "type": "message", "client_id": id, "content": { "text": "вот", "attachments": file } });
    visitor.send(frame("1", &[&file])).await;
    let first = visitor.expect("ack").await;
    visitor.send(frame("1", &[&file])).await;
    assert_eq!(visitor.until(|f| f["client_id"] == "1").await["id"], first["id"], "over the same socket");
    // After the page was loaded anew.
    let mut anew = Socket::visitor(&product, Some(&visitor.token())).await;
    anew.send(frame("1", &[&file])).await;
    assert_eq!(anew.until(|f| f["client_id"] == "1").await["id"], first["id"]);
    for different in [&[&other][..], &[&file, &other], &[]] {
        anew.send(frame("1", different)).await;
        let refused = anew.until(|f| f["client_id"] == "1").await;
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("error"), &json!("invalid")),
            "{different:?}: {refused}"
        );
    }
    anew.send(frame("2", &[&other])).await;
    let second = anew.until(|f| f["client_id"] == "2").await;
    assert_eq!(
        (&second["type"], &second["seq"]),
        (&json!("ack"), &json!(2)),
        "a refused repeat takes no file and no number"
    );
}

#[tokio::test]
async fn a_repeat_of_an_operator_with_a_file_is_answered_as_the_first_and_anything_else_is_refused() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "вопрос").await;
    let conversation = format!("/conversations/{}", said["conversation_id"].as_str().unwrap());
    let path = product.project(&format!("{conversation}/messages"));
    let (file, other) = (operators_file(&product).await, operators_file(&product).await);
    let message = |file: &[&Value]| json!({ "client_id": "a", "content": { "text": "вот", "attachments": file } });
    let first = product.post(&path, message(&[&file])).await;
    let again = product.post(&path, message(&[&file])).await;
    assert_eq!((&again["id"], &again["content"]), (&first["id"], &first["content"]));
    let mut with_button = message(&[&file]);
    with_button["content"]["buttons"] = json!([[{ "id": "x", "label": "Да", "kind": "reply" }]]);
    for different in [message(&[&other]), message(&[]), with_button] {
        let (status, refused) = product.call(Method::POST, &path, Some(different.clone())).await;
        assert_eq!(
            (status, &refused["errors"][0]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("reused")),
            "{different}"
        );
    }
    let note = json!({ "client_id": "a", "text": "вот" });
    let (status, _) = product.call(Method::POST, &product.project(&format!("{conversation}/notes")), Some(note)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a note is not that message");
    let next = json!({ "client_id": "b", "content": { "text": "", "attachments": [other] } });
    assert_eq!(product.post(&path, next).await["seq"], 3, "a refused repeat takes no file and no number");
}

#[tokio::test]
async fn a_repeat_is_answered_although_a_colleague_has_answered_since() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "вопрос").await;
    let path = product.project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    let own = json!({ "client_id": "a", "content": { "text": "сейчас" }, "seen_seq": 1 });
    let first = product.post(&path, own.clone()).await;
    let user = product.get("/api/v1/users").await["items"][0]["id"].as_str().unwrap().to_owned();
    let colleague: model::UserId = user.parse().unwrap();
    let account = product.account.account_id;
    let message: model::MessageId = first["id"].as_str().unwrap().parse().unwrap();
    // A message after it by somebody else.
    let moved = product.test_db.db.write(account, move |tx| {
        Box::pin(async move {
            let query = sql!(
                "INSERT INTO messages (account_id, id, conversation_id, seq, position, author_kind, author_id, kind, content, client_count, created_at)
                 SELECT account_id, $2, conversation_id, seq + 1, position, author_kind, $3, kind, content, client_count, created_at
                 FROM messages WHERE account_id = $1 AND id = $4"
            );
            let query = query.bind(account).bind(model::MessageId::from_bits(7)).bind(colleague);
            query.bind(message).execute(tx).await?;
            Ok::<_, Refusal>(())
        })
    });
    moved.await.unwrap();
    let mut stale = own.clone();
    stale["client_id"] = json!("b");
    assert_eq!(
        product.call(Method::POST, &path, Some(stale)).await.0,
        StatusCode::CONFLICT,
        "that is what stale means"
    );
    assert_eq!(product.post(&path, own).await["id"], first["id"]);
}

/// A call with an idempotency key: status, whether the answer was kept, body.
async fn call(product: &Product, key: &str, body: &Value) -> (StatusCode, bool, Value) {
    let request = product.http.post(product.url(&product.project("/contacts"))).bearer_auth(&product.account.api_key);
    let response = request.header("idempotency-key", key).json(body).send().await.unwrap();
    let is_kept = response.headers().contains_key("idempotent-replayed");
    (response.status(), is_kept, response.json().await.unwrap())
}

/// Holds the account so that nothing of it is written, until the end that is returned is dropped.
async fn hold(product: &Product) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let held = Arc::new(tokio::sync::Notify::new());
    let is_held = held.clone();
    let (db, account) = (product.test_db.db.clone(), product.account.account_id);
    let released = Arc::new(Mutex::new(released));
    tokio::spawn(async move {
        let holding = db.write_alone(account, move |tx| {
            Box::pin(async move {
                events::lock(tx, &account).await?;
                held.notify_one();
                let _ = released.lock().unwrap().recv();
                Ok::<_, Refusal>(())
            })
        });
        holding.await.unwrap();
    });
    is_held.notified().await;
    release
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_asker_went_away_is_ended_and_its_answer_is_there_for_the_second_try() {
    let product = Product::start().await;
    let body = json!({ "channel": "api", "external_id": "crm-1" });
    let release = hold(&product).await;
    let text = body.to_string();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\nidempotency-key: one\r\ncontent-length: {}\r\n\r\n{text}",
        product.project("/contacts"),
        product.account.api_key,
        text.len()
    );
    let mut asker = tokio::net::TcpStream::connect(product.address).await.unwrap();
    asker.write_all(head.as_bytes()).await.unwrap();
    // It has begun, and waits for the one that holds the account.
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(asker);
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(release);
    let started = Instant::now();
    let (status, is_kept, _) = loop {
        let answer = call(&product, "one", &body).await;
        if answer.0 != StatusCode::CONFLICT {
            break answer;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "the key is held by nobody: {}", answer.2);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(status.is_success() && is_kept, "{status}, kept: {is_kept}");
}

/// As a server leaves a request that dies in the middle of it: begun so many seconds ago, and no answer.
async fn die_in_the_middle(product: &Product, seconds_ago: i64) {
    let account = product.account.account_id;
    let left = product.test_db.db.write(Scope::System, move |tx| {
        Box::pin(async move {
            let query = sql!(
                "UPDATE idempotency_keys SET status = 0, response = '', created_at = created_at - $2 WHERE account_id = $1"
            );
            query.bind(account).bind(seconds_ago * 1000).execute(tx).await?;
            Ok::<_, Refusal>(())
        })
    });
    left.await.unwrap();
}

#[tokio::test]
async fn a_request_whose_server_died_is_taken_over_when_its_lease_is_over() {
    let product = Product::start().await;
    let body = json!({ "channel": "api", "external_id": "crm-1" });
    let (first, _, _) = call(&product, "one", &body).await;
    assert!(first.is_success());
    die_in_the_middle(&product, 30).await;
    assert_eq!(call(&product, "one", &body).await.0, StatusCode::CONFLICT, "it may still run");
    die_in_the_middle(&product, 100).await;
    let other = json!({ "channel": "api", "external_id": "crm-2" });
    assert_eq!(
        call(&product, "one", &other).await.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another body is never taken over"
    );
    let (status, is_kept, _) = call(&product, "one", &body).await;
    assert!(status != StatusCode::CONFLICT && !is_kept, "{status}");
    let (again, is_kept, _) = call(&product, "one", &body).await;
    assert!(again == status && is_kept, "{again}");
}
