//! The list of conversations narrowed down, and views that keep that under a name.

use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn texts(product: &Product, who: &Browser, query: &str) -> Vec<String> {
    let page = who.get(product, &product.project(&format!("/conversations?{query}"))).await;
    let text = |row: &Value| row["last_message"]["content"]["text"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_list_is_narrowed_by_tag_channel_holder_waiting_and_field() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let anna_id = anna.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let mut said = Vec::new();
    for text in ["первый", "второй"] {
        said.push(product.visitor().await.say("1", text).await);
    }
    let id = |index: usize, key: &str| said[index][key].as_str().unwrap().to_owned();
    let contact = |index: usize| {
        let path = product.project(&format!("/conversations/{}", id(index, "conversation_id")));
        let (product, anna) = (&product, &anna);
        async move { anna.get(product, &path).await["contact_id"].as_str().unwrap().to_owned() }
    };
    let first = product.project(&format!("/contacts/{}", contact(0).await));
    let values = json!({ "tags": ["VIP \"1\"", "опт"], "fields": { "phone": "8 912 000-00-11" } });
    assert_eq!(anna.call(&product, Method::PATCH, &first, values).await.0, StatusCode::OK);
    let accept = product.project(&format!("/conversations/{}/accept", id(1, "conversation_id")));
    assert_eq!(anna.call(&product, Method::POST, &accept, json!({})).await.0, StatusCode::OK);

    for (query, found) in [
        ("tag=VIP%20%221%22", vec!["первый"]),
        ("tag=VIP", vec![]),
        ("tag=%D0%BE%D0%BF%D1%82&order=waiting", vec!["первый"]),
        ("channel=site", vec!["второй", "первый"]),
        ("channel=telegram", vec![]),
        ("assignee=nobody", vec!["первый"]),
        ("assignee=me&folder=mine", vec!["второй"]),
        (&format!("assignee={anna_id}"), vec!["второй"]),
        ("field=phone&value=%2B7%20912%200000011", vec!["первый"]),
        ("field=phone", vec!["первый"]),
        ("field=phone&value=1", vec![]),
        ("waiting_minutes=1", vec![]),
        ("waiting_minutes=1&order=waiting", vec![]),
    ] {
        assert_eq!(texts(&product, &anna, query).await, found, "{query}");
    }
    for query in ["assignee=somebody", "waiting_minutes=0"] {
        let path = product.project(&format!("/conversations?{query}"));
        assert_eq!(anna.call(&product, Method::GET, &path, json!({})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn of_two_who_edit_a_view_the_later_hears_who_was_first() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "admin", &[&project]).await;
    let boris = join(&product, "boris@a.example", "admin", &[&project]).await;
    let views = product.project("/saved-views");
    let query =
        json!({ "folder": "new", "order": "waiting", "tag": "VIP", "assignee": "nobody", "waiting_minutes": 10 });
    let new = json!({ "name": " VIP  ждут ", "query": query, "shared": true });
    let (status, made) = anna.call(&product, Method::POST, &views, new).await;
    assert_eq!((status, &made["name"], &made["revision"]), (StatusCode::CREATED, &json!("VIP ждут"), &json!(1)));
    let path = format!("{views}/{}", made["id"].as_str().unwrap());
    let put = |name: &str, revision: i64| json!({ "name": name, "query": query, "shared": true, "revision": revision });
    let (status, changed) = boris.call(&product, Method::PUT, &path, put("VIP", 1)).await;
    assert_eq!((status, &changed["revision"]), (StatusCode::OK, &json!(2)));
    let (status, refused) = anna.call(&product, Method::PUT, &path, put("ВИП", 1)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("view_changed")));
    assert!(refused["detail"].as_str().unwrap().starts_with("boris@a.example"), "{refused}");
    let listed = anna.get(&product, &views).await;
    let now = &listed["items"][0];
    assert_eq!((&now["name"], &now["changed_by"]), (&json!("VIP"), &json!("boris@a.example")));
    assert_eq!(now["query"]["waiting_minutes"], json!(10));
    assert_eq!(anna.call(&product, Method::PUT, &path, put("ВИП", 2)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn own_views_are_their_owners_and_shared_ones_the_settings() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    let views = product.project("/saved-views");
    let new = |shared: bool| json!({ "name": "x", "query": {}, "shared": shared });
    assert_eq!(anna.call(&product, Method::POST, &views, new(true)).await.0, StatusCode::FORBIDDEN);
    let (status, own) = anna.call(&product, Method::POST, &views, new(false)).await;
    assert_eq!(status, StatusCode::CREATED);
    let shared = product.post(&views, new(true)).await;
    let count = |list: Value| list["items"].as_array().unwrap().len();
    assert_eq!(count(anna.get(&product, &views).await), 2);
    assert_eq!(count(boris.get(&product, &views).await), 1);
    assert_eq!(count(product.get(&views).await), 1, "a key sees what is shared");
    let put = json!({ "name": "y", "query": {}, "shared": false, "revision": 1 });
    let path = |view: &Value| format!("{views}/{}", view["id"].as_str().unwrap());
    assert_eq!(boris.call(&product, Method::PUT, &path(&own), put.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(boris.call(&product, Method::PUT, &path(&shared), put).await.0, StatusCode::FORBIDDEN);
    assert_eq!(boris.call(&product, Method::DELETE, &path(&shared), json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(anna.call(&product, Method::DELETE, &path(&own), json!({})).await.0, StatusCode::NO_CONTENT);
    let bad = json!({ "name": "x", "query": { "assignee": "кто-то" } });
    assert_eq!(anna.call(&product, Method::POST, &views, bad).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}
