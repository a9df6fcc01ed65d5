//! Who is on the site now, and how the team speaks first (R80): over the sockets of pages and of operators.

use harness::{Product, Socket, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn page(path: &str, title: &str) -> Value {
    json!({ "url": format!("https://shop.example{path}"), "title": title, "referrer": "https://ya.ru/" })
}

async fn arrive(product: &Product, path: &str, title: &str) -> Socket {
    Socket::on_page(product, None, &page(path, title), &json!({ "device": "desktop", "language": "ru-RU" })).await
}

async fn list(product: &Product, query: &str) -> Value {
    product.get(&product.project(&format!("/visitors{query}"))).await
}

async fn only(product: &Product) -> Value {
    let all = list(product, "").await;
    assert_eq!(all["total"], 1, "{all}");
    all["items"][0].clone()
}

fn path_of(product: &Product, visitor: &Value, rest: &str) -> String {
    product.project(&format!("/visitors/{}{rest}", visitor["id"].as_str().unwrap()))
}

async fn begin(product: &Product, visitor: &Value, body: Value) -> (StatusCode, Value) {
    product.call(Method::POST, &path_of(product, visitor, "/conversation"), Some(body)).await
}

#[tokio::test]
async fn a_silent_visitor_is_seen_with_the_way_through_the_site_and_costs_no_contact() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let mut socket = arrive(&product, "/?utm_source=vk&utm_medium=cpc", "Главная").await;
    operator.expect("visitors").await;
    let seen = only(&product).await;
    assert_eq!(
        (&seen["status"], &seen["is_here"], &seen["contact_id"], &seen["pages"], &seen["visits"]),
        (&json!("browsing"), &json!(true), &Value::Null, &json!(1), &json!(1))
    );
    assert_eq!((&seen["page"]["title"], &seen["device"]), (&json!("Главная"), &json!("desktop")));
    assert_eq!(
        (&seen["utm"], &seen["referrer"]),
        (&json!({ "source": "vk", "medium": "cpc" }), &json!("https://ya.ru/"))
    );

    socket.send(json!({ "type": "page", "url": "https://shop.example/tea", "title": "Чай" })).await;
    until("the page is turned", async || only(&product).await["pages"] == 2).await;
    let detail = product.get(&path_of(&product, &seen, "")).await;
    let titles: Vec<&Value> = detail["path"].as_array().unwrap().iter().map(|page| &page["title"]).collect();
    assert_eq!(
        (titles, &detail["fields"], &detail["tags"]),
        (vec![&json!("Главная"), &json!("Чай")], &json!({}), &json!([]))
    );
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]), "looking makes no contact");

    // The page after a whole load is the same visitor's; two tabs are one visitor.
    let again =
        Socket::on_page(&product, Some(&socket.token()), &page("/cart", "Корзина"), &json!({ "pages": 3 })).await;
    assert_eq!(
        (only(&product).await["page"]["title"].clone(), &seen["id"]),
        (json!("Корзина"), &only(&product).await["id"])
    );
    assert_eq!(only(&product).await["pages"], 3);
    drop(again);
    until("the other tab is shown", async || only(&product).await["page"]["title"] == "Чай").await;
    drop(socket);
    until("nobody is here", async || only(&product).await["is_here"] == false).await;
}

