//! Announcements: whom they reach, when their banner comes and goes, and what was read (R50, R51, R81).

use accounts::announcements::installation;
use harness::{Browser, PASSWORD, Product, TestClock, join, new_account, sign_in};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/announcements";

async fn owner(product: &Product) -> Browser {
    sign_in(product, "owner@a.example", PASSWORD).await.ok().unwrap()
}

fn titles(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().or(list["announcements"].as_array()).unwrap();
    items.iter().filter(|it| it["source"] != "product").map(|it| it["title_ru"].as_str().unwrap()).collect()
}

fn maintenance() -> Value {
    // The clock of the tests stands at 2026-09-21T14:13:20Z.
    json!({ "kind": "maintenance", "title_ru": "Работы", "title_en": "Work", "text_ru": "Связь **пропадёт**",
        "window_from": "2026-09-21T20:01:00+05:00", "window_to": "2026-09-21T16:01:00Z" })
}

#[tokio::test]
async fn a_planned_maintenance_is_current_until_its_window_ends_by_the_clock() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let made = product.post(PATH, maintenance()).await;
    assert_eq!((&made["window_from"], &made["source"]), (&json!("2026-09-21T15:01:00.000Z"), &json!("account")));
    let current = async || product.get(&format!("{PATH}/current")).await;
    assert_eq!(titles(&current().await), ["Работы"]);
    clock.plus_minutes(100);
    assert_eq!(titles(&current().await), ["Работы"], "eight minutes before its end");
    clock.plus_minutes(10);
    assert!(titles(&current().await).is_empty(), "over");
    assert_eq!(titles(&product.get(PATH).await), ["Работы"], "the feed keeps it");
}

#[tokio::test]
async fn an_incident_lasts_until_somebody_says_that_it_is_over() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let mut operator = product.operator().await;
    let made = product.post(PATH, json!({ "kind": "incident", "title_ru": "Сбой" })).await;
    let told = operator.event("announcement.created").await;
    assert_eq!(told, json!({ "id": made["id"] }), "what it says is read by whom it is for");
    let id = made["id"].as_str().unwrap();
    clock.plus_days(3);
    let current = async || product.get(&format!("{PATH}/current")).await;
    assert_eq!(titles(&current().await), ["Сбой"]);
    let ended = product.post(&format!("{PATH}/{id}/end"), json!({})).await;
    assert!(ended["ended_at"].is_string());
    operator.event("announcement.updated").await;
    assert!(titles(&current().await).is_empty());
    let again = product.post(&format!("{PATH}/{id}/end"), json!({})).await;
    assert_eq!(again["ended_at"], ended["ended_at"], "said again, it changes nothing");

    let news = product.post(PATH, json!({ "kind": "news", "title_ru": "Новость" })).await;
    let path = format!("{PATH}/{}/end", news["id"].as_str().unwrap());
    let (status, body) = product.call(Method::POST, &path, Some(json!({}))).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("nothing_to_end")));
}

#[tokio::test]
async fn a_draft_is_seen_by_authors_alone_and_a_waiting_one_is_told_at_its_time() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let draft = product.post(PATH, json!({ "kind": "news", "title_ru": "Черновик", "draft": true })).await;
    let later = json!({ "kind": "news", "title_ru": "Завтра", "publish_at": "2026-09-22T13:00:00Z" });
    product.post(PATH, later).await;
    let operator = join(&product, "op@a.example", "operator", &[&product.account.project_id.to_string()]).await;
    let id = draft["id"].as_str().unwrap();
    assert!(titles(&operator.get(&product, PATH).await).is_empty());
    let hidden = harness::answer(operator.request(&product, Method::GET, &format!("{PATH}/{id}"))).await;
    assert_eq!(hidden.0, StatusCode::NOT_FOUND);
    let of_authors = format!("{PATH}?view=written");
    assert_eq!(titles(&product.get(&of_authors).await), ["Завтра", "Черновик"]);
    let refused = harness::answer(operator.request(&product, Method::GET, &of_authors)).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);

    let current = operator.get(&product, &format!("{PATH}/current")).await;
    assert_eq!(current["changes_at"], "2026-09-22T13:00:00.000Z", "the page asks again then");
    clock.plus_days(1);
    assert_eq!(titles(&operator.get(&product, PATH).await), ["Завтра"]);
    let (status, told) =
        product.call(Method::PATCH, &format!("{PATH}/{id}"), Some(json!({ "draft": false, "text_ru": "Текст" }))).await;
    assert_eq!((status, &told["text_ru"]), (StatusCode::OK, &json!("Текст")));
    assert_eq!(titles(&operator.get(&product, PATH).await), ["Черновик", "Завтра"]);
}

