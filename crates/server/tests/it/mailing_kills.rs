//! Show 2 of issue 16 (D9): a mailing to clients of two bots, some of whom are one person, some the same address, while the provider puts off, refuses and
//! breaks off, half of it is down, the program is killed, paused and resumed, and PostgreSQL is started anew. Nobody gets it twice, and the ledger adds up. The real program on
//! real files. `OTKLIK_MAILING_PEOPLE=10000 OTKLIK_MAILING_KILLS=50` is the whole of it.

use super::outage::{Way, way_to};
use super::restore::{Running, installed, otklik};
use super::upgrade::is_sqlite;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Method;
use schema::EmptyDb;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

const TEXT: &str = "Зимний свет";
/// Of a hundred people: those with an account in both bots under one number, and under two numbers with one phone.
const SAME_ADDRESS: u64 = 4;
const SAME_PHONE: u64 = 4;

fn asked(name: &str, unless: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(unless)
}

/// The provider: it keeps what it took of the mailing, by bot and client.
#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Books>>);

#[derive(Default)]
struct Books {
    /// What clients wrote to each bot, to be asked for.
    updates: BTreeMap<String, Vec<Value>>,
    taken: BTreeMap<(String, u64), usize>,
    calls: u64,
    is_second_down: bool,
    put_off: usize,
    refused: BTreeSet<(String, u64)>,
}