#[tokio::test]
async fn a_list_is_filtered_by_words_and_by_what_visitors_do_and_goes_on_by_a_cursor() {
    let product = Product::start().await;
    let mut held = Vec::new();
    for n in 0..5 {
        held.push(arrive(&product, &format!("/p{n}"), &format!("Страница {n}")).await);
    }
    held[3].say("1", "Есть кто?").await;
    assert_eq!(list(&product, "").await["total"], 5);
    assert_eq!(
        list(&product, "?q=%D1%81%D1%82%D1%80%D0%90%D0%9D%D0%B8%D1%86%D0%B0%20p4").await["items"][0]["page"]["title"],
        "Страница 4"
    );
    assert_eq!(list(&product, "?q=nowhere").await, json!({ "items": [], "next_cursor": null, "total": 0 }));
    until("one talks", async || list(&product, "?status=chatting").await["total"] == 1).await;
    let talking = list(&product, "?status=chatting").await["items"][0].clone();
    assert_eq!((&talking["page"]["title"], &talking["conversation"]["operator"]), (&json!("Страница 3"), &Value::Null));
    assert!(talking["contact_id"].is_string() && talking["handle"].is_string(), "{talking}");

    let first = list(&product, "?limit=3").await;
    let rest = list(&product, &format!("?limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    let mut ids: Vec<&str> = [&first, &rest]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()))
        .collect();
    assert_eq!((ids.len(), &rest["next_cursor"]), (5, &Value::Null));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn an_invitation_makes_a_contact_calls_the_page_and_is_said_once() {
    let product = Product::start().await;
    let mut socket = arrive(&product, "/", "Главная").await;
    let visitor = only(&product).await;
    let body = json!({ "client_id": "1", "text": "Здравствуйте! Помочь с выбором?" });
    let (status, begun) = begin(&product, &visitor, body.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{begun}");
    let called = socket.expect("called").await;
    assert_eq!(called["contact_id"], begun["contact_id"]);
    let said = socket.event("message.created").await;
    assert_eq!(said["content"]["text"], "Здравствуйте! Помочь с выбором?", "{said}");
    assert_eq!(begin(&product, &visitor, body).await, (StatusCode::CREATED, begun.clone()), "the same twice");
    let other = begin(&product, &visitor, json!({ "client_id": "1", "text": "Другое" })).await;
    assert_eq!(other.0, StatusCode::UNPROCESSABLE_ENTITY);

    let path = product.project(&format!("/conversations/{}", begun["conversation_id"].as_str().unwrap()));
    let conversation = product.get(&path).await;
    assert_eq!((&conversation["status"], &conversation["assignee_id"]), (&json!("waiting"), &Value::Null));
    socket.say("2", "Да, ищу чай").await;
    until("the answer calls somebody", async || product.get(&path).await["status"] == "new").await;
    // The page after a whole load finds it, too.
    let again = Socket::visitor(&product, Some(&socket.token())).await;
    assert_eq!(again.hello["contact_id"], begun["contact_id"]);
    assert_eq!(again.hello["conversation"]["id"], begun["conversation_id"]);
}

#[tokio::test]
async fn a_chat_of_ones_own_is_assigned_and_a_colleagues_stays_the_colleagues() {
    let product = Product::start().await;
    let _socket = arrive(&product, "/", "Главная").await;
    let visitor = only(&product).await;
    let project = product.account.project_id.to_string();
    let anna = harness::join(&product, "anna@a.example", "operator", &[&project]).await;
    let path = path_of(&product, &visitor, "/conversation");
    let body =
        |client_id: &str, assign: bool| json!({ "client_id": client_id, "text": "Добрый день", "assign": assign });
    let (status, begun) = anna.call(&product, Method::POST, &path, body("1", true)).await;
    assert_eq!(status, StatusCode::CREATED, "{begun}");
    until("Anna has it", async || only(&product).await["conversation"]["operator"]["id"].is_string()).await;
    for assign in [true, false] {
        let (status, problem) = product.call(Method::POST, &path, Some(body("2", assign))).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_taken")));
    }
    assert_eq!(anna.call(&product, Method::POST, &path, body("3", false)).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn nobody_is_written_to_who_is_not_here_and_nothing_empty() {
    let product = Product::start().await;
    let _socket = arrive(&product, "/", "Главная").await;
    let visitor = only(&product).await;
    for (client_id, text) in [("1", " "), ("", "x"), ("1", "я".repeat(100_000).as_str())] {
        let (status, _) = begin(&product, &visitor, json!({ "client_id": client_id, "text": text })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let stranger = json!({ "id": "vis_00000000000000000000000000000000" });
    let said = json!({ "client_id": "1", "text": "x" });
    assert_eq!(begin(&product, &stranger, said.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(product.call(Method::GET, &path_of(&product, &stranger, ""), None).await.0, StatusCode::NOT_FOUND);

    let off = json!({ "watch_visitors": false });
    assert_eq!(product.call(Method::PATCH, &product.project(""), Some(off)).await.1["watch_visitors"], false);
    assert_eq!(list(&product, "").await["total"], 0);
    assert_eq!(begin(&product, &visitor, said).await.0, StatusCode::NOT_FOUND);
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]));
}

#[tokio::test]
async fn what_is_typed_is_seen_only_where_the_project_shows_it_and_never_a_card() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let mut socket = arrive(&product, "/", "Главная").await;
    socket.say("1", "Здравствуйте").await;
    socket.send(json!({ "type": "typing", "text": "секрет" })).await;
    assert_eq!(operator.expect("typing").await.get("text"), None);
    let on = json!({ "typing_preview": true });
    assert_eq!(product.call(Method::PATCH, &product.project(""), Some(on)).await.1["typing_preview"], true);
    socket.say("2", "Ещё вопрос").await;
    socket.send(json!({ "type": "typing", "text": "карта 4111 1111 1111 1111" })).await;
    assert_eq!(operator.expect("typing").await["text"], "карта •••• •••• •••• ••••");
    let seen = only(&product).await;
    assert_eq!((&seen["status"], &seen["typed"]), (&json!("typing"), &json!("карта •••• •••• •••• ••••")));
    socket.say("3", "Готово").await;
    until("nothing is typed", async || only(&product).await["typed"] == Value::Null).await;
}

#[tokio::test]
async fn the_checker_takes_what_the_page_of_a_visitor_of_now_tells() {
    let product = Product::start().await;
    let _socket = arrive(&product, "/tea?utm_source=vk", "Чай").await;
    let visitor = only(&product).await;
    let rule = json!({ "title": "x", "enabled": true, "starts": "page", "actions": [{ "type": "open_widget" }],
        "conditions": { "all": [{ "fact": "page_path", "op": "is", "value": "/tea" }, { "fact": "utm_source", "op": "is", "value": "vk" },
            { "fact": "device", "op": "is", "value": "desktop" }, { "fact": "returning", "op": "is_false", "value": null }] },
        "limits": { "per": "visit", "times": 1, "pause_seconds": 0, "over_open_dialog": false } });
    let asked = json!({ "visitor_id": visitor["id"], "auto_actions": [rule] });
    let explained = product.post(&product.project("/auto-actions/explain"), asked).await;
    assert_eq!(explained["items"][0]["fires"], true, "{explained}");
}

#[tokio::test]
async fn a_country_is_known_by_the_address_and_not_by_what_a_page_says() {
    let product = Product::start_with_countries().await;
    let url = product.url(&format!("/w/v1/rules?p={}", product.account.site_key));
    for (address, country) in [("203.0.113.9", json!("RU")), ("2001:db8::7", json!("KZ")), ("10.0.0.1", Value::Null)] {
        let answer = product.http.get(&url).header("x-forwarded-for", address).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "private, max-age=30");
        assert_eq!(answer.json::<Value>().await.unwrap()["country"], country, "{address}");
    }

    let rule = json!({ "title": "x", "enabled": true, "starts": "page", "actions": [{ "type": "set_tag", "tag": "из России" }],
        "conditions": { "all": [{ "fact": "country", "op": "is", "value": "RU" }] },
        "limits": { "per": "none", "times": 1, "pause_seconds": 0, "over_open_dialog": true } });
    let rule = product.post(&product.project("/auto-actions"), rule).await;
    let acts = async |address: &str, client_id: &str| {
        let request = product.http.post(product.url("/w/v1/actions")).header("x-forwarded-for", address);
        let request =
            request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", "0".repeat(32));
        let body = json!({ "client_id": client_id, "auto_action_id": rule["id"], "kind": "shown", "start": "page",
            "facts": { "page_url": "https://shop.example/", "country": "RU" } });
        request.json(&body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(acts("198.51.100.7", "1").await["stopped_by"], json!(["conditions"]), "a page says anything");
    assert_eq!(acts("203.0.113.7", "2").await["done"], true);
}

#[tokio::test]
async fn a_page_may_tell_anything_and_is_cut_to_a_line() {
    let product = Product::start().await;
    let long = "<b>я\u{202e}".repeat(3_000);
    let wrong =
        json!({ "since": 5, "pages": "x", "visits": -1, "utm": { "source": 1 }, "device": "fridge", "language": [] });
    for (page, visit) in [(json!(5), json!("x")), (json!({ "url": 7 }), json!([])), (json!([]), json!({ "since": {} }))]
    {
        Socket::on_page(&product, None, &page, &visit).await;
    }
    assert_eq!(list(&product, "").await["total"], 0, "what has another form is not there");
    let told = json!({ "url": "javascript:alert(1)", "title": long, "referrer": "" });
    let mut socket = Socket::on_page(&product, None, &told, &wrong).await;
    let seen = only(&product).await;
    assert_eq!((&seen["device"], &seen["utm"], &seen["referrer"]), (&Value::Null, &json!({}), &Value::Null));
    assert_eq!(seen["page"]["title"].as_str().unwrap().chars().count(), 200);
    for n in 0..2_000 {
        socket.send(json!({ "type": "page", "url": format!("https://shop.example/{n}"), "title": "x" })).await;
    }
    socket.say("1", "Здравствуйте").await;
    let detail = product.get(&path_of(&product, &seen, "")).await;
    assert!(detail["path"].as_array().unwrap().len() <= 20);
}
