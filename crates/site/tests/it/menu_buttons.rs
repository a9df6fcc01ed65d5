//! Menu buttons: what a company makes, what a site is told, what a press begins.

use harness::{Product, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn make(product: &Product, body: Value) -> (StatusCode, Value) {
    product.call(Method::POST, &product.project("/menu-buttons"), Some(body)).await
}

async fn made(product: &Product, label: &str, target: Value) -> String {
    let (status, button) = make(product, json!({ "label": { "ru": label }, "target": target })).await;
    assert_eq!(status, StatusCode::CREATED, "{button}");
    assert_eq!(button["change"], "new");
    publish(product).await;
    button["id"].as_str().unwrap().to_owned()
}

async fn change(product: &Product, id: &str, body: Value) -> (StatusCode, Value) {
    product.call(Method::PATCH, &product.project(&format!("/menu-buttons/{id}")), Some(body)).await
}

/// What the widget is told, once all that was edited is published.
async fn config(product: &Product) -> Value {
    publish(product).await;
    site(product).await
}

pub(crate) async fn publish(product: &Product) {
    product.post(&product.project("/appearance/publish"), json!({})).await;
}

/// What the widget is told.
pub(crate) async fn site(product: &Product) -> Value {
    let path = product.url(&format!("/w/v1/config?p={}", product.account.site_key));
    let (status, config) = harness::answer(product.http.get(path)).await;
    assert_eq!(status, StatusCode::OK, "{config}");
    config
}

async fn labels(product: &Product) -> Vec<String> {
    labels_of(&config(product).await)
}

pub(crate) fn labels_of(config: &Value) -> Vec<String> {
    let all = config["menu_buttons"].as_array().unwrap();
    all.iter().map(|button| button["label"]["ru"].as_str().unwrap().to_owned()).collect()
}

/// A published scenario that asks for the phone.
async fn asks_for_a_phone(product: &Product, publish: bool) -> String {
    let document = json!({
        "schema": 1,
        "launch": [{ "kind": "menu", "to": "b1" }],
        "blocks": [
            { "id": "b1", "type": "message", "settings": { "text": "Ваш телефон?",
                "wait": { "expect": "phone", "save_to": "phone", "on_incorrect": "retry", "error_text": "Это не номер" } } },
            { "id": "b2", "type": "message", "settings": { "text": "Спасибо" } },
        ],
        "edges": [{ "from": ["b1", "correct"], "to": "b2" }],
    });
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Телефон", "document": document })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    if publish {
        let path = product.project(&format!("/scenarios/{id}/publish"));
        let published = product.post(&path, json!({ "revision": made["revision"] })).await;
        let problems = published["problems"].to_string();
        assert!(!problems.contains("launch"), "a menu button launches it: {problems}");
    }
    id
}

async fn press(visitor: &mut Socket, client_id: &str, button: &str) {
    visitor.send(json!({ "type": "launch", "client_id": client_id, "menu_button_id": button })).await;
}

#[tokio::test]
async fn a_press_starts_the_scenario_and_the_answer_stands_in_the_field() {
    let product = Product::start().await;
    let scenario = asks_for_a_phone(&product, true).await;
    let button = made(&product, "Оставить телефон", json!({ "kind": "scenario", "scenario_id": scenario })).await;
    let told = config(&product).await["menu_buttons"][0].clone();
    assert_eq!(told["id"], button.as_str());
    assert_eq!(told["target"], json!({ "kind": "scenario" }), "a page is not told which scenario");

    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "subscribe", "from": 0 })).await;
    press(&mut visitor, "press-1", &button).await;
    let launched = visitor.expect("launched").await;
    assert_eq!((&launched["client_id"], &launched["started"]), (&json!("press-1"), &json!(true)));
    let asked = visitor.event("message.created").await;
    assert_eq!(asked["content"]["text"], "Ваш телефон?");
    visitor.say("1", "8 912 345-00-01").await;
    let contact = launched["contact_id"].as_str().unwrap();
    let contact = product.get(&product.project(&format!("/contacts/{contact}"))).await;
    assert_eq!(contact["fields"]["phone"][0]["value"], "+79123450001");

    let conversations = product.get(&product.project("/conversations")).await;
    let id = conversations["items"][0]["id"].as_str().unwrap();
    let messages = product.get(&product.project(&format!("/conversations/{id}/messages"))).await;
    let lines: Vec<&Value> = messages["items"].as_array().unwrap().iter().collect();
    let pressed = lines.iter().find(|line| line["content"]["event"]["code"] == "menu.pressed").unwrap();
    assert_eq!(pressed["content"]["event"]["data"]["label"], "Оставить телефон");
    let report = product.get(&product.project(&format!("/scenarios/{scenario}/report?launch=menu_button"))).await;
    assert_eq!(report["launches"], 1);
}

