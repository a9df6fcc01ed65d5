//! Who has a conversation: one at a time, and whoever comes second hears who (rulings 62).

use harness::{Browser, PASSWORD, Product, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Two operators and a conversation of nobody's.
struct Desk {
    product: Product,
    anna: Browser,
    boris: Browser,
    anna_id: String,
    boris_id: String,
    conversation: String,
}

async fn desk() -> Desk {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    let said = product.visitor().await.say("1", "Где заказ?").await;
    let conversation = said["conversation_id"].as_str().unwrap().to_owned();
    let (anna_id, boris_id) = (id_of(&product, &anna).await, id_of(&product, &boris).await);
    Desk { product, anna, boris, anna_id, boris_id, conversation }
}

async fn id_of(product: &Product, who: &Browser) -> String {
    who.get(product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned()
}

impl Desk {
    fn path(&self, verb: &str) -> String {
        self.product.project(&format!("/conversations/{}/{verb}", self.conversation))
    }

    async fn act(&self, who: &Browser, verb: &str, body: Value) -> (StatusCode, Value) {
        who.call(&self.product, Method::POST, &self.path(verb), body).await
    }

    async fn answer(&self, who: &Browser, client_id: &str, text: &str) {
        let message = json!({ "client_id": client_id, "content": { "text": text } });
        let (status, answer) = self.act(who, "messages", message).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }

    /// Who has it, and its status.
    async fn now(&self) -> (Value, String) {
        let path = self.product.project(&format!("/conversations/{}", self.conversation));
        let found = self.product.get(&path).await;
        (found["assignee_id"].clone(), found["status"].as_str().unwrap().to_owned())
    }

    async fn event_lines(&self) -> Vec<String> {
        let path = self.product.project(&format!("/conversations/{}/messages", self.conversation));
        let messages = self.product.get(&path).await;
        let lines = messages["items"].as_array().unwrap().iter().filter(|message| message["kind"] == "event");
        lines.map(|message| message["content"]["event"]["code"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_wins_and_the_other_hears_who() {
    let desk = desk().await;
    let (first, second) =
        tokio::join!(desk.act(&desk.anna, "accept", json!({})), desk.act(&desk.boris, "accept", json!({})));
    let (winner, loser) = if first.0 == StatusCode::OK { (first, second) } else { (second, first) };
    assert_eq!(winner.0, StatusCode::OK, "{}", winner.1);
    assert_eq!((loser.0, &loser.1["code"]), (StatusCode::CONFLICT, &json!("already_taken")));
    let (holder, status) = desk.now().await;
    assert_eq!((holder.clone(), status.as_str()), (winner.1["assignee_id"].clone(), "open"));
    let name = if holder == json!(desk.anna_id) { "anna@a.example" } else { "boris@a.example" };
    assert!(loser.1["detail"].as_str().unwrap().contains(name), "{}", loser.1);
    assert_eq!(desk.event_lines().await, ["conversation.assigned"]);

    // Whoever has it may say so again.
    let winner = if name.starts_with("anna") { &desk.anna } else { &desk.boris };
    assert_eq!(desk.act(winner, "accept", json!({})).await.0, StatusCode::OK);
    assert_eq!(desk.event_lines().await.len(), 1);
}

#[tokio::test]
async fn a_closed_conversation_is_not_accepted() {
    let desk = desk().await;
    assert_eq!(desk.act(&desk.anna, "close", json!({})).await.0, StatusCode::OK);
    let (status, refused) = desk.act(&desk.boris, "accept", json!({})).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("conversation_closed")));
    assert_eq!(desk.now().await.0, Value::Null);
}

#[tokio::test]
async fn a_key_accepts_nothing() {
    let desk = desk().await;
    let (status, _) = desk.product.call(Method::POST, &desk.path("accept"), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_is_relieved_of_a_conversation_that_the_asker_saw_with_another() {
    let desk = desk().await;
    desk.act(&desk.anna, "accept", json!({})).await;
    // Boris still sees it free.
    let stale = json!({ "user_id": desk.boris_id, "instead_of": null });
    let (status, refused) = desk.act(&desk.boris, "assign", stale).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("already_taken")));
    // He sees that Anna has it, takes it, and takes that back.
    let taken = json!({ "user_id": desk.boris_id, "instead_of": desk.anna_id });
    assert_eq!(desk.act(&desk.boris, "assign", taken.clone()).await.1["assignee_id"], json!(desk.boris_id));
    let back = json!({ "user_id": desk.anna_id, "instead_of": desk.boris_id });
    assert_eq!(desk.act(&desk.boris, "assign", back.clone()).await.1["assignee_id"], json!(desk.anna_id));
    assert_eq!(desk.act(&desk.boris, "assign", back).await.0, StatusCode::OK, "what is so already is no trouble");
    // Without a word on who has it, it goes where it is told.
    let told = json!({ "user_id": desk.boris_id });
    assert_eq!(desk.act(&desk.anna, "assign", told).await.1["assignee_id"], json!(desk.boris_id));
}

#[tokio::test]
async fn whoever_answers_a_conversation_of_nobodys_takes_it() {
    let desk = desk().await;
    desk.answer(&desk.anna, "a1", "Едет").await;
    assert_eq!(desk.now().await, (json!(desk.anna_id), "waiting".to_owned()));
    assert_eq!(desk.event_lines().await, ["conversation.assigned"]);
    desk.answer(&desk.boris, "b1", "Уже рядом").await;
    assert_eq!(desk.now().await.0, json!(desk.anna_id), "a colleague who helps does not take it away");
}

#[tokio::test]
async fn a_note_or_a_program_takes_nothing() {
    let desk = desk().await;
    let note = json!({ "client_id": "n", "text": "для своих" });
    assert_eq!(desk.act(&desk.anna, "notes", note).await.0, StatusCode::CREATED);
    let message = json!({ "client_id": "k", "content": { "text": "Здравствуйте" } });
    desk.product.post(&desk.path("messages"), message).await;
    assert_eq!(desk.now().await.0, Value::Null);
}

#[tokio::test]
async fn where_the_project_wants_it_otherwise_an_answer_takes_nothing() {
    let desk = desk().await;
    let owner = sign_in(&desk.product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let (status, project) =
        owner.call(&desk.product, Method::PATCH, &desk.product.project(""), json!({ "answer_assigns": false })).await;
    assert_eq!((status, &project["answer_assigns"]), (StatusCode::OK, &json!(false)));
    desk.answer(&desk.anna, "a1", "Едет").await;
    assert_eq!(desk.now().await, (Value::Null, "waiting".to_owned()));
}

#[tokio::test]
async fn what_a_colleague_has_or_has_answered_is_not_unread_for_others() {
    let desk = desk().await;
    let counts = desk.product.project("/conversations/counts");
    let unread = async |who: &Browser| who.get(&desk.product, &counts).await["unread"].clone();
    assert_eq!((unread(&desk.anna).await, unread(&desk.boris).await), (json!(1), json!(1)));
    // Answered by one, without taking it: for the other there is nothing to do.
    let project = desk.product.project("");
    desk.product.call(Method::PATCH, &project, Some(json!({ "answer_assigns": false }))).await;
    desk.answer(&desk.anna, "a1", "Уже едет").await;
    assert_eq!(desk.now().await, (Value::Null, "waiting".to_owned()));
    assert_eq!(unread(&desk.boris).await, json!(0));
    desk.act(&desk.anna, "assign", json!({ "user_id": desk.boris_id })).await;
    assert_eq!(unread(&desk.boris).await, json!(1), "it is Boris's now, and he has not seen it");
    assert_eq!(unread(&desk.anna).await, json!(0));
}
