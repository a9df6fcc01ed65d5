//! How a site looks: a draft that nobody sees, a publication that sites take, and whose fields and pictures it names.

use crate::menu_buttons::{labels_of, publish, site};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn save(product: &Product, draft: Value, version: &Value) -> (StatusCode, Value) {
    let body = json!({ "draft": draft, "version": version });
    product.call(Method::PUT, &product.project("/appearance/draft"), Some(body)).await
}

async fn state(product: &Product) -> Value {
    product.get(&product.project("/appearance")).await
}

async fn button(product: &Product, label: &str) -> String {
    let body = json!({ "label": { "ru": label }, "target": { "kind": "chat" } });
    let made = product.post(&product.project("/menu-buttons"), body).await;
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_site_takes_what_is_published_and_nothing_before() {
    let product = Product::start().await;
    let first = state(&product).await;
    assert_eq!((&first["version"], &first["changes"], &first["published_at"]), (&json!(0), &json!([]), &Value::Null));
    let before = site(&product).await;
    let look = json!({
        "title": "Анна, «Тихий свет»", "title_en": "Anna", "brand": "#2f5d4a", "theme": "dark", "icon": "question",
        "offset": { "x": 30, "y": 60 }, "sound": false, "operator": { "name": "Анна" },
        "before": { "enabled": true, "text": "Как к вам обращаться?", "fields": [{ "key": "name", "required": true }, { "key": "phone" }] },
        "offline": { "enabled": true, "text": "Ответим утром" },
        "consent": { "text": "Согласен", "url": "https://shop.example/privacy", "required": true },
        "hidden": { "pages": ["shop.example/basket*"], "devices": ["phone"] },
    });
    let (status, saved) = save(&product, look, &json!(0)).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    assert_eq!((&saved["version"], &saved["published"]["brand"]), (&json!(1), &first["published"]["brand"]));
    let changed: Vec<&str> = saved["changes"].as_array().unwrap().iter().map(|c| c["path"].as_str().unwrap()).collect();
    for path in
        ["title", "title_en", "brand", "theme", "icon", "offset", "sound", "operator", "before", "consent", "hidden"]
    {
        assert!(changed.contains(&path), "{path} of {changed:?}");
    }
    assert!(!changed.contains(&"menu"), "{changed:?}");
    assert_eq!(site(&product).await, before, "a draft is nobody's but its editors'");
    assert_eq!(state(&product).await, saved);

    publish(&product).await;
    let after = site(&product).await;
    assert!(after["version"].as_i64() > before["version"].as_i64());
    assert_eq!((&after["appearance"]["brand"], &after["appearance"]["theme"]), (&json!("#2f5d4a"), &json!("dark")));
    let asked = json!([
        { "key": "name", "title": "Имя", "kind": "text", "required": true },
        { "key": "phone", "title": "Мобильный телефон", "kind": "phone", "required": false },
    ]);
    assert_eq!(after["forms"]["before"]["fields"], asked);
    assert_eq!(after["forms"]["offline"], json!({ "text": "Ответим утром", "text_en": "", "fields": [] }));
    assert!(after["appearance"].get("before").is_none(), "forms are told with their titles, once");
    let now = state(&product).await;
    assert_eq!((&now["changes"], &now["published_by"]), (&json!([]), &json!("API")));
}

#[tokio::test]
async fn of_two_editors_the_second_is_told_and_overwrites_nobody() {
    let product = Product::start().await;
    assert_eq!(save(&product, json!({ "title": "Первый" }), &json!(0)).await.0, StatusCode::OK);
    let (status, problem) = save(&product, json!({ "title": "Второй" }), &json!(0)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
    let path = product.project("/appearance/publish");
    let (status, problem) = product.call(Method::POST, &path, Some(json!({ "version": 0 }))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
    assert_eq!(state(&product).await["draft"]["title"], "Первый");
}

#[tokio::test]
async fn buttons_wait_for_the_publication_too_and_come_back_with_the_draft() {
    let product = Product::start().await;
    let (a, b) = (button(&product, "А").await, button(&product, "Б").await);
    publish(&product).await;
    let c = button(&product, "В").await;
    let path = |id: &str| product.project(&format!("/menu-buttons/{id}"));
    let renamed = json!({ "label": { "ru": "А, иначе" } });
    assert_eq!(product.call(Method::PATCH, &path(&a), Some(renamed)).await.0, StatusCode::OK);
    assert_eq!(product.call(Method::DELETE, &path(&b), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(labels_of(&site(&product).await), ["А", "Б"], "the site has them as they were");
    let changes = state(&product).await["changes"].clone();
    let told: Vec<(&Value, &Value)> = changes.as_array().unwrap().iter().map(|c| (&c["id"], &c["change"])).collect();
    assert_eq!(told, [(&json!(a), &json!("changed")), (&json!(b), &json!("removed")), (&json!(c), &json!("new"))]);
    let preview =
        product.post(&product.project("/appearance/preview"), json!({ "draft": { "brand": "#000000" } })).await;
    assert_eq!(
        (labels_of(&preview), &preview["appearance"]["brand"]),
        (vec!["А, иначе".to_owned(), "В".to_owned()], &json!("#000000"))
    );

    assert_eq!(
        product.call(Method::DELETE, &product.project("/appearance/draft"), None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(state(&product).await["changes"], json!([]));
    let list = product.get(&product.project("/menu-buttons")).await;
    let names: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|one| &one["label"]["ru"]).collect();
    assert_eq!(names, ["А", "Б"]);

    // One that was taken away is brought back before anybody missed it.
    assert_eq!(product.call(Method::DELETE, &path(&b), None).await.0, StatusCode::NO_CONTENT);
    let (status, back) = product.call(Method::PATCH, &path(&b), Some(json!({ "removed": false }))).await;
    assert_eq!((status, &back["change"]), (StatusCode::OK, &Value::Null), "{back}");
    // Order alone is a change.
    let order = product.project("/menu-buttons/order");
    let (_, list) = product.call(Method::PUT, &order, Some(json!({ "ids": [b, a] }))).await;
    assert_eq!((&list["items"][0]["change"], &list["items"][1]["change"]), (&json!("moved"), &json!("moved")));
    assert_eq!(labels_of(&site(&product).await), ["А", "Б"]);
    publish(&product).await;
    assert_eq!(labels_of(&site(&product).await), ["Б", "А"]);
}

#[tokio::test]
async fn what_would_break_a_site_is_refused_with_its_place() {
    let product = Product::start().await;
    let field = |key: &str| json!({ "key": key });
    let table: &[(Value, &str)] = &[
        (json!({ "brand": "red" }), "draft.brand"),
        (json!({ "title": "я".repeat(61) }), "draft.title"),
        (json!({ "greeting_en": "x".repeat(301) }), "draft.greeting_en"),
        (json!({ "title": "a\u{0}b" }), "draft.title"),
        (json!({ "offset": { "x": 201, "y": 0 } }), "draft.offset"),
        (json!({ "before": { "enabled": true, "fields": [] } }), "draft.before.fields"),
        (json!({ "before": { "enabled": true, "fields": [field("no_such")] } }), "draft.before.fields"),
        (json!({ "offline": { "fields": [field("name"), field("name")] } }), "draft.offline.fields.1"),
        (json!({ "consent": { "url": "javascript:alert(1)" } }), "draft.consent.url"),
        (json!({ "consent": { "required": true } }), "draft.consent.text"),
        (json!({ "hidden": { "pages": [" "] } }), "draft.hidden.pages.0"),
        (json!({ "hidden": { "pages": vec!["x"; 51] } }), "draft.hidden.pages"),
    ];
    for (draft, path) in table {
        let (status, problem) = save(&product, draft.clone(), &json!(0)).await;
        let found = (status, &problem["errors"][0]["path"]);
        assert_eq!(found, (StatusCode::UNPROCESSABLE_ENTITY, &json!(path)), "{draft}: {problem}");
    }
    for unread in [json!({ "theme": "blue" }), json!({ "no": 1 }), json!({ "hidden": { "devices": ["fridge"] } })] {
        assert_eq!(save(&product, unread, &json!(0)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let foreign = json!({ "operator": { "name": "Анна", "photo": "fil_00000000000000000000000000000000" } });
    assert_eq!(save(&product, foreign, &json!(0)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(state(&product).await["version"], 0, "nothing of it was kept");
}

#[tokio::test]
async fn a_field_that_is_deleted_leaves_the_form_and_the_form_goes_when_it_was_the_last() {
    let product = Product::start().await;
    let field = json!({ "key": "order_no", "title": "Заказ", "kind": "text" });
    product.post(&product.project("/fields"), field).await;
    let look = json!({ "before": { "enabled": true, "fields": [{ "key": "order_no" }] } });
    assert_eq!(save(&product, look, &json!(0)).await.0, StatusCode::OK);
    publish(&product).await;
    assert_eq!(site(&product).await["forms"]["before"]["fields"][0]["key"], "order_no");
    product.call(Method::DELETE, &product.project("/fields/order_no"), None).await;
    assert_eq!(site(&product).await["forms"]["before"], Value::Null);
}
