//! Auto-actions: what a company saves, what a page is told, what the server does when a page says that it has shown one.

use harness::{Product, Socket, TestClock};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn document(conditions: Value, actions: Value) -> Value {
    json!({
        "title": "Приглашение", "enabled": true, "starts": "page", "conditions": conditions, "actions": actions,
        "limits": { "per": "day", "times": 1, "pause_seconds": 0, "over_open_dialog": false },
    })
}

async fn make(product: &Product, body: Value) -> (StatusCode, Value) {
    product.call(Method::POST, &product.project("/auto-actions"), Some(body)).await
}

async fn made(product: &Product, conditions: Value, actions: Value) -> String {
    let (status, action) = make(product, document(conditions, actions)).await;
    assert_eq!(status, StatusCode::CREATED, "{action}");
    action["id"].as_str().unwrap().to_owned()
}

async fn suggest(product: &Product, target: Value) -> String {
    let body = json!({ "label": { "ru": "Подобрать", "en": "Choose" }, "target": target });
    product.post(&product.project("/suggests"), body).await["id"].as_str().unwrap().to_owned()
}

async fn rules(product: &Product, token: Option<&str>) -> Value {
    let path = product.url(&format!("/w/v1/rules?p={}", product.account.site_key));
    let request = product.http.get(path);
    let request = match token {
        Some(token) => request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", token),
        None => request,
    };
    let (status, rules) = harness::answer(request).await;
    assert_eq!(status, StatusCode::OK, "{rules}");
    rules
}

async fn acts(product: &Product, token: &str, body: Value) -> (StatusCode, Value) {
    let request = product.http.post(product.url("/w/v1/actions")).header("x-otklik-site", &product.account.site_key);
    harness::answer(request.header("x-otklik-visitor", token).json(&body)).await
}

fn shown(id: &str, client_id: &str, facts: Value) -> Value {
    json!({ "client_id": client_id, "auto_action_id": id, "kind": "shown", "start": "page", "facts": facts })
}

const ON_SALE: &str = "https://shop.example/sale";

fn on_sale() -> Value {
    json!({ "all": [{ "fact": "page_path", "op": "is", "value": "/sale" }] })
}

