//! Files are whole or absent (D10): on the disk before they are acknowledged, refused in words when there is no room, and gone with their
//! contact.

use super::restore::{Running, installed, otklik};
use super::upgrade::is_sqlite;
use harness::{Product, Socket, TestClock};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn picture() -> reqwest::multipart::Form {
    let part = reqwest::multipart::Part::bytes(harness::PIXEL.to_vec()).file_name("фото.png");
    reqwest::multipart::Form::new().part("file", part)
}

async fn upload(address: &str, account: &Value) -> (StatusCode, Value) {
    let url = format!("http://{address}/api/v1/projects/{}/files", account["project_id"].as_str().unwrap());
    let request = harness::client().post(url).bearer_auth(account["api_key"].as_str().unwrap());
    harness::answer(request.multipart(picture())).await
}

#[tokio::test]
async fn a_file_and_its_name_are_on_the_disk_before_it_is_acknowledged() {
    let (place, account) = installed().await;
    let trace = place.folder.join("trace");
    let mut traced = Command::new("strace");
    // The tracer is the child of the traced, which ends as any other server.
    traced.args(["-D", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2", "-o"]).arg(&trace);
    let server = otklik(&place, &["serve", "--listen", "127.0.0.1:0"]);
    traced.arg(server.get_program()).args(server.get_args());
    for (name, value) in server.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    let running = Running::wait_for(&mut traced);
    let (status, file) = upload(&running.address, &account).await;
    let traced = std::fs::read_to_string(&trace).unwrap();
    assert_eq!(status, StatusCode::CREATED, "{file}");
    let id = file["id"].as_str().unwrap();
    let folder = place.folder.join("files").join(account["account_id"].as_str().unwrap());
    let synced = |path: &str| traced.lines().any(|line| line.contains("sync(") && line.contains(path));
    assert!(synced(&format!("{}/{id}", folder.display())), "the bytes: {traced}");
    assert!(synced(&format!("<{}>", folder.display())), "the name: {traced}");
}

/// The program on a disk of its own, which is filled and emptied again when a file says so.
const SMALL_DISK: &str = r#"
    D="$1/disk"
    mkdir -p "$D" && mount -t tmpfs -o size=24m none "$D" && cp -p "$1"/otklik.db "$1"/master.key "$D"/ || exit 99
    (
        until [ -e "$1/fill" ]; do sleep 0.05; kill -0 $$ || exit; done
        dd if=/dev/zero of="$D/fill" bs=4k 2> /dev/null; touch "$1/filled"
        until [ -e "$1/empty" ]; do sleep 0.05; kill -0 $$ || exit; done
        rm "$D/fill"; touch "$1/emptied"
    ) > /dev/null 2>&1 &
    exec "$2" serve --listen 127.0.0.1:0 --data "$D"
"#;

fn ask_for(folder: &Path, what: &str, until: &str) {
    std::fs::write(folder.join(what), "").unwrap();
    let started = Instant::now();
    while !folder.join(until).exists() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_full_disk_is_507_for_files_and_for_words_and_nothing_is_broken_when_there_is_room_again() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let mut own = Command::new("unshare");
    own.args(["--mount", "--map-root-user", "sh", "-c", SMALL_DISK, "sh"]).arg(&place.folder);
    own.arg(env!("CARGO_BIN_EXE_otklik")).env_remove("OTKLIK_DATABASE_URL").env("OTKLIK_LOG", "error");
    let running = Running::wait_for(&mut own);
    assert_eq!(upload(&running.address, &account).await.0, StatusCode::CREATED);
    ask_for(&place.folder, "fill", "filled");
    let (status, problem) = upload(&running.address, &account).await;
    assert_eq!((status, &problem["code"]), (StatusCode::INSUFFICIENT_STORAGE, &json!("disk_full")), "{problem}");
    let contacts =
        format!("http://{}/api/v1/projects/{}/contacts", running.address, account["project_id"].as_str().unwrap());
    let contact = |name: &str| {
        let body = json!({ "channel": "api", "external_id": name, "fields": { "name": "x".repeat(150) } });
        harness::client().post(&contacts).bearer_auth(account["api_key"].as_str().unwrap()).json(&body)
    };
    // Words find a little room in pages that are there already, until they find none.
    let mut last = StatusCode::OK;
    for n in 0..3000 {
        last = harness::answer(contact(&n.to_string())).await.0;
        if !last.is_success() {
            break;
        }
    }
    assert_eq!(last, StatusCode::INSUFFICIENT_STORAGE);
    ask_for(&place.folder, "empty", "emptied");
    assert_eq!(upload(&running.address, &account).await.0, StatusCode::CREATED);
    assert!(harness::answer(contact("after")).await.0.is_success());
    running.terminate();
}

async fn sends_a_picture(product: &Product, visitor: &mut Socket) -> Value {
    let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
    let (status, file) =
        harness::answer(request.header("x-otklik-visitor", visitor.token()).multipart(picture())).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    let content = json!({ "text": "", "attachments": [file["id"]] });
    visitor.send(json!({ "type": "message", "client_id": "picture", "content": content })).await;
    visitor.expect("ack").await;
    file
}

fn bytes_of(product: &Product, file: &Value) -> PathBuf {
    let folder = product.test_db.folder.join("files").join(product.account.account_id.to_string());
    folder.join(file["id"].as_str().unwrap())
}

#[tokio::test]
async fn files_go_with_their_contact_however_it_goes_and_others_stay() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let mut files = Vec::new();
    let mut contacts = Vec::new();
    for _ in 0..3 {
        let mut visitor = product.visitor().await;
        files.push(sends_a_picture(&product, &mut visitor).await);
        contacts.push(operator.event("message.created").await["contact_id"].as_str().unwrap().to_owned());
    }
    assert!(files.iter().all(|file| bytes_of(&product, file).exists()));
    let path = product.project(&format!("/contacts/{}", contacts[0]));
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    let second = product.get(&product.project(&format!("/contacts/{}", contacts[1]))).await;
    let (name, connection) = (&second["external_id"], &second["connection_id"]);
    product.changes(json!([{ "op": "delete", "external_id": name, "connection_id": connection }])).await;
    for (file, status) in files.iter().zip([404, 404, 200]) {
        let shown = product.http.get(product.url(file["url"].as_str().unwrap())).send().await.unwrap();
        assert_eq!(shown.status(), status, "at once");
    }
    let started = Instant::now();
    while files[..2].iter().any(|file| bytes_of(&product, file).exists()) {
        assert!(started.elapsed() < Duration::from_secs(20), "the bytes are still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(bytes_of(&product, &files[2]).exists(), "another one's stay");
}

#[tokio::test]
async fn a_part_of_a_file_is_served_and_one_that_is_not_there_is_refused() {
    let product = Product::start().await;
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(bytes.clone()).file_name("запись.bin"));
    let request = product.http.post(product.url(&product.project("/files"))).bearer_auth(&product.account.api_key);
    let (status, file) = harness::answer(request.multipart(form)).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    let url = file["url"].as_str().unwrap();
    let url = if url.starts_with('/') { product.url(url) } else { url.to_owned() };
    for (range, status, content_range, part) in [
        (None, 200, None, &bytes[..]),
        (Some("bytes=0-9"), 206, Some("bytes 0-9/400000"), &bytes[..10]),
        (Some("bytes=399990-"), 206, Some("bytes 399990-399999/400000"), &bytes[399_990..]),
        (Some("bytes=-5"), 206, Some("bytes 399995-399999/400000"), &bytes[399_995..]),
        (Some("bytes=100-999999999"), 206, Some("bytes 100-399999/400000"), &bytes[100..]),
        (Some("bytes=0-1,5-6"), 200, None, &bytes[..]),
        (Some("lines=1-2"), 200, None, &bytes[..]),
        (Some("bytes=400000-"), 416, Some("bytes */400000"), &[][..]),
    ] {
        let mut request = product.http.get(&url);
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{range:?}");
        let said = answer.headers().get("content-range").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(said.as_deref(), content_range, "{range:?}");
        assert_eq!(answer.headers()["content-length"], part.len().to_string().as_str(), "{range:?}");
        assert_eq!(answer.bytes().await.unwrap(), part, "{range:?}");
    }
}

async fn opens(product: &Product, url: &Value) -> StatusCode {
    product.http.get(product.url(url.as_str().unwrap())).send().await.unwrap().status()
}

fn link_of(message: &Value) -> &Value {
    &message["content"]["attachments"][0]["url"]
}

#[tokio::test]
async fn a_link_to_a_file_ends_and_whoever_may_see_the_message_is_shown_another() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let mut operator = product.operator().await;
    let mut visitor = product.visitor().await;
    let uploaded = sends_a_picture(&product, &mut visitor).await;
    let told = operator.event("message.created").await;
    let conversation = format!("/conversations/{}", told["conversation_id"].as_str().unwrap());
    let path = product.project(&conversation);
    product.post(&format!("{path}/close"), json!({})).await;
    let closed = operator.event("conversation.updated").await;
    for link in [&uploaded["url"], link_of(&told), link_of(&closed["last_message"])] {
        assert_eq!(opens(&product, link).await, 200, "{link}");
    }
    clock.plus_minutes(60);
    let page = product.get(&format!("{path}/messages")).await;
    let first = page["items"].as_array().unwrap().iter().find(|message| message["id"] == told["id"]).unwrap().clone();
    assert_eq!(link_of(&first), link_of(&told), "a browser that has it does not fetch it again");

    clock.plus_days(3);
    for link in [&uploaded["url"], link_of(&told)] {
        let (status, problem) = harness::answer(product.http.get(product.url(link.as_str().unwrap()))).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("link_expired")), "{problem}");
    }
    let mut shown = Vec::new();
    for list in [
        format!("{path}/messages"),
        product.project(&format!("/contacts/{}/timeline", told["contact_id"].as_str().unwrap())),
    ] {
        let page = product.get(&list).await;
        shown.push(link_of(page["items"].as_array().unwrap().iter().find(|m| m["id"] == told["id"]).unwrap()).clone());
    }
    let request = product.http.get(product.url("/w/v1/messages")).header("x-otklik-site", &product.account.site_key);
    let (_, history) = harness::answer(request.header("x-otklik-visitor", visitor.token())).await;
    shown.push(link_of(history["items"].as_array().unwrap().iter().find(|m| m["id"] == told["id"]).unwrap()).clone());
    let mut back = Socket::visitor(&product, Some(&visitor.token())).await;
    shown.push(link_of(&back.event("message.created").await).clone());
    // The hub still remembers these events, as they were told three days ago.
    let mut late = Socket::open(&product, "/api/v1/live").await;
    late.send(json!({ "type": "auth", "api_key": product.account.api_key })).await;
    late.expect("hello").await;
    late.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": 0 })).await;
    shown.push(link_of(&late.event("message.created").await).clone());
    shown.push(link_of(&late.event("conversation.updated").await["last_message"]).clone());
    shown.push(link_of(&product.get(&path).await["last_message"]).clone());
    for link in &shown {
        assert_eq!(opens(&product, link).await, 200, "{shown:?}");
    }
}