#[tokio::test]
async fn an_announcement_reaches_the_roles_and_projects_it_is_for() {
    let product = Product::start().await;
    let shop = product.account.project_id.to_string();
    let other = product.post("/api/v1/projects", json!({ "name": "Опт" })).await;
    let other = other["id"].as_str().unwrap();
    let operator = join(&product, "op@a.example", "operator", &[&shop]).await;
    let admin = join(&product, "ad@a.example", "admin", &[other]).await;
    for new in [
        json!({ "kind": "news", "title_ru": "Операторам", "roles": ["operator"] }),
        json!({ "kind": "news", "title_ru": "Опту", "project_ids": [other] }),
        json!({ "kind": "news", "title_ru": "Магазину", "project_ids": [shop] }),
        json!({ "kind": "news", "title_ru": "Всем" }),
    ] {
        product.post(PATH, new).await;
    }
    assert_eq!(titles(&operator.get(&product, PATH).await), ["Всем", "Магазину", "Операторам"]);
    assert_eq!(titles(&admin.get(&product, PATH).await), ["Всем", "Опту"]);
    assert_eq!(titles(&owner(&product).await.get(&product, PATH).await), ["Всем", "Магазину", "Опту"]);

    // An admin writes for the people of his own projects, and changes nothing else.
    let (status, body) =
        admin.call(&product, Method::POST, PATH, json!({ "kind": "news", "title_ru": "Всему миру" })).await;
    assert_eq!((status, &body["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("project_ids")));
    let foreign = json!({ "kind": "news", "title_ru": "Чужим", "project_ids": [shop] });
    assert_eq!(admin.call(&product, Method::POST, PATH, foreign).await.0, StatusCode::NOT_FOUND);
    let own = json!({ "kind": "news", "title_ru": "Своим", "project_ids": [other] });
    assert_eq!(admin.call(&product, Method::POST, PATH, own).await.0, StatusCode::CREATED);
    let written = admin.get(&product, &format!("{PATH}?view=written&limit=1")).await;
    assert_eq!(titles(&written), ["Своим"]);
    let next = format!("{PATH}?view=written&limit=1&cursor={}", written["next_cursor"].as_str().unwrap());
    assert_eq!(titles(&admin.get(&product, &next).await), ["Опту"], "written by the owner for the admin's project");
    let all = product.get(PATH).await;
    let for_all = all["items"].as_array().unwrap().iter().find(|it| it["title_ru"] == "Всем").unwrap();
    let path = format!("{PATH}/{}", for_all["id"].as_str().unwrap());
    assert_eq!(admin.call(&product, Method::DELETE, &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    let by_operator = json!({ "kind": "news", "title_ru": "x" });
    assert_eq!(operator.call(&product, Method::POST, PATH, by_operator).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn read_marks_follow_the_person_and_not_the_browser() {
    let product = Product::start().await;
    let (here, there) = (owner(&product).await, owner(&product).await);
    let mut socket = there.socket(&product).await;
    let project = product.account.project_id;
    socket.send(json!({ "type": "subscribe", "projects": [project], "from": socket.hello["position"] })).await;
    let unread = async |who: &Browser| who.get(&product, &format!("{PATH}/current")).await["unread"].as_i64().unwrap();
    let of_product = unread(&here).await;
    assert!(of_product >= 3, "news of the product are new, too");
    let made = product.post(PATH, json!({ "kind": "news", "title_ru": "Новость" })).await;
    let path = format!("{PATH}/{}/read", made["id"].as_str().unwrap());
    assert_eq!(unread(&there).await, of_product + 1);
    assert_eq!(here.call(&product, Method::POST, &path, json!({})).await.0, StatusCode::NO_CONTENT);
    socket.expect("announcements_read").await;
    assert_eq!(unread(&there).await, of_product);
    let colleague = join(&product, "ad@a.example", "admin", &[&project.to_string()]).await;
    assert_eq!(unread(&colleague).await, of_product, "what was told before somebody joined is not new");
    assert_eq!(titles(&colleague.get(&product, PATH).await), ["Новость"]);

    let all = format!("{PATH}/read-all");
    assert_eq!(there.call(&product, Method::POST, &all, json!({})).await.0, StatusCode::NO_CONTENT);
    socket.expect("announcements_read").await;
    assert_eq!((unread(&here).await, unread(&colleague).await), (0, of_product));

    let work = product
        .post(
            PATH,
            json!({ "kind": "maintenance", "title_ru": "Работы",
        "window_from": "2099-01-01T00:00:00Z", "window_to": "2099-01-01T03:00:00Z" }),
        )
        .await;
    let path = format!("{PATH}/{}/read", work["id"].as_str().unwrap());
    here.call(&product, Method::POST, &path, json!({ "hide": true })).await;
    here.call(&product, Method::POST, &path, json!({})).await;
    let current = there.get(&product, &format!("{PATH}/current")).await;
    assert_eq!((&current["announcements"][0]["hidden"], &current["unread"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn pages_of_the_feed_meet_and_hold_the_news_of_the_product() {
    let product = Product::start().await;
    for n in 0..5 {
        product.post(PATH, json!({ "kind": "news", "title_ru": format!("Новость {n}") })).await;
    }
    let whole = product.get(PATH).await;
    let of_product = whole["items"].as_array().unwrap().iter().filter(|it| it["source"] == "product").count();
    assert!(of_product >= 3, "{whole}");
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = product.get(&format!("{PATH}?limit=2{cursor}")).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(json!(paged), whole["items"]);
    let news = paged.iter().find(|it| it["source"] == "product").unwrap();
    let one = product.get(&format!("{PATH}/{}", news["id"].as_str().unwrap())).await;
    assert_eq!(&one, news);
}

#[tokio::test]
async fn the_first_accounts_owner_and_the_command_tell_every_account() {
    let product = Product::start().await;
    let other = new_account(&product.app, "owner@b.example", "B").await;
    let stranger = sign_in(&product, "owner@b.example", PASSWORD).await.ok().unwrap();
    let new = json!({ "kind": "incident", "title_ru": "Всем", "for_all_accounts": true });
    assert_eq!(stranger.call(&product, Method::POST, PATH, new.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stranger.get(&product, "/api/v1/me").await["installation_admin"], false);
    let owner = owner(&product).await;
    assert_eq!(owner.get(&product, "/api/v1/me").await["installation_admin"], true);
    let mut socket = stranger.socket(&product).await;
    socket.send(json!({ "type": "subscribe", "projects": [other.project_id], "from": socket.hello["position"] })).await;
    let (status, made) = owner.call(&product, Method::POST, PATH, new).await;
    assert_eq!((status, &made["source"]), (StatusCode::CREATED, &json!("installation")));
    assert_eq!(socket.event("announcement.created").await["id"], made["id"]);
    let seen = stranger.get(&product, &format!("{PATH}/current")).await;
    assert_eq!(titles(&seen), ["Всем"]);
    assert_eq!(seen["announcements"][0]["editable"], false);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let change = json!({ "title_ru": "Взломано" });
    assert_eq!(stranger.call(&product, Method::PATCH, &path, change).await.0, StatusCode::FORBIDDEN);
    assert_eq!(titles(&owner.get(&product, &format!("{PATH}?view=written")).await), ["Всем"]);
    stranger.call(&product, Method::POST, &format!("{path}/read"), json!({})).await;
    assert_eq!(owner.call(&product, Method::DELETE, &path, Value::Null).await.0, StatusCode::NO_CONTENT);
    socket.event("announcement.updated").await;
    assert!(titles(&stranger.get(&product, PATH).await).is_empty());

    // As `otklik announce` does it, in another process.
    let (db, env) = (&product.app.messaging.db, &product.app.messaging.env);
    let new = serde_json::from_value(json!({ "kind": "incident", "title_en": "Outage", "for_all_accounts": true }));
    let made = installation::create(db, env, new.unwrap()).await.unwrap();
    assert_eq!(socket.event("announcement.created").await["id"], json!(made.id));
    installation::end(db, env, made.id).await.unwrap();
    assert!(titles(&stranger.get(&product, &format!("{PATH}/current")).await).is_empty());
    assert_eq!(installation::all(db).await.unwrap().len(), 1);
    installation::delete(db, env, made.id).await.unwrap();
    assert!(installation::all(db).await.unwrap().is_empty());
}

#[tokio::test]
async fn planned_work_on_a_channel_shows_in_its_health_and_loses_nothing() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let own = product.project("/connections");
    let new = json!({ "kind": "own", "title": "1С", "settings": { "out_url": "https://bridge.example/in" } });
    let (_, channel) = product.call(Method::POST, &own, Some(new)).await;
    let site = product.get(&own).await["items"][0].clone();
    let connection = if channel["id"].is_string() { channel } else { site };
    let mut work = maintenance();
    work["connection_id"] = connection["id"].clone();
    let made = product.post(PATH, work).await;
    assert_eq!(made["connection_title"], connection["title"]);
    let planned = async || {
        let list = product.get(&own).await;
        let found = list["items"].as_array().unwrap().iter().find(|it| it["id"] == connection["id"]).cloned();
        found.unwrap()["planned"].clone()
    };
    let wanted = json!({ "announcement_id": made["id"], "from": made["window_from"], "to": made["window_to"] });
    assert_eq!(planned().await, wanted);

    // While it goes on, what a client writes is taken and what an operator answers is queued.
    clock.plus_minutes(100);
    assert_eq!(planned().await, wanted);
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "Есть кто?").await;
    let path = product.project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    let reply = product.post(&path, json!({ "client_id": "r", "content": { "text": "Да" } })).await;
    assert_eq!(reply["content"]["text"], "Да");
    visitor.expect("event").await;
    clock.plus_minutes(60);
    assert_eq!(planned().await, Value::Null, "over");

    // Another account's channel cannot be named.
    let mut foreign = maintenance();
    foreign["connection_id"] = json!("con_00000000000000000000000000000001");
    assert_eq!(product.call(Method::POST, PATH, Some(foreign)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn there_are_fifty_drafts_at_most() {
    let product = Product::start().await;
    let draft = || json!({ "kind": "news", "title_ru": "Черновик", "draft": true });
    for _ in 0..50 {
        product.post(PATH, draft()).await;
    }
    let (status, body) = product.call(Method::POST, PATH, Some(draft())).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("too_many_drafts")));
    product.post(PATH, json!({ "kind": "news", "title_ru": "Новость" })).await;
}

#[tokio::test]
async fn what_was_for_people_of_the_demo_alone_goes_with_it() {
    let product = Product::start().await;
    let (db, env, account) = (&product.app.messaging.db, product.app.messaging.env.clone(), product.account.account_id);
    let demo = db.write(account, move |tx| {
        let env = env.clone();
        Box::pin(async move { accounts::create_project(&mut model::Cx::new(tx, &env, &account), "Демо", true).await })
    });
    let demo = demo.await.unwrap();
    let id = demo.id.to_string();
    product.post(PATH, json!({ "kind": "news", "title_ru": "Демо", "project_ids": [id] })).await;
    let both = json!([id, product.account.project_id]);
    product.post(PATH, json!({ "kind": "news", "title_ru": "Обоим", "project_ids": both })).await;
    product.post(PATH, json!({ "kind": "news", "title_ru": "Всем" })).await;
    assert_eq!(titles(&product.get(PATH).await), ["Всем", "Обоим", "Демо"]);
    assert_eq!(product.call(Method::DELETE, "/api/v1/demo", None).await.0, StatusCode::OK);
    assert_eq!(titles(&product.get(PATH).await), ["Всем", "Обоим"]);
}