/// What an administrator's page shows of each auto-action.
async fn inspected(product: &Product, pass: &str, facts: Value) -> (StatusCode, Value) {
    let request = product.http.post(product.url("/w/v1/inspect")).header("x-otklik-visitor", "1".repeat(32));
    let request = request.header("x-otklik-site", &product.account.site_key);
    let answer = request.json(&json!({ "pass": pass, "facts": facts })).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_administrator_opens_the_checker_in_the_page_and_nobody_else() {
    let product = Product::start().await;
    let rule = json!({ "title": "Чай", "enabled": true, "starts": "page", "actions": [{ "type": "open_widget" }],
        "conditions": { "all": [{ "fact": "page_path", "op": "is", "value": "/tea" }] },
        "limits": { "per": "visit", "times": 1, "pause_seconds": 0, "over_open_dialog": false } });
    product.post(&product.project("/auto-actions"), rule).await;
    let link = product
        .post(&product.project("/auto-actions/inspect"), json!({ "url": "https://shop.example/tea?a=1#x" }))
        .await;
    let (page, pass) = link["url"].as_str().unwrap().split_once("#otklik-inspect=").unwrap();
    assert_eq!(page, "https://shop.example/tea?a=1");
    let (status, seen) = inspected(&product, pass, json!({ "page_url": page })).await;
    assert_eq!(
        (status, &seen["items"][0]["title"], &seen["items"][0]["chosen"]),
        (StatusCode::OK, &json!("Чай"), &json!(true))
    );
    let (_, seen) = inspected(&product, pass, json!({ "page_url": "https://shop.example/coffee" })).await;
    assert_eq!(seen["items"][0]["stopped_by"], json!(["conditions"]));
    assert_eq!(seen["items"][0]["conditions"][0]["actual"], json!("/coffee"));

    let until = pass.split_once('.').unwrap().0;
    let later = pass.replace(until, "9999999999999");
    for wrong in ["", "x", until, later.as_str()] {
        let (status, problem) = inspected(&product, wrong, json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("inspect_ended")), "{wrong}");
    }
    for url in ["", "javascript:alert(1)", "https://", "https://a.example/ x"] {
        let body = Some(json!({ "url": url }));
        let (status, _) = product.call(Method::POST, &product.project("/auto-actions/inspect"), body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
    }
}

#[tokio::test]
async fn a_page_is_told_compact_rules_and_nothing_of_what_the_server_does() {
    let product = Product::start().await;
    let choose = suggest(&product, json!({ "kind": "text", "text": { "ru": "Подберите лампу" } })).await;
    let actions = json!([
        { "type": "show_suggests", "suggest_ids": [choose] }, { "type": "notify", "text": "тайное слово" },
        { "type": "set_tag", "tag": "распродажа" },
    ]);
    let id = made(&product, on_sale(), actions).await;
    let off = made(&product, json!({ "all": [] }), json!([{ "type": "open_widget" }])).await;
    let path = product.project(&format!("/auto-actions/{off}"));
    assert_eq!(product.call(Method::PATCH, &path, Some(json!({ "enabled": false }))).await.0, StatusCode::OK);

    let told = rules(&product, None).await;
    let all: Vec<&Value> = told["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert_eq!(all, [&json!(id)]);
    assert!(!told.to_string().contains("тайное") && !told.to_string().contains("распродажа"));
    assert_eq!(told["suggests"][0]["label"], json!({ "ru": "Подобрать", "en": "Choose" }));
    assert_eq!(told["visitor"], Value::Null);
    let page = product.http.get(product.url(&format!("/w/v1/rules?p={}", product.account.site_key)));
    let page = page.header("origin", "https://shop.example").send().await.unwrap();
    let vary: Vec<&str> = page.headers().get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(vary, ["x-otklik-visitor", "origin"], "a cache keeps a stranger's answer for strangers");
    let config = product.url(&format!("/w/v1/config?p={}", product.account.site_key));
    assert_eq!(harness::answer(product.http.get(config)).await.1["rules"], true);
}

#[tokio::test]
async fn what_a_page_shows_is_noted_once_and_its_effects_are_done_once() {
    let product = Product::start().await;
    let actions = json!([
        { "type": "message", "author": "bot", "text": "Показать новинки?" }, { "type": "set_tag", "tag": "распродажа" },
        { "type": "set_field", "key": "name", "value": "Гость" }, { "type": "notify", "text": "Смотрит распродажу" },
    ]);
    let id = made(&product, on_sale(), actions).await;
    let visitor = product.visitor().await;
    let token = visitor.token();
    let facts = json!({ "page_url": ON_SALE });
    for _ in 0..2 {
        let (status, acted) = acts(&product, &token, shown(&id, "one", facts.clone())).await;
        assert_eq!(status, StatusCode::OK, "{acted}");
    }
    let contacts = product.get(&product.project("/contacts")).await;
    let contact = &contacts["items"][0];
    assert_eq!((&contact["tags"], &contact["name"]), (&json!(["распродажа"]), &json!("Гость")));
    let conversations = product.get(&product.project("/conversations")).await;
    let here = &conversations["items"][0];
    assert_eq!(here["status"], "waiting", "nobody is called for what the site did by itself");
    let path = product.project(&format!("/conversations/{}/messages", here["id"].as_str().unwrap()));
    let messages = product.get(&path).await;
    let said: Vec<&Value> = messages["items"].as_array().unwrap().iter().collect();
    assert_eq!(said.iter().filter(|one| one["content"]["text"] == "Показать новинки?").count(), 1);
    let again = acts(&product, &token, shown(&id, "two", facts)).await.1;
    assert_eq!((&again["done"], &again["stopped_by"]), (&json!(false), &json!(["limit"])));
    let list = product.get(&product.project("/auto-actions")).await;
    assert_eq!(list["items"][0]["counts"], json!({ "shown": 1, "clicked": 0, "dialogs": 0 }));

    // He answers: now it is for people.
    let mut visitor = Socket::visitor(&product, Some(&token)).await;
    visitor.say("answer", "Да").await;
    let here = product.get(&product.project("/conversations")).await;
    assert_eq!(here["items"][0]["status"], "new");
    for kind in ["clicked", "dialog"] {
        let body = json!({ "client_id": kind, "auto_action_id": id, "kind": kind });
        assert_eq!(acts(&product, &token, body).await.1["done"], true, "{kind}");
    }
    let list = product.get(&product.project("/auto-actions")).await;
    assert_eq!(list["items"][0]["counts"], json!({ "shown": 1, "clicked": 1, "dialogs": 1 }));
    let people = product.get(&product.project(&format!("/auto-actions/{id}/visitors?what=dialogs"))).await;
    assert_eq!(people["items"][0]["contact_id"], contact["id"]);

    // With the client everything goes that says what he was shown.
    let path = product.project(&format!("/contacts/{}/erase", contact["id"].as_str().unwrap()));
    product.post(&path, json!({})).await;
    harness::until("nobody is left behind the numbers", async || {
        let people = product.get(&product.project(&format!("/auto-actions/{id}/visitors"))).await;
        people["items"] == json!([])
    })
    .await;
}

#[tokio::test]
async fn numbers_and_the_visitors_behind_them_are_of_the_period_that_is_asked_for() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let id = made(&product, on_sale(), json!([{ "type": "js_event", "name": "hello" }])).await;
    let mut days = Vec::new();
    for day in ["first", "second", "third"] {
        days.push(clock.env().now().to_string());
        let (status, acted) =
            acts(&product, &product.visitor().await.token(), shown(&id, day, json!({ "page_url": ON_SALE }))).await;
        assert_eq!((status, &acted["done"]), (StatusCode::OK, &json!(true)), "{acted}");
        clock.plus_days(1);
    }
    // From a day on, and before another: the second moment itself is in no such period, the first is.
    let second = &days[1];
    for (period, count) in [
        (String::new(), 3),
        (format!("from={second}"), 2),
        (format!("to={second}"), 1),
        (format!("from={second}&to={}", days[2]), 1),
        ("from=2026-01-01T00:00:00%2B03:00&to=2026-02-01T00:00:00Z".to_owned(), 0),
    ] {
        let list = product.get(&product.project(&format!("/auto-actions?{period}"))).await;
        assert_eq!(list["items"][0]["counts"]["shown"], count, "{period}");
        let people = product.get(&product.project(&format!("/auto-actions/{id}/visitors?{period}"))).await;
        assert_eq!(people["items"].as_array().unwrap().len(), count, "{period}");
    }
    let path = product.project(&format!("/auto-actions/{id}/visitors?limit=1&from={second}"));
    let page = product.get(&path).await;
    let rest = product.get(&format!("{path}&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((rest["items"][0]["at"].as_str(), &rest["next_cursor"]), (Some(second.as_str()), &Value::Null));

    for (wrong, place, code) in [
        ("from=yesterday".to_owned(), "from", "wrong_form"),
        ("to=2026-11-01".to_owned(), "to", "wrong_form"),
        (format!("from={second}&to={second}"), "to", "out_of_range"),
    ] {
        for path in ["/auto-actions".to_owned(), format!("/auto-actions/{id}/visitors")] {
            let (status, problem) = product.call(Method::GET, &product.project(&format!("{path}?{wrong}")), None).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
            assert_eq!((&problem["errors"][0]["path"], &problem["errors"][0]["code"]), (&json!(place), &json!(code)));
        }
    }
}

#[tokio::test]
async fn a_forged_frame_changes_nothing() {
    let product = Product::start().await;
    let conditions = json!({ "all": [{ "fact": "field.phone", "op": "is", "value": "8 912 345-00-01" }] });
    let id = made(&product, conditions, json!([{ "type": "set_tag", "tag": "вип" }])).await;
    let stranger = product.visitor().await;
    let facts = json!({ "page_url": ON_SALE, "field.phone": ["+79123450001"], "tag": ["x"], "share": 1 });
    let (status, acted) = acts(&product, &stranger.token(), shown(&id, "1", facts)).await;
    assert_eq!((status, &acted["stopped_by"]), (StatusCode::OK, &json!(["conditions"])));
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]), "a stranger costs no contact");

    let (status, _) =
        acts(&product, &stranger.token(), shown("aut_00000000000000000000000000000000", "2", json!({}))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, problem) =
        acts(&product, &stranger.token(), shown(&id, "3", json!({ "pages_viewed": "много" }))).await;
    assert_eq!(
        (status, &problem["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("facts.pages_viewed"))
    );

    // Whose phone it is gets the tag, and his page is told what its rules compare.
    let mut known = product.visitor().await;
    known.send(json!({ "type": "fields", "client_id": "f", "fields": { "phone": "8 912 345-00-01" } })).await;
    known.expect("fields").await;
    let told = rules(&product, Some(&known.token())).await;
    assert_eq!(told["visitor"]["facts"], json!({ "field.phone": ["+79123450001", "8 912 345-00-01"] }));
    let acted = acts(&product, &known.token(), shown(&id, "4", json!({ "page_url": ON_SALE }))).await.1;
    assert_eq!(acted["done"], true);
    let told = rules(&product, Some(&known.token())).await;
    assert_eq!(told["visitor"]["shown"][0]["id"], json!(id));
    let other = rules(&product, Some(&stranger.token())).await;
    assert_eq!((&other["visitor"]["facts"], &other["visitor"]["shown"]), (&json!({}), &json!([])));
}

#[tokio::test]
async fn none_acts_over_an_open_dialog_unless_it_says_so() {
    let product = Product::start().await;
    let id =
        made(&product, json!({ "all": [] }), json!([{ "type": "message", "author": "operator", "text": "Помочь?" }]))
            .await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "Здравствуйте").await;
    let acted = acts(&product, &visitor.token(), shown(&id, "1", json!({}))).await.1;
    assert_eq!(acted["stopped_by"], json!(["open_dialog"]));
    let path = product.project(&format!("/auto-actions/{id}"));
    let mut over =
        document(json!({ "all": [] }), json!([{ "type": "message", "author": "operator", "text": "Помочь?" }]));
    over["limits"]["over_open_dialog"] = json!(true);
    assert_eq!(product.call(Method::PUT, &path, Some(over)).await.0, StatusCode::OK);
    assert_eq!(acts(&product, &visitor.token(), shown(&id, "1", json!({}))).await.1["done"], true);
}

#[tokio::test]
async fn a_scenario_is_started_by_an_auto_action_and_by_a_suggest() {
    let product = Product::start().await;
    let document = json!({ "schema": 1, "launch": [{ "kind": "auto_action", "to": "b1" }, { "kind": "suggest", "to": "b2" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "Само", "wait": { "expect": "any" } } },
            { "id": "b2", "type": "message", "settings": { "text": "По саджесту", "wait": { "expect": "any" } } }] });
    let scenario = product.post(&product.project("/scenarios"), json!({ "name": "Бот", "document": document })).await;
    let scenario = scenario["id"].as_str().unwrap();
    let published =
        product.post(&product.project(&format!("/scenarios/{scenario}/publish")), json!({ "revision": 1 })).await;
    assert!(!published["problems"].to_string().contains("launch_unavailable"), "{published}");
    let id = made(&product, json!({ "all": [] }), json!([{ "type": "start_scenario", "scenario_id": scenario }])).await;
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "subscribe", "from": 0 })).await;
    let acted = acts(&product, &visitor.token(), shown(&id, "1", json!({}))).await.1;
    assert!(acted["contact_id"].is_string());
    let mut visitor = Socket::visitor(&product, Some(&visitor.token())).await;
    visitor.send(json!({ "type": "subscribe", "from": 0 })).await;
    assert_eq!(visitor.event("message.created").await["content"]["text"], "Само");

    // While it waits, a suggest is skipped and says so (ruling 51); for somebody else it starts.
    let pressed = suggest(&product, json!({ "kind": "scenario", "scenario_id": scenario })).await;
    visitor.send(json!({ "type": "launch", "client_id": "p", "suggest_id": pressed })).await;
    assert_eq!(visitor.expect("launched").await["reason"], "busy");
    let mut other = product.visitor().await;
    other.send(json!({ "type": "subscribe", "from": 0 })).await;
    other.send(json!({ "type": "launch", "client_id": "p", "suggest_id": pressed })).await;
    assert_eq!(other.expect("launched").await["started"], true);
    assert_eq!(other.event("message.created").await["content"]["text"], "По саджесту");
}

