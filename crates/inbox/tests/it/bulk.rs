//! Many conversations at once: each answers for itself, and taking back overwrites nobody.

use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Desk {
    product: Product,
    anna: Browser,
    anna_id: String,
    boris: Browser,
    boris_id: String,
    ids: Vec<String>,
}

async fn desk() -> Desk {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    let id_of = async |who: &Browser| who.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let (anna_id, boris_id) = (id_of(&anna).await, id_of(&boris).await);
    let mut ids = Vec::new();
    for text in ["первый", "второй", "третий"] {
        let said = product.visitor().await.say("1", text).await;
        ids.push(said["conversation_id"].as_str().unwrap().to_owned());
    }
    Desk { product, anna, anna_id, boris, boris_id, ids }
}

impl Desk {
    async fn apply(&self, changes: Value) -> (StatusCode, Value) {
        let path = self.product.project("/conversations/bulk");
        self.anna.call(&self.product, Method::POST, &path, json!({ "changes": changes })).await
    }

    /// The same with each; what became of each: its code, or `done`.
    async fn all(&self, action: Value) -> Vec<String> {
        let changes: Vec<_> =
            self.ids.iter().map(|id| json!({ "conversation_id": id, "action": action.clone() })).collect();
        let (status, answer) = self.apply(json!(changes)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        codes(&answer)
    }

    async fn act(&self, who: &Browser, index: usize, verb: &str, body: Value) {
        let path = self.product.project(&format!("/conversations/{}/{verb}", self.ids[index]));
        let (status, answer) = who.call(&self.product, Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    async fn get(&self, index: usize) -> Value {
        let path = self.product.project(&format!("/conversations/{}", self.ids[index]));
        self.product.get(&path).await
    }
}

fn codes(answer: &Value) -> Vec<String> {
    let code = |one: &Value| {
        assert_eq!(one["done"] == true, one["code"].is_null(), "{one}");
        one["code"].as_str().unwrap_or("done").to_owned()
    };
    answer["results"].as_array().unwrap().iter().map(code).collect()
}

#[tokio::test]
async fn what_a_colleague_took_meanwhile_stays_with_them_and_the_others_are_given() {
    let desk = desk().await;
    desk.act(&desk.boris, 1, "accept", json!({})).await;
    let assign = json!({ "kind": "assign", "user_id": desk.anna_id, "instead_of": null });
    assert_eq!(desk.all(assign).await, ["done", "already_taken", "done"]);
    let holders = [desk.get(0).await, desk.get(1).await].map(|one| one["assignee_id"].clone());
    assert_eq!(holders, [json!(desk.anna_id), json!(desk.boris_id)]);

    // Taken back: not what went on to somebody else, nor what was let go.
    let pass_on = json!({ "user_id": desk.boris_id });
    desk.act(&desk.boris, 0, "assign", pass_on).await;
    desk.act(&desk.boris, 2, "assign", json!({ "user_id": null })).await;
    let back = json!({ "kind": "assign", "user_id": desk.boris_id, "instead_of": desk.anna_id, "only_then": true });
    assert_eq!(desk.all(back).await, ["done", "done", "conversation_changed"]);
    assert_eq!(desk.get(2).await["assignee_id"], Value::Null);
}

#[tokio::test]
async fn what_is_asked_for_on_closing_keeps_its_own_conversation_open_only() {
    let desk = desk().await;
    let field = json!({ "key": "city", "title": "Город", "kind": "text", "required": true });
    desk.product.post(&desk.product.project("/fields"), field).await;
    let contact = desk.get(0).await["contact_id"].as_str().unwrap().to_owned();
    let contact = desk.product.project(&format!("/contacts/{contact}"));
    desk.product.call(Method::PATCH, &contact, Some(json!({ "fields": { "city": "Пермь" } }))).await;
    assert_eq!(desk.all(json!({ "kind": "close" })).await, ["done", "required_fields", "required_fields"]);
    assert_eq!((&desk.get(0).await["status"], &desk.get(1).await["status"]), (&json!("closed"), &json!("new")));

    let closed_at = desk.get(0).await["closed_at"].clone();
    let reopen = |closed_at: &Value| json!([{ "conversation_id": desk.ids[0], "action": { "kind": "reopen", "closed_at": closed_at } }]);
    let other = json!("2020-01-01T00:00:00Z");
    assert_eq!(codes(&desk.apply(reopen(&other)).await.1), ["conversation_changed"]);
    assert_eq!(codes(&desk.apply(reopen(&closed_at)).await.1), ["done"]);
    assert_eq!(desk.get(0).await["status"], json!("new"));
}

#[tokio::test]
async fn tags_tell_what_was_new_so_that_only_that_is_taken_back() {
    let desk = desk().await;
    let contact = desk.get(0).await["contact_id"].as_str().unwrap().to_owned();
    let contact = desk.product.project(&format!("/contacts/{contact}"));
    desk.product.call(Method::PATCH, &contact, Some(json!({ "tags": ["vip"] }))).await;
    let changes = |action: Value| {
        let of = |id: &String| json!({ "conversation_id": id, "action": action.clone() });
        json!(desk.ids.iter().take(2).map(of).collect::<Vec<_>>())
    };
    let (_, answer) = desk.apply(changes(json!({ "kind": "tag", "add": ["vip", "опт"] }))).await;
    let added = |index: usize| answer["results"][index]["added_tags"].clone();
    assert_eq!((added(0), added(1)), (json!(["опт"]), json!(["vip", "опт"])));
    let (_, refused) = desk.apply(changes(json!({ "kind": "tag", "add": [" "] }))).await;
    assert_eq!(codes(&refused), ["empty", "empty"]);
    desk.apply(changes(json!({ "kind": "tag", "remove": ["опт"] }))).await;
    assert_eq!(desk.product.get(&contact).await["tags"], json!(["vip"]));
}

#[tokio::test]
async fn putting_off_is_taken_back_unless_somebody_put_it_off_anew() {
    let desk = desk().await;
    assert_eq!(desk.all(json!({ "kind": "snooze", "until": null })).await, ["done", "done", "done"]);
    desk.act(&desk.boris, 1, "snooze", json!({ "until": "2026-12-31T09:00:00Z" })).await;
    let outcome = desk.all(json!({ "kind": "wake", "until": null })).await;
    assert_eq!(outcome, ["done", "conversation_changed", "done"]);
    assert_eq!((&desk.get(0).await["status"], &desk.get(1).await["status"]), (&json!("new"), &json!("snoozed")));
}

#[tokio::test]
async fn foreign_ids_repeats_and_too_many_are_refused() {
    let desk = desk().await;
    let nobody = "cnv_00000000000000000000000000000000";
    let change = |id: &str| json!({ "conversation_id": id, "action": { "kind": "close" } });
    let (status, answer) = desk.apply(json!([change(nobody), change(&desk.ids[0])])).await;
    assert_eq!((status, codes(&answer)), (StatusCode::OK, vec!["not_found".to_owned(), "done".to_owned()]));
    assert_eq!(answer["results"][0]["conversation"], Value::Null);
    let stranger = harness::new_account(&desk.product.app, "owner@b.example", "B").await;
    let path = format!("/api/v1/projects/{}/conversations/bulk", stranger.project_id);
    let body = json!({ "changes": [change(&desk.ids[1])] });
    let (status, answer) = desk.product.call_as(&stranger.api_key, Method::POST, &path, Some(body)).await;
    assert_eq!((status, codes(&answer)), (StatusCode::OK, vec!["not_found".to_owned()]));
    assert_eq!(desk.get(1).await["status"], json!("new"));

    for changes in [json!([]), json!([change(nobody), change(nobody)]), json!(vec![change(nobody); 101])] {
        assert_eq!(desk.apply(changes).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
