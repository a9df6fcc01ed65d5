//! Canned replies: shared ones are everybody's to read and the settings' to change, own ones are their owner's alone.

use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Team {
    product: Product,
    lead: Browser,
    anna: Browser,
    boris: Browser,
}

async fn team() -> Team {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let lead = join(&product, "lead@a.example", "admin", &[&project]).await;
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    Team { product, lead, anna, boris }
}

impl Team {
    async fn make(&self, who: &Browser, reply: Value) -> (StatusCode, Value) {
        who.call(&self.product, Method::POST, &self.product.project("/canned-replies"), reply).await
    }

    async fn change(&self, who: &Browser, reply: &Value, values: Value) -> (StatusCode, Value) {
        who.call(&self.product, Method::PATCH, &self.path(reply), values).await
    }

    fn path(&self, reply: &Value) -> String {
        self.product.project(&format!("/canned-replies/{}", reply["id"].as_str().unwrap()))
    }

    async fn titles(&self, who: &Browser) -> Vec<String> {
        titles(&who.get(&self.product, &self.product.project("/canned-replies")).await)
    }
}

fn titles(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|reply| reply["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn own_ones_are_seen_by_nobody_else_and_not_over_a_key_either() {
    let team = team().await;
    let (status, shared) = team.make(&team.lead, json!({ "title": "Общий", "text": "Да", "shared": true })).await;
    assert_eq!((status, &shared["shared"]), (StatusCode::CREATED, &json!(true)));
    let (status, own) = team.make(&team.anna, json!({ "title": "Мой", "text": "Да", "shortcut": "/МОЙ" })).await;
    assert_eq!((status, &own["shared"], &own["shortcut"]), (StatusCode::CREATED, &json!(false), &json!("мой")));

    assert_eq!(team.titles(&team.anna).await, ["Мой", "Общий"]);
    assert_eq!(team.titles(&team.boris).await, ["Общий"]);
    assert_eq!(team.titles(&team.lead).await, ["Общий"]);
    let owner_key = team.product.get(&team.product.project("/canned-replies")).await;
    assert_eq!(titles(&owner_key), ["Общий"], "a key sees what is shared");

    // Nor may anybody else, a lead or a key, change or delete it; it does not exist for them.
    for who in [&team.boris, &team.lead] {
        assert_eq!(team.change(who, &own, json!({ "text": "Нет" })).await.0, StatusCode::NOT_FOUND);
        let gone = who.call(&team.product, Method::DELETE, &team.path(&own), json!({})).await;
        assert_eq!(gone.0, StatusCode::NOT_FOUND);
    }
    let by_key = team.product.call(Method::PATCH, &team.path(&own), Some(json!({ "text": "Нет" }))).await;
    assert_eq!(by_key.0, StatusCode::NOT_FOUND);
    // A key has no own ones.
    let path = team.product.project("/canned-replies");
    let by_key = team.product.call(Method::POST, &path, Some(json!({ "title": "К", "text": "К" })));
    assert_eq!(by_key.await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn shared_ones_are_changed_by_whoever_may_change_settings() {
    let team = team().await;
    let (_, shared) = team.make(&team.lead, json!({ "title": "Общий", "text": "Да", "shared": true })).await;
    let (status, _) = team.make(&team.anna, json!({ "title": "Тоже", "text": "Да", "shared": true })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(team.change(&team.anna, &shared, json!({ "text": "Нет" })).await.0, StatusCode::FORBIDDEN);
    let gone = team.anna.call(&team.product, Method::DELETE, &team.path(&shared), json!({})).await;
    assert_eq!(gone.0, StatusCode::FORBIDDEN);
    // Her own does not become everybody's either.
    let (_, own) = team.make(&team.anna, json!({ "title": "Мой", "text": "Да" })).await;
    assert_eq!(team.change(&team.anna, &own, json!({ "shared": true })).await.0, StatusCode::FORBIDDEN);

    let (status, changed) =
        team.change(&team.lead, &shared, json!({ "title": "Новый", "folder": " Заказы  и оплата " })).await;
    assert_eq!((status, &changed["title"], &changed["text"]), (StatusCode::OK, &json!("Новый"), &json!("Да")));
    assert_eq!(changed["folder"], json!("Заказы и оплата"));
    let reading = team.lead.key(&team.product, &["read", "write"]).await;
    let by_key = team.product.call_as(&reading, Method::PATCH, &team.path(&shared), Some(json!({ "text": "x" }))).await;
    assert_eq!(by_key.0, StatusCode::FORBIDDEN, "a key needs the scope of settings");
}

#[tokio::test]
async fn a_field_that_is_none_is_refused_with_its_place_and_one_that_goes_later_is_told() {
    let team = team().await;
    let (status, refused) =
        team.make(&team.lead, json!({ "title": "x", "text": "Ваш город {{city}}?", "shared": true })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = &refused["errors"][0];
    assert_eq!((&error["path"], &error["code"]), (&json!("text"), &json!("unknown_field")));
    assert!(error["message"].as_str().unwrap().contains("\"city\" (character 11)"), "{error}");

    team.product
        .post(&team.product.project("/fields"), json!({ "key": "city", "title": "Город", "kind": "text" }))
        .await;
    let text = "{{name|Друг}}, это {{operator.name}}. Ваш город {{city}}?";
    let (status, made) = team.make(&team.lead, json!({ "title": "Город", "text": text, "shared": true })).await;
    assert_eq!((status, &made["gone_fields"]), (StatusCode::CREATED, &json!([])));

    let field = team.product.project("/fields/city");
    assert_eq!(team.product.call(Method::DELETE, &field, None).await.0, StatusCode::NO_CONTENT);
    let listed = team.anna.get(&team.product, &team.product.project("/canned-replies")).await;
    assert_eq!(listed["items"][0]["gone_fields"], json!(["city"]));
    // It may still be put into a folder; another text has to be right.
    assert_eq!(team.change(&team.lead, &made, json!({ "folder": "Разное" })).await.0, StatusCode::OK);
    let other = team.change(&team.lead, &made, json!({ "text": "{{city}}!" })).await;
    assert_eq!(other.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_shortcut_is_one_reply_of_its_kind() {
    let team = team().await;
    let reply = |shared: bool| json!({ "title": "x", "text": "x", "shortcut": "opl", "shared": shared });
    assert_eq!(team.make(&team.lead, reply(true)).await.0, StatusCode::CREATED);
    let (status, refused) = team.make(&team.lead, reply(true)).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("taken")));
    // One's own may have the name of a shared one, and of a colleague's.
    assert_eq!(team.make(&team.anna, reply(false)).await.0, StatusCode::CREATED);
    assert_eq!(team.make(&team.boris, reply(false)).await.0, StatusCode::CREATED);
    for (values, code) in [
        (json!({ "title": " ", "text": "x" }), "missing"),
        (json!({ "title": "x", "text": " " }), "empty"),
        (json!({ "title": "x", "text": "x".repeat(4_001) }), "too_long"),
        (json!({ "title": "x", "text": "x", "shortcut": "a b" }), "wrong_form"),
    ] {
        let (status, refused) = team.make(&team.anna, values).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
}

#[tokio::test]
async fn there_is_an_end_to_them() {
    let team = team().await;
    for n in 0..200 {
        let (status, _) = team.make(&team.anna, json!({ "title": n.to_string(), "text": "x" })).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let (status, refused) = team.make(&team.anna, json!({ "title": "x", "text": "x" })).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("too_many_canned_replies")));
    assert_eq!(team.make(&team.boris, json!({ "title": "x", "text": "x" })).await.0, StatusCode::CREATED);
}