#[tokio::test]
async fn explain_says_which_acts_and_what_stopped_each_other() {
    let product = Product::start().await;
    let sale = made(&product, on_sale(), json!([{ "type": "open_widget" }])).await;
    let anywhere = made(&product, json!({ "all": [] }), json!([{ "type": "open_widget" }])).await;
    let explain =
        async |body: Value| product.post(&product.project("/auto-actions/explain"), body).await["items"].clone();
    let items = explain(json!({ "facts": { "page_url": ON_SALE } })).await;
    assert_eq!((&items[0]["id"], &items[0]["chosen"]), (&json!(sale), &json!(true)));
    assert_eq!((&items[1]["chosen"], &items[1]["stopped_by"]), (&json!(false), &json!(["priority"])));
    let items = explain(json!({ "facts": { "page_url": "https://shop.example/" } })).await;
    assert_eq!(items[0]["stopped_by"], json!(["conditions"]));
    assert_eq!(
        (&items[0]["conditions"][0]["actual"], &items[0]["conditions"][0]["holds"]),
        (&json!("/"), &json!(false))
    );
    assert_eq!(items[1]["chosen"], true);

    let path = product.project("/auto-actions/order");
    assert_eq!(product.call(Method::PUT, &path, Some(json!({ "ids": [anywhere, sale] }))).await.0, StatusCode::OK);
    let items = explain(json!({ "facts": { "page_url": ON_SALE } })).await;
    assert_eq!((&items[0]["stopped_by"], &items[1]["chosen"]), (&json!(["priority"]), &json!(true)));

    // A client of the site: his limits count.
    let visitor = product.visitor().await;
    acts(&product, &visitor.token(), shown(&sale, "1", json!({ "page_url": ON_SALE }))).await;
    let mut writer = Socket::visitor(&product, Some(&visitor.token())).await;
    writer.say("1", "х").await;
    let contact = product.get(&product.project("/contacts")).await["items"][0]["id"].clone();
    let items = explain(json!({ "visitor_id": contact, "open_dialog": false, "facts": { "page_url": ON_SALE } })).await;
    assert_eq!(items[0]["stopped_by"], json!(["limit"]));
    assert!(items[0]["limit"]["spent_at"].is_string());
    let (status, problem) = product
        .call(Method::POST, &product.project("/auto-actions/explain"), Some(json!({ "facts": { "луна": 1 } })))
        .await;
    assert_eq!((status, &problem["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("facts.луна")));
}

#[tokio::test]
async fn a_broken_one_is_refused_with_every_place_and_one_that_broke_later_is_marked() {
    let product = Product::start().await;
    let mut wrong = document(json!({ "all": [{ "fact": "moon", "op": "is", "value": "x" }] }), json!([]));
    wrong["limits"]["per"] = json!("century");
    let (status, problem) = make(&product, wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let paths: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    assert!(
        paths.iter().any(|path| path.starts_with("conditions.all.0")) && paths.contains(&"limits.per"),
        "{paths:?}"
    );
    let foreign = json!([{ "type": "show_suggests", "suggest_ids": ["sug_00000000000000000000000000000000"] }]);
    assert_eq!(make(&product, document(json!({ "all": [] }), foreign)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for not_a_document in
        [json!([]), json!("x"), json!(null), json!({ "conditions": { "all": vec![json!({}); 10_000] } })]
    {
        assert_eq!(make(&product, not_a_document).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }

    let choose = suggest(&product, json!({ "kind": "link", "url": "https://shop.example/", "new_tab": true })).await;
    let id = made(&product, json!({ "all": [] }), json!([{ "type": "show_suggests", "suggest_ids": [choose] }])).await;
    let path = product.project(&format!("/suggests/{choose}"));
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    let one = product.get(&product.project(&format!("/auto-actions/{id}"))).await;
    assert_eq!(one["problems"][0]["code"], "unknown_suggest", "{one}");
    assert_eq!(rules(&product, None).await["rules"], json!([]));
    let items = product.post(&product.project("/auto-actions/explain"), json!({})).await["items"].clone();
    assert_eq!(items[0]["stopped_by"][0], "broken");
}

#[tokio::test]
async fn strangers_behind_one_address_are_shown_much_and_become_few_contacts() {
    let product = Product::start_limited().await;
    let choose = suggest(&product, json!({ "kind": "link", "url": "https://shop.example/", "new_tab": true })).await;
    let quiet =
        made(&product, json!({ "all": [] }), json!([{ "type": "show_suggests", "suggest_ids": [choose] }])).await;
    let loud =
        made(&product, json!({ "all": [] }), json!([{ "type": "message", "author": "bot", "text": "Помочь?" }])).await;
    let token = |number: usize| format!("{number:032x}");
    for number in 0..40 {
        let (status, acted) = acts(&product, &token(number), shown(&quiet, "1", json!({}))).await;
        assert_eq!((status, &acted["contact_id"]), (StatusCode::OK, &Value::Null), "{number}: {acted}");
    }
    let mut made_contacts = 0;
    for number in 100..140 {
        match acts(&product, &token(number), shown(&loud, "1", json!({}))).await.0 {
            StatusCode::OK => made_contacts += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert!((1..=20).contains(&made_contacts), "{made_contacts}");
    let contacts = product.get(&product.project("/contacts?limit=200")).await;
    assert_eq!(contacts["items"].as_array().unwrap().len(), made_contacts);
}