#[tokio::test]
async fn a_press_that_comes_twice_starts_nothing_twice() {
    let product = Product::start().await;
    let scenario = asks_for_a_phone(&product, true).await;
    let button = made(&product, "Телефон", json!({ "kind": "scenario", "scenario_id": scenario })).await;
    let mut visitor = product.visitor().await;
    for _ in 0..2 {
        press(&mut visitor, "the same", &button).await;
        assert_eq!(visitor.expect("launched").await["started"], true);
    }
    let runs = product.get(&product.project(&format!("/scenarios/{scenario}/runs"))).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
    press(&mut visitor, "another", &button).await;
    visitor.expect("launched").await;
    let runs = product.get(&product.project(&format!("/scenarios/{scenario}/runs"))).await;
    let reasons: Vec<&Value> = runs["items"].as_array().unwrap().iter().map(|run| &run["reason"]).collect();
    assert_eq!(reasons, [&Value::Null, &json!("replaced")], "a menu button replaces what waits (ruling 51)");
}

#[tokio::test]
async fn a_conversation_of_an_operator_is_not_taken_by_a_press() {
    let product = Product::start().await;
    let scenario = asks_for_a_phone(&product, true).await;
    let button = made(&product, "Телефон", json!({ "kind": "scenario", "scenario_id": scenario })).await;
    let mut visitor = product.visitor().await;
    let conversation = visitor.say("1", "Здравствуйте").await["conversation_id"].as_str().unwrap().to_owned();
    let path = product.project(&format!("/conversations/{conversation}"));
    product.post(&format!("{path}/messages"), json!({ "client_id": "a", "content": { "text": "Слушаю" } })).await;
    press(&mut visitor, "p", &button).await;
    let launched = visitor.expect("launched").await;
    assert_eq!((&launched["started"], &launched["reason"]), (&json!(false), &json!("busy")));
    let run = product.get(&format!("{path}/run")).await;
    assert_eq!(run, json!({ "run": null }));
}

#[tokio::test]
async fn what_cannot_work_is_not_shown_and_says_why() {
    let product = Product::start().await;
    let draft = asks_for_a_phone(&product, false).await;
    let unpublished = made(&product, "Черновик", json!({ "kind": "scenario", "scenario_id": draft })).await;
    made(&product, "В Телеграм", json!({ "kind": "channel", "channel": "telegram" })).await;
    made(&product, "Перезвоните", json!({ "kind": "callback", "fields": ["phone", "name"] })).await;
    made(&product, "Чат", json!({ "kind": "chat" })).await;
    let off = made(&product, "Скрытая", json!({ "kind": "phone", "phone": "+7 495 123-45-67" })).await;
    assert_eq!(change(&product, &off, json!({ "enabled": false })).await.0, StatusCode::OK);
    assert_eq!(labels(&product).await, ["Перезвоните", "Чат"]);
    let list = product.get(&product.project("/menu-buttons")).await;
    let problems: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|one| &one["problem"]).collect();
    let none = Value::Null;
    assert_eq!(problems, [&json!("scenario_unpublished"), &json!("channel_off"), &none, &none, &none]);
    let form = &config(&product).await["menu_buttons"][0]["target"]["fields"];
    assert_eq!(form[0], json!({ "key": "phone", "title": "Мобильный телефон", "kind": "phone" }));

    // A page that has an old configuration presses it: nothing begins, nobody becomes a contact.
    let mut visitor = product.visitor().await;
    press(&mut visitor, "p", &unpublished).await;
    assert_eq!(visitor.expect("error").await["code"], "not_published");
    let stranger = "btn_00000000000000000000000000000000";
    press(&mut visitor, "q", stranger).await;
    assert_eq!(visitor.expect("error").await["code"], "not_found");
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]));

    let path = product.project(&format!("/scenarios/{draft}?runs=stop"));
    product.call(Method::DELETE, &path, None).await;
    let list = product.get(&product.project("/menu-buttons")).await;
    assert_eq!(list["items"][0]["problem"], "scenario_gone");
}