#[tokio::test]
async fn a_link_that_was_changed_opens_nothing_and_one_of_before_says_that_it_has_ended() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let [one, other] = [sends_a_picture(&product, &mut visitor).await, {
        let mut visitor = product.visitor().await;
        sends_a_picture(&product, &mut visitor).await
    }];
    let link = one["url"].as_str().unwrap();
    let (id, query) = link.strip_prefix("/f/").unwrap().split_once('?').unwrap();
    let until = query.strip_prefix("until=").unwrap().split_once('&').unwrap().0;
    let later = (until.parse::<i64>().unwrap() + 1).to_string();
    for changed in [
        link.replace(id, other["id"].as_str().unwrap()),
        link.replace(until, &later),
        link.replace(until, "tomorrow"),
        format!("{link}A"),
        link[..link.len() - 1].to_owned(),
    ] {
        assert_eq!(opens(&product, &json!(changed)).await, 404, "{changed}");
    }
    let (status, problem) = harness::answer(product.http.get(product.url(&format!("/f/{id}")))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("link_expired")));
    assert_eq!(opens(&product, &one["url"]).await, 200);
}

/// The status of a link, fetched by a browser with its cookies.
async fn opens_in(product: &Product, browser: &harness::Browser, link: &Value) -> u16 {
    browser.request(product, Method::GET, link.as_str().unwrap()).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_link_of_the_teams_pages_opens_in_a_session_that_sees_the_project_and_nowhere_else() {
    let product = Product::start().await;
    let owner = harness::sign_in(&product, "owner@a.example", harness::PASSWORD).await.ok().unwrap();
    let shop = product.account.project_id.to_string();
    let operator = harness::join(&product, "op@a.example", "operator", &[&shop]).await;
    let outsider = harness::join(&product, "out@a.example", "operator", &[]).await;
    let mut desk = operator.socket(&product).await;
    desk.send(json!({ "type": "subscribe", "projects": [shop], "from": 0 })).await;
    let mut program = product.operator().await;
    let mut visitor = product.visitor().await;
    let uploaded = sends_a_picture(&product, &mut visitor).await;

    let told = desk.event("message.created").await;
    let link = link_of(&told).clone();
    assert!(link.as_str().unwrap().ends_with("&for=team"), "{link}");
    let path = product.project(&format!("/conversations/{}/messages", told["conversation_id"].as_str().unwrap()));
    let page = operator.get(&product, &path).await;
    let read = page["items"].as_array().unwrap().iter().find(|message| message["id"] == told["id"]).unwrap();
    assert_eq!(link_of(read), &link, "told and read are the same, so that caches work");
    assert_eq!(opens_in(&product, &operator, &link).await, 200);
    assert_eq!(opens_in(&product, &owner, &link).await, 200, "a colleague who sees the client, too");
    assert_eq!(opens(&product, &link).await, 404, "passed on, it opens nothing");
    assert_eq!(opens_in(&product, &outsider, &link).await, 404, "nor for a colleague of another project");
    let text = link.as_str().unwrap();
    for changed in [text.replace("&for=team", ""), text.replace("for=team", "for=visitor")] {
        assert_eq!(opens(&product, &json!(changed)).await, 404, "{changed}");
    }
    let signed = uploaded["url"].as_str().unwrap();
    assert_eq!(opens_in(&product, &operator, &json!(format!("{signed}&for=team"))).await, 404);

    // Programs and visitors have nothing to send along: theirs are signed.
    let heard = program.event("message.created").await;
    for link in [&uploaded["url"], link_of(&heard)] {
        assert_eq!(opens(&product, link).await, 200, "{link}");
    }
    // Who left, or signed out, has no link that opens.
    let (status, _) = operator.call(&product, Method::DELETE, "/api/v1/session", json!({})).await;
    assert!(status.is_success(), "{status}");
    assert_eq!(opens_in(&product, &operator, &link).await, 404);
    assert_eq!(opens_in(&product, &owner, &link).await, 200);
}

#[tokio::test]
async fn a_visitor_token_of_which_nothing_was_heard_for_longer_than_a_year_proves_nobody() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "привет").await;
    let old = visitor.token();
    let history = async |token: &str| {
        let request =
            product.http.get(product.url("/w/v1/messages")).header("x-otklik-site", &product.account.site_key);
        harness::answer(request.header("x-otklik-visitor", token)).await
    };
    clock.plus_days(399);
    assert_eq!(Socket::visitor(&product, Some(&old)).await.token(), old);
    assert_eq!(history(&old).await.1["items"].as_array().unwrap().len(), 1);
    clock.plus_days(2);
    assert_eq!(history(&old).await.0, StatusCode::UNAUTHORIZED);
    let anew = Socket::visitor(&product, Some(&old)).await.token();
    assert_ne!(anew, old, "a new visitor begins");
    assert_eq!(history(&anew).await.1["items"], json!([]));
}
