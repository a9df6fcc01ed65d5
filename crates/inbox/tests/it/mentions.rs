//! Notes that name colleagues: they are told, whoever's conversation it is, until they have read it.

use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Desk {
    product: Product,
    anna: Browser,
    boris: Browser,
    boris_id: String,
    conversation: String,
}

async fn id_of(product: &Product, who: &Browser) -> String {
    who.get(product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned()
}

async fn desk() -> Desk {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    let boris_id = id_of(&product, &boris).await;
    let said = product.visitor().await.say("1", "Где заказ?").await;
    let conversation = said["conversation_id"].as_str().unwrap().to_owned();
    let desk = Desk { product, anna, boris, boris_id, conversation };
    desk.act(&desk.anna, "accept", json!({})).await;
    desk
}

impl Desk {
    async fn act(&self, who: &Browser, verb: &str, body: Value) -> (StatusCode, Value) {
        let path = self.product.project(&format!("/conversations/{}/{verb}", self.conversation));
        who.call(&self.product, Method::POST, &path, body).await
    }

    async fn note(&self, client_id: &str, mentions: Value) -> (StatusCode, Value) {
        let note = json!({ "client_id": client_id, "text": "@boris@a.example, посмотри", "mentions": mentions });
        self.act(&self.anna, "notes", note).await
    }

    /// How many conversations the folder holds, counted and listed.
    async fn named(&self, who: &Browser) -> (Value, usize) {
        let counts = who.get(&self.product, &self.product.project("/conversations/counts")).await;
        let path = self.product.project("/conversations?folder=mentions&order=waiting&limit=5");
        let listed = who.get(&self.product, &path).await;
        (counts["mentions"].clone(), listed["items"].as_array().unwrap().len())
    }
}

#[tokio::test]
async fn a_colleague_who_is_named_finds_it_until_it_is_read() {
    let desk = desk().await;
    let (status, note) = desk.note("n1", json!([desk.boris_id, desk.boris_id])).await;
    assert_eq!((status, &note["content"]["mentions"]), (StatusCode::CREATED, &json!([desk.boris_id])));
    // The same once more is the same note.
    assert_eq!(desk.note("n1", json!([desk.boris_id])).await.1["id"], note["id"]);
    desk.note("n2", json!([desk.boris_id])).await;
    assert_eq!(desk.named(&desk.boris).await, (json!(1), 1));
    assert_eq!(desk.named(&desk.anna).await, (json!(0), 0));

    desk.act(&desk.boris, "read", json!({ "seq": note["seq"] })).await;
    assert_eq!(desk.named(&desk.boris).await, (json!(1), 1), "the later note is not read");
    let last = note["seq"].as_i64().unwrap() + 1;
    desk.act(&desk.boris, "read", json!({ "seq": last })).await;
    assert_eq!(desk.named(&desk.boris).await, (json!(0), 0));
}

#[tokio::test]
async fn nobody_is_told_of_what_they_may_not_see() {
    let desk = desk().await;
    let other = desk.product.post("/api/v1/projects", json!({ "name": "Other" })).await;
    let outsider = join(&desk.product, "out@a.example", "operator", &[other["id"].as_str().unwrap()]).await;
    let outsider = id_of(&desk.product, &outsider).await;
    let (status, refused) = desk.note("n1", json!([outsider])).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_in_project")));
    let stranger = harness::new_account(&desk.product.app, "owner@b.example", "B").await;
    assert_eq!(desk.note("n2", json!([stranger.user_id])).await.0, StatusCode::NOT_FOUND);
    // A message to the client names nobody.
    let message = json!({ "client_id": "m", "content": { "text": "x", "mentions": [desk.boris_id] } });
    let (status, refused) = desk.act(&desk.anna, "messages", message).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("only_in_notes")));
    assert_eq!(desk.named(&desk.boris).await, (json!(0), 0));
}

#[tokio::test]
async fn a_note_over_the_socket_names_colleagues_too() {
    let desk = desk().await;
    let mut socket = desk.anna.socket(&desk.product).await;
    socket
        .send(json!({ "type": "message", "client_id": "s1", "conversation_id": desk.conversation, "kind": "note",
            "content": { "text": "@boris", "mentions": [desk.boris_id] } }))
        .await;
    let ack = socket.expect("ack").await;
    assert_eq!(ack["message"]["content"]["mentions"], json!([desk.boris_id]), "{ack}");
    assert_eq!(desk.named(&desk.boris).await, (json!(1), 1));
}