#[tokio::test]
async fn without_premium_a_press_begins_nothing() {
    let product = Product::start().await;
    let scenario = asks_for_a_phone(&product, true).await;
    let button = made(&product, "Телефон", json!({ "kind": "scenario", "scenario_id": scenario })).await;
    let owner = harness::sign_in(&product, "owner@a.example", harness::PASSWORD).await.ok().unwrap();
    let (status, answer) = owner.call(&product, Method::PATCH, "/api/v1/licence", json!({ "premium": false })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(labels(&product).await, Vec::<String>::new());
    let mut visitor = product.visitor().await;
    press(&mut visitor, "p", &button).await;
    assert_eq!(visitor.expect("error").await["code"], "no_licence");
    assert_eq!(product.get(&product.project("/conversations")).await["items"], json!([]));
}

#[tokio::test]
async fn buttons_of_a_wrong_form_are_refused_with_their_place() {
    let product = Product::start().await;
    let chat = json!({ "kind": "chat" });
    let table: &[(Value, &str)] = &[
        (json!({ "label": { "ru": " " }, "target": chat }), "label.ru"),
        (json!({ "label": { "ru": "\u{202e}\u{200b}" }, "target": chat }), "label.ru"),
        (json!({ "label": { "ru": "я".repeat(41) }, "target": chat }), "label.ru"),
        (json!({ "label": { "ru": "я", "en": "x".repeat(41) }, "target": chat }), "label.en"),
        (json!({ "label": { "ru": "я" }, "colour": "red", "target": chat }), "colour"),
        (
            json!({ "label": { "ru": "я" }, "hours": { "days": [], "from": "09:00", "to": "18:00" }, "target": chat }),
            "hours.days",
        ),
        (
            json!({ "label": { "ru": "я" }, "hours": { "days": ["mon"], "from": "9:00", "to": "18:00" }, "target": chat }),
            "hours.from",
        ),
        (
            json!({ "label": { "ru": "я" }, "hours": { "days": ["mon"], "from": "09:00", "to": "24:00" }, "target": chat }),
            "hours.to",
        ),
        (json!({ "label": { "ru": "я" }, "image": {}, "target": chat }), "image"),
        (json!({ "label": { "ru": "я" }, "target": { "kind": "link", "url": "javascript:alert(1)" } }), "target.url"),
        (json!({ "label": { "ru": "я" }, "target": { "kind": "link", "url": "/basket" } }), "target.url"),
        (json!({ "label": { "ru": "я" }, "target": { "kind": "channel", "channel": "vk" } }), "target.url"),
        (json!({ "label": { "ru": "я" }, "target": { "kind": "phone", "phone": "позвоните" } }), "target.phone"),
        (json!({ "label": { "ru": "я" }, "target": { "kind": "callback", "fields": [] } }), "target.fields"),
        (
            json!({ "label": { "ru": "я" }, "target": { "kind": "callback", "fields": ["phone", "no"] } }),
            "target.fields.1",
        ),
    ];
    for (body, path) in table {
        let (status, problem) = make(&product, body.clone()).await;
        assert_eq!(
            (status, &problem["errors"][0]["path"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(path)),
            "{body}: {problem}"
        );
    }
    let foreign = json!({ "label": { "ru": "я" }, "target": { "kind": "scenario", "scenario_id": "scn_00000000000000000000000000000000" } });
    assert_eq!(make(&product, foreign).await.0, StatusCode::NOT_FOUND);
    for n in 0..7 {
        made(&product, &format!("Кнопка {n}"), chat.clone()).await;
    }
    let (status, problem) = make(&product, json!({ "label": { "ru": "восьмая" }, "target": chat })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("too_many_menu_buttons")));
}

#[tokio::test]
async fn their_order_is_the_companys() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let (a, b) =
        (made(&product, "А", json!({ "kind": "chat" })).await, made(&product, "Б", json!({ "kind": "chat" })).await);
    let path = product.project("/menu-buttons/order");
    let (status, _) = product.call(Method::PUT, &path, Some(json!({ "ids": [b, a] }))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(labels(&product).await, ["Б", "А"]);
    let mut told = operator.event("settings.updated").await;
    while told["resource"] == "appearance" {
        told = operator.event("settings.updated").await;
    }
    assert_eq!(told["resource"], "menu-buttons", "whoever looks at them is told");
    for wrong in [json!({ "ids": [a] }), json!({ "ids": [a, a] })] {
        assert_eq!(product.call(Method::PUT, &path, Some(wrong)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(labels(&product).await, ["Б", "А"]);
    let before = config(&product).await["version"].as_i64().unwrap();
    let (status, _) = product.call(Method::DELETE, &product.project(&format!("/menu-buttons/{a}")), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(config(&product).await["version"].as_i64().unwrap() > before, "sites see that something changed");
}

#[tokio::test]
async fn a_picture_is_made_small_and_everybody_sees_it() {
    let product = Product::start().await;
    let upload = |bytes: &'static [u8]| {
        let part = reqwest::multipart::Part::bytes(bytes).file_name("логотип.png");
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = product.url(&product.project("/menu-buttons/images"));
        product.http.post(url).bearer_auth(&product.account.api_key).multipart(form)
    };
    let (status, picture) = harness::answer(upload(harness::PIXEL)).await;
    assert_eq!(status, StatusCode::CREATED, "{picture}");
    let body =
        json!({ "label": { "ru": "Чат" }, "image": { "file_id": picture["file_id"] }, "target": { "kind": "chat" } });
    let (status, button) = make(&product, body).await;
    assert_eq!((status, &button["image"]["url"]), (StatusCode::CREATED, &picture["url"]));
    let told = config(&product).await["menu_buttons"][0]["image"].clone();
    assert_eq!(told, json!({ "url": picture["url"] }));
    let seen = product.http.get(product.url(told["url"].as_str().unwrap())).send().await.unwrap();
    assert_eq!((seen.status(), &seen.headers()["content-type"]), (StatusCode::OK, &"image/png".parse().unwrap()));

    let (status, problem) = harness::answer(upload(b"<svg/>")).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_a_picture")));
    // A file of a message is nobody's picture.
    let none = product.http.get(product.url("/w/v1/images/fil_00000000000000000000000000000000")).send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn hours_follow_the_time_zone_of_the_project() {
    let product = Product::start().await;
    let zone =
        async |zone: &str| product.call(Method::PATCH, &product.project(""), Some(json!({ "time_zone": zone }))).await;
    assert_eq!(config(&product).await["time_zone"], "Europe/Moscow");
    assert_eq!(zone("Asia/Yekaterinburg").await.1["time_zone"], "Asia/Yekaterinburg");
    assert_eq!(config(&product).await["time_zone"], "Asia/Yekaterinburg");
    let (status, problem) = zone("Марс/Олимп").await;
    assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("bad_time_zone")));
}