async fn bot_api(
    State(provider): State<Provider>,
    Path((bot, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let ok = |result: Value| Json(json!({ "ok": true, "result": result })).into_response();
    match method.as_str() {
        "getMe" => ok(
            json!({ "id": number(&bot), "is_bot": true, "first_name": "Shop", "username": format!("shop{}_bot", number(&bot)) }),
        ),
        "getUpdates" => {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let from = body["offset"].as_u64().unwrap_or(0);
            let books = provider.0.lock().unwrap();
            let waiting = books.updates.get(&bot).map(Vec::as_slice).unwrap_or_default();
            let page: Vec<Value> =
                waiting.iter().filter(|one| one["update_id"].as_u64().unwrap() >= from).take(100).cloned().collect();
            ok(json!(page))
        }
        "sendMessage" => provider.send(bot, &body).await,
        _ => ok(json!(true)),
    }
}

/// The number of a bot is what its token begins with.
fn number(bot: &str) -> u64 {
    bot.trim_start_matches("bot").split(':').next().unwrap().parse().unwrap()
}

impl Provider {
    async fn send(&self, bot: String, body: &Value) -> Response {
        let chat: u64 = body["chat_id"].as_str().and_then(|id| id.parse().ok()).or(body["chat_id"].as_u64()).unwrap();
        let (answer, slowly) = self.decide(&bot, chat);
        // Some answers come late: a kill falls between what the provider took and what the program heard.
        tokio::time::sleep(Duration::from_millis(if slowly { 150 } else { 5 })).await;
        answer
    }

    fn decide(&self, bot: &str, chat: u64) -> (Response, bool) {
        let mut books = self.0.lock().unwrap();
        books.calls += 1;
        let calls = books.calls;
        let error = |status: StatusCode, words: &str, more: Value| {
            (
                status,
                Json(json!({ "ok": false, "error_code": status.as_u16(), "description": words, "parameters": more })),
            )
                .into_response()
        };
        if books.is_second_down && number(bot) == 2 {
            return (error(StatusCode::BAD_GATEWAY, "Bad Gateway", json!({})), false);
        }
        if calls.is_multiple_of(23) {
            books.put_off += 1;
            return (
                error(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests: retry after 1", json!({ "retry_after": 1 })),
                false,
            );
        }
        if chat.is_multiple_of(41) {
            books.refused.insert((bot.to_owned(), chat));
            return (error(StatusCode::FORBIDDEN, "Forbidden: bot was blocked by the user", json!({})), false);
        }
        *books.taken.entry((bot.to_owned(), chat)).or_default() += 1;
        let result = json!({ "message_id": calls, "date": 1, "chat": { "id": chat, "type": "private" } });
        (Json(json!({ "ok": true, "result": result })).into_response(), calls.is_multiple_of(3))
    }
}

/// What a client wrote to a bot; one with a phone shares it, as the messenger's own form does.
fn update(id: u64, from: u64, phone: Option<u64>) -> Value {
    let person = json!({ "id": from, "is_bot": false, "first_name": format!("Клиент {from}") });
    let mut message =
        json!({ "message_id": id, "date": 1_700_000_000, "chat": { "id": from, "type": "private" }, "from": person });
    match phone {
        Some(phone) => {
            message["contact"] =
                json!({ "phone_number": format!("+7900{phone:07}"), "first_name": "К", "user_id": from });
        }
        None => message["text"] = json!("привет"),
    }
    json!({ "update_id": id, "message": message })
}

/// On PostgreSQL, a way to it that can be cut.
async fn way_of(place: &mut EmptyDb) -> Option<Arc<watch::Sender<Way>>> {
    if is_sqlite() {
        return None;
    }
    let url = place.url.clone().unwrap();
    let server = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (address, way) = way_to(server.clone()).await;
    place.url = Some(url.replace(&server, &address));
    Some(way)
}

fn start(place: &EmptyDb) -> Running {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--lease-seconds", "5", "--allow-egress", "127.0.0.0/8"];
    Running::wait_for(&mut otklik(place, &arguments))
}

async fn call(running: &Running, account: &Value, method: Method, path: &str, body: Value) -> Value {
    let project = account["project_id"].as_str().unwrap();
    let url = format!("http://{}/api/v1/projects/{project}{path}", running.address);
    let mut request = harness::client().request(method.clone(), url).bearer_auth(account["api_key"].as_str().unwrap());
    if method != Method::GET {
        request = request.json(&body);
    }
    loop {
        let answer = request.try_clone().unwrap().send().await.unwrap();
        let status = answer.status();
        let said: Value = answer.json().await.unwrap_or_default();
        // A busy database asks to come again in a moment.
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tokio::time::sleep(Duration::from_millis(300)).await;
            continue;
        }
        assert!(status.is_success(), "{path}: {said}");
        return said;
    }
}

async fn counts(running: &Running, account: &Value, mailing: &str) -> Value {
    call(running, account, Method::GET, &format!("{mailing}/report"), json!(null)).await["counts"].clone()
}

// The way to PostgreSQL is carried while this waits for the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_a_mailing_twice_whatever_happens_to_the_program_and_to_the_provider() {
    let (people, kills) = (asked("OTKLIK_MAILING_PEOPLE", 500), asked("OTKLIK_MAILING_KILLS", 10));
    let provider = Provider::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = Router::new().route("/{bot}/{method}", post(bot_api)).with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, server).await });
    let (mut place, account) = installed().await;
    let way = way_of(&mut place).await;
    let mut running = start(&place);
    call(&running, &account, Method::POST, "/multi-contact-rules", json!({ "fields": ["phone"] })).await;
    let tokens = [1, 2].map(|bot| format!("{bot}:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"));
    for token in &tokens {
        let settings = json!({ "token": token, "mode": "polling", "base_url": base });
        call(
            &running,
            &account,
            Method::POST,
            "/connections",
            json!({ "kind": "telegram", "title": "Бот", "settings": settings }),
        )
        .await;
    }
    let contacts = write_in(&provider, &tokens, people);
    loop {
        let drafts =
            json!({ "title": "x", "channels": ["telegram"], "body": { "text": "x" }, "schedule": { "quiet": null } });
        let draft = call(&running, &account, Method::POST, "/mailings", drafts).await;
        let path = format!("/mailings/{}/preflight", draft["id"].as_str().unwrap());
        let counted = call(&running, &account, Method::POST, &path, json!({})).await;
        if counted["contacts"] == contacts && counted["people"] == people {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let document = json!({ "title": TEXT, "channels": ["telegram"], "body": { "text": TEXT }, "opt_out_line": false, "schedule": { "quiet": null } });
    let made = call(&running, &account, Method::POST, "/mailings", document).await;
    let mailing = format!("/mailings/{}", made["id"].as_str().unwrap());
    call(&running, &account, Method::POST, &format!("{mailing}/start"), json!({})).await;
    let every = Duration::from_millis(1_000 * people / 50 / (kills + 1));
    for kill in 0..kills {
        provider.0.lock().unwrap().is_second_down = kill % 4 == 1;
        tokio::time::sleep(every.max(Duration::from_millis(300))).await;
        if kill % 3 == 2 && counts(&running, &account, &mailing).await["queued"] != 0 {
            let state = call(&running, &account, Method::GET, &mailing, json!(null)).await["state"].clone();
            if state == "running" {
                call(&running, &account, Method::POST, &format!("{mailing}/pause"), json!({})).await;
                running.kill();
                running = start(&place);
                call(&running, &account, Method::POST, &format!("{mailing}/resume"), json!({})).await;
            }
        }
        if let Some(way) = way.as_ref().filter(|_| kill % 2 == 0) {
            // PostgreSQL is started anew: every connection ends, in the middle of whatever it does, and none is taken for a while.
            way.send_replace(Way::Cut);
            tokio::time::sleep(Duration::from_millis(800)).await;
            way.send_replace(Way::Open);
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        running.kill();
        running = start(&place);
    }
    provider.0.lock().unwrap().is_second_down = false;
    let deadline = people / 10 + 240;
    for second in 0.. {
        let now = call(&running, &account, Method::GET, &mailing, json!(null)).await;
        if now["state"] == "done" {
            break;
        }
        assert!(second < deadline, "it does not end: {now}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let counted = counts(&running, &account, &mailing).await;
    let n = |key: &str| counted[key].as_u64().unwrap();
    let books = provider.0.lock().unwrap();
    println!(
        "people {} = skipped {} + queued {} + sending {} + sent {} + failed {} + unknown {}; the provider took {}, put off {}, refused {}",
        n("people"),
        n("skipped"),
        n("queued"),
        n("sending"),
        n("sent"),
        n("failed"),
        n("unknown"),
        books.taken.values().sum::<usize>(),
        books.put_off,
        books.refused.len()
    );
    assert_eq!(n("people"), n("skipped") + n("queued") + n("sending") + n("sent") + n("failed") + n("unknown"));
    assert_eq!((n("people"), n("queued"), n("sending")), (people, 0, 0));
    let mut by_person: BTreeMap<u64, usize> = BTreeMap::new();
    for ((_, chat), times) in &books.taken {
        *by_person.entry(person_of(*chat)).or_default() += times;
    }
    let twice: Vec<_> = by_person.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "written to more than once: {twice:?}");
    // What was counted as sent is in the provider's books; only what nobody can know may be there beside it.
    let taken = by_person.len() as u64;
    assert!(n("sent") <= taken && taken <= n("sent") + n("unknown"), "{taken} of {counted}");
    assert!(books.put_off > 0 && !books.refused.is_empty(), "the provider was difficult");
}

/// A client of the second bot who is somebody of the first.
const OTHER_NUMBER: u64 = 1_000_000;

fn person_of(chat: u64) -> u64 {
    if chat >= OTHER_NUMBER { chat - OTHER_NUMBER } else { chat }
}

/// Clients write to the bots; answers how many contacts that makes.
fn write_in(provider: &Provider, tokens: &[String; 2], people: u64) -> u64 {
    let mut books = provider.0.lock().unwrap();
    let mut contacts = 0;
    let mut tell = |bot: &String, from: u64, phone: Option<u64>| {
        let updates = books.updates.entry(format!("bot{bot}")).or_default();
        let id = updates.len() as u64 + 1;
        updates.push(update(id, from, phone));
    };
    for person in 1..=people {
        let own = usize::from(person % 2 == 0);
        let place = person % 100;
        let (is_same_address, is_same_phone) = (place < SAME_ADDRESS, (50..50 + SAME_PHONE).contains(&place));
        tell(&tokens[own], person, is_same_phone.then_some(person));
        contacts += 1;
        if is_same_address || is_same_phone {
            let number = if is_same_phone { OTHER_NUMBER + person } else { person };
            tell(&tokens[1 - own], number, is_same_phone.then_some(person));
            contacts += 1;
        }
    }
    contacts
}
