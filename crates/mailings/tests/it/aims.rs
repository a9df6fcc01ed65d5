//! Audiences with a name, links that are counted, and what a mailing was sent for.

use super::support::Clients;
use harness::{Product, Shop, until};
use messaging::Settings;
use model::{ChannelKind, Env};
use reqwest::header::{LOCATION, USER_AGENT};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vault::Vault;

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

async fn segment(product: &Product, name: &str, audience: Value) -> String {
    let made = product.post(&product.project("/segments"), json!({ "name": name, "audience": audience })).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn refused(product: &Product, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let (status, answer) = product.call(method, &product.project(path), body).await;
    assert!(status.is_client_error(), "{status} {answer}");
    (status, answer)
}

#[tokio::test]
async fn a_segment_is_meant_by_its_name_and_as_it_is_when_the_mailing_begins() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (anna, boris, vera) = (clients.telegram(1).await, clients.telegram(2).await, clients.telegram(3).await);
    clients.tag(anna, "опт").await;
    clients.tag(boris, "vip").await;
    let wholesale = segment(product, "Опт", json!({ "all": [{ "tag": "опт" }] })).await;
    let dear = segment(product, "Дорогие", json!({ "any": [{ "segment_id": wholesale }, { "tag": "vip" }] })).await;
    let mailing = clients.mailing(json!({ "audience": { "all": [{ "segment_id": dear }] } })).await;
    assert_eq!(clients.act(&mailing, "preflight").await["people"], 2);
    let others = clients.mailing(json!({ "audience": { "all": [{ "segment_id": dear, "not": true }] } })).await;
    assert_eq!(clients.act(&others, "preflight").await["people"], 1);
    // Who edits it changes whom a mailing that has not begun means.
    let body = json!({ "name": "Опт", "audience": { "all": [{ "contacts": [anna, vera] }] }, "revision": 1 });
    let (status, answer) =
        product.call(Method::PUT, &product.project(&format!("/segments/{wholesale}")), Some(body.clone())).await;
    assert_eq!((status, &answer["revision"]), (StatusCode::OK, &json!(2)), "{answer}");
    assert_eq!(clients.sent(&mailing).await["people"], 3);
    let (status, answer) =
        product.call(Method::PUT, &product.project(&format!("/segments/{wholesale}")), Some(body)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("segment_changed")));
    // What names it keeps it.
    let (status, answer) = refused(product, Method::DELETE, &format!("/segments/{wholesale}"), None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("segment_in_use")));
    assert!(answer["detail"].as_str().unwrap().contains("Дорогие"), "{answer}");
    let used = product.get(&product.project(&format!("/segments/{dear}/usage"))).await;
    assert_eq!(
        (used["mailings"].as_array().unwrap().len(), &used["segments"]),
        (1, &json!([])),
        "one has ended: {used}"
    );
    let (status, _) = product.call(Method::DELETE, &others, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for id in [&dear, &wholesale] {
        let (status, answer) = product.call(Method::DELETE, &product.project(&format!("/segments/{id}")), None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }
    assert_eq!(product.get(&product.project("/segments")).await["items"], json!([]));
}

#[tokio::test]
async fn segments_go_in_no_circle_and_are_nobodys_of_another_project() {
    let clients = Clients::new().await;
    let product = clients.product();
    let bare = segment(product, "Все", json!({ "all": [] })).await;
    let outer = segment(product, "Снаружи", json!({ "all": [{ "segment_id": bare }] })).await;
    let wrong = async |method: Method, path: &str, body: Value| {
        let (status, answer) = refused(product, method, path, Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        answer["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
    };
    let names = |id: &str| json!({ "all": [{ "segment_id": id }] });
    assert_eq!(
        wrong(Method::POST, "/segments", json!({ "name": "x", "audience": names(&outer) })).await,
        "segment_too_deep"
    );
    let put = |audience: Value, name: &str| json!({ "name": name, "audience": audience, "revision": 1 });
    let path = format!("/segments/{bare}");
    assert_eq!(wrong(Method::PUT, &path, put(names(&bare), "Все")).await, "segment_circle");
    assert_eq!(wrong(Method::PUT, &path, put(names(&outer), "Все")).await, "segment_too_deep");
    let none = "seg_00000000000000000000000000000001";
    assert_eq!(wrong(Method::POST, "/segments", json!({ "name": "x", "audience": names(none) })).await, "segment_gone");
    let document = json!({ "title": "x", "audience": names(none) });
    assert_eq!(wrong(Method::POST, "/mailings", document).await, "segment_gone");
    let (status, answer) =
        refused(product, Method::POST, "/segments", Some(json!({ "name": " ВСЕ ", "audience": { "all": [] } }))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("segment_name_taken")));

    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let foreign = format!("/api/v1/projects/{}", other["id"].as_str().unwrap());
    let (status, _) = product.call(Method::GET, &format!("{foreign}/segments/{bare}"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let body = json!({ "title": "x", "audience": names(&bare) });
    let (status, _) = product.call(Method::POST, &format!("{foreign}/mailings"), Some(body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a segment of another project");
}

async fn known_shop() -> Clients {
    let settings = Settings { public_url: "https://chat.example".to_owned() };
    Clients::of(Shop::open_in(Product::start_with(Env::system(Vault::throwaway()), settings).await).await).await
}

#[tokio::test]
async fn links_are_counted_once_a_person_and_lead_only_where_the_mailing_says() {
    let clients = known_shop().await;
    let product = clients.product();
    clients.field("link", "Ссылка").await;
    let (anna, boris) = (clients.telegram(1).await, clients.telegram(2).await);
    clients.set(anna, json!({ "link": "https://evil.example/x" })).await;
    let text = "Смотрите https://shop.example/лампа?a=1 и https://shop.example/b. {{link|нет}}";
    let mailing =
        clients.mailing(json!({ "body": { "text": text }, "count_clicks": true, "channels": ["telegram"] })).await;
    clients.sent(&mailing).await;
    let text = |number: usize| clients.shop.sent()[number]["text"].as_str().unwrap().to_owned();
    let texts = [text(0), text(1)];
    let to_anna =
        texts.iter().find(|text| text.contains("evil.example")).expect("a client's own words stay as they are");
    let tokens: Vec<&str> =
        to_anna.split_whitespace().filter_map(|word| word.strip_prefix("https://chat.example")).collect();
    assert_eq!(tokens.len(), 2, "{to_anna}");
    assert!(!to_anna.contains("shop.example"), "{to_anna}");
    let second = tokens[1].trim_end_matches('.');

    let open = async |method: Method, path: &str, agent: &str| {
        let asked = product.http.request(method, product.url(path)).header(USER_AGENT, agent).send().await.unwrap();
        let to = asked.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (asked.status(), to)
    };
    let counts = async || product.get(&format!("{mailing}/report")).await;
    // Programs that look, and heads, are led but not counted.
    for (method, agent) in [(Method::HEAD, PERSON), (Method::GET, "TelegramBot (like TwitterBot)"), (Method::GET, "")] {
        let (status, to) = open(method, tokens[0], agent).await;
        assert_eq!(
            (status, to.as_deref()),
            (StatusCode::FOUND, Some("https://shop.example/%D0%BB%D0%B0%D0%BC%D0%BF%D0%B0?a=1"))
        );
    }
    assert_eq!(counts().await["counts"]["clicked"], 0);
    for _ in 0..3 {
        assert_eq!(open(Method::GET, tokens[0], PERSON).await.0, StatusCode::FOUND);
    }
    assert_eq!(open(Method::GET, second, PERSON).await.1.as_deref(), Some("https://shop.example/b"));
    let report = counts().await;
    assert_eq!(report["counts"]["clicked"], 1);
    let wanted = json!([{ "url": "https://shop.example/лампа?a=1", "people": 1 }, { "url": "https://shop.example/b", "people": 1 }]);
    assert_eq!(report["links"], wanted);
    let who = clients.people(&mailing, "link=0").await;
    assert_eq!((who.len(), &who[0]["contact_id"], &who[0]["clicked"]), (1, &json!(anna), &json!(true)));
    assert_ne!(who[0]["contact_id"], json!(boris));

    // Nobody else's link leads anywhere.
    let token = tokens[0].strip_prefix("/l/").unwrap();
    let turned = if token.ends_with('A') { "B" } else { "A" };
    for odd in [
        "x".to_owned(),
        format!("{}{turned}", &token[..token.len() - 1]),
        token.replacen('0', "1", 1),
        format!("{token}?to=https://evil.example"),
    ] {
        let (status, to) = open(Method::GET, &format!("/l/{odd}"), PERSON).await;
        if odd.contains('?') {
            assert_eq!(
                to.as_deref(),
                Some("https://shop.example/%D0%BB%D0%B0%D0%BC%D0%BF%D0%B0?a=1"),
                "a query changes nothing"
            );
        } else {
            assert_eq!((status, to), (StatusCode::NOT_FOUND, None), "{odd}");
        }
    }
}

#[tokio::test]
async fn links_are_left_alone_unless_that_is_asked_and_the_way_out_always_is() {
    let clients = known_shop().await;
    let (mail, mailbox) = clients.mailbox().await;
    clients.on(mailbox, ChannelKind::Email, "anna@client.example").await;
    let body = json!({ "text": "https://shop.example/a", "per_channel": { "email": { "subject": "Лампы" } } });
    let plain = clients.mailing(json!({ "channels": ["email"], "body": body })).await;
    clients.sent(&plain).await;
    assert!(mail.posted()[0].text.contains("https://shop.example/a"), "{}", mail.posted()[0].text);
    let counted = clients
        .mailing(json!({ "channels": ["email"], "body": body, "count_clicks": true, "opt_out_line": true }))
        .await;
    clients.sent(&counted).await;
    let letter = mail.posted()[1].text.clone();
    let words = letter.replace("=\r\n", "").replace("=\n", "");
    assert!(
        words.contains("https://chat.example/l/") && words.contains("https://chat.example/unsubscribe/"),
        "{words}"
    );
}

#[tokio::test]
async fn a_goal_is_a_value_that_came_after_the_message_and_in_time() {
    let clients = Clients::new().await;
    let product = clients.product();
    clients.field("orders", "Заказов").await;
    let mut all = Vec::new();
    for number in 1..=4 {
        all.push(clients.telegram(number).await);
    }
    // One has it already: the mailing did not bring that.
    clients.set(all[0], json!({ "orders": "7" })).await;
    let goal = json!({ "field": "orders", "op": "at_least", "value": 5, "within_days": 7 });
    let mailing = clients.mailing(json!({ "goal": goal })).await;
    clients.sent(&mailing).await;
    clients.set(all[1], json!({ "orders": "4" })).await;
    clients.set(all[2], json!({ "orders": "12" })).await;
    until("the goal is seen", async || product.get(&mailing).await["counts"]["goal"] == 1).await;
    let who = clients.people(&mailing, "state=goal").await;
    assert_eq!((who.len(), &who[0]["contact_id"], who[0]["goal_at"].is_string()), (1, &json!(all[2]), true));
    clients.set(all[1], json!({ "orders": "5" })).await;
    until("the second", async || product.get(&mailing).await["counts"]["goal"] == 2).await;
    // The people behind the number are an audience.
    let id = mailing.rsplit('/').next().unwrap();
    let next = clients.mailing(json!({ "audience": { "all": [{ "mailing": { "id": id, "state": "goal" } }] } })).await;
    assert_eq!(clients.act(&next, "preflight").await["people"], 2);
    let (_, table) = product.call(Method::GET, &format!("{mailing}/recipients/export?state=goal"), None).await;
    assert_eq!(table.as_str().unwrap().trim().lines().count(), 3, "{table}");

    for wrong in [
        json!({ "field": "orders", "op": "is_empty", "within_days": 7 }),
        json!({ "field": "orders", "op": "is", "within_days": 7 }),
        json!({ "field": "orders", "op": "is_filled", "within_days": 0 }),
        json!({ "within_days": 7 }),
    ] {
        let body = json!({ "title": "x", "goal": wrong });
        let (status, answer) = product.call(Method::POST, &product.project("/mailings"), Some(body)).await;
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("bad_goal")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_installation_without_an_address_says_that_it_counts_no_links() {
    let clients = Clients::new().await;
    clients.telegram(1).await;
    let mailing = clients.mailing(json!({ "body": { "text": "https://shop.example/a" }, "count_clicks": true })).await;
    let problems = clients.product().get(&mailing).await["problems"].clone();
    assert_eq!(
        (&problems[0]["path"], &problems[0]["code"]),
        (&json!("count_clicks"), &json!("no_public_url")),
        "{problems}"
    );
    assert_eq!(clients.act(&mailing, "preflight").await["problems"][0]["code"], "no_public_url");
    assert_eq!(clients.refused(&mailing, "start").await, "not_ready");
}
