//! Messages that come faster than they are stored are answered together, and as if each had come alone.

use crate::support::{asks, published, report};
use harness::{Product, Socket};
use serde_json::{Value, json};

const MANY: usize = 40;

/// Repeats what it was told, for ever.
fn echo() -> Value {
    asks(
        json!({"text": "Слышу: {{var.said}}", "wait": {"expect": "text", "save_to": "var.said"}}),
        json!([{"from": ["b1", "correct"], "to": "b1"}]),
        json!([]),
    )
}

/// Everything said in a conversation, as `author: text`.
async fn lines(product: &Product, conversation: &str) -> Vec<String> {
    let page = product.get(&product.project(&format!("/conversations/{conversation}/messages?limit=200"))).await;
    let mut items = page["items"].as_array().unwrap().clone();
    items.sort_by_key(|message| message["seq"].as_i64());
    let said = items.iter().filter(|message| message["kind"] == "message");
    said.map(|message| {
        format!("{}: {}", message["author"]["kind"].as_str().unwrap(), message["content"]["text"].as_str().unwrap())
    })
    .collect()
}

async fn started(product: &Product) -> (Socket, String) {
    let mut visitor = product.visitor().await;
    let ack = visitor.say("first", "старт").await;
    (visitor, ack["conversation_id"].as_str().unwrap().to_owned())
}

/// Writes without waiting, then waits for all the acks.
async fn writes(visitor: &mut Socket, said: &[(String, String)]) {
    for (id, text) in said {
        visitor.send(json!({"type": "message", "client_id": id, "content": {"text": text}})).await;
    }
    for _ in said {
        visitor.expect("ack").await;
    }
}

#[tokio::test]
async fn each_of_many_messages_at_once_is_answered_in_its_turn() {
    let product = Product::start().await;
    let id = published(&product, "Эхо", echo()).await;
    let (mut visitor, here) = started(&product).await;
    let said: Vec<_> = (0..MANY).map(|n| (format!("id-{n}"), format!("слово {n}"))).collect();
    writes(&mut visitor, &said).await;

    let mut expected = vec!["client: старт".to_owned(), "bot: Слышу: ".to_owned()];
    for (_, text) in &said {
        expected.extend([format!("client: {text}"), format!("bot: Слышу: {text}")]);
    }
    assert_eq!(lines(&product, &here).await, expected);
    let conversation = product.get(&product.project(&format!("/conversations/{here}"))).await;
    assert_eq!((&conversation["status"], &conversation["waiting_since"]), (&json!("bot"), &Value::Null));
    let report = report(&product, &id).await;
    let block = &report["blocks"]["b1"];
    let many = i64::try_from(MANY).unwrap();
    assert_eq!(
        (&block["visits"], &block["runs"], &block["exits"]["correct"], &block["waiting"]),
        (&json!(many + 1), &json!(1), &json!(many), &json!(1))
    );
    let path = product.project(&format!("/scenarios/{id}/report/blocks/b1/recipients?limit=200"));
    let people = product.get(&path).await["items"].clone();
    let answers: Vec<_> = people.as_array().unwrap().iter().map(|one| one["answer"].clone()).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.is_null()).count(), MANY);
    assert!(people.as_array().unwrap().iter().all(|one| one["text"].as_str().unwrap().starts_with("Слышу")));
}

#[tokio::test]
async fn what_comes_after_the_run_has_ended_is_for_people_also_in_the_same_moment() {
    let product = Product::start().await;
    let asks_twice = asks(
        json!({"text": "Имя?", "wait": {"expect": "text", "save_to": "var.name"}}),
        json!([{"from": ["b1", "correct"], "to": "b2"}, {"from": ["b2", "correct"], "to": "b3"}]),
        json!([
            {"id": "b2", "type": "message", "settings": {"text": "Город?", "wait": {"expect": "text", "save_to": "var.city"}}},
            {"id": "b3", "type": "message", "settings": {"text": "Спасибо, {{var.name}}, {{var.city}}"}},
        ]),
    );
    published(&product, "Знакомство", asks_twice).await;
    let (mut visitor, here) = started(&product).await;
    let said: Vec<_> = (0..8).map(|n| (format!("id-{n}"), format!("слово {n}"))).collect();
    writes(&mut visitor, &said).await;

    let lines = lines(&product, &here).await;
    assert_eq!(
        lines[..7],
        [
            "client: старт",
            "bot: Имя?",
            "client: слово 0",
            "bot: Город?",
            "client: слово 1",
            "bot: Спасибо, слово 0, слово 1",
            "client: слово 2"
        ]
    );
    assert_eq!(lines.len(), 12, "{lines:?}");
    assert_eq!(product.get(&product.project(&format!("/conversations/{here}"))).await["status"], "new");
}

#[tokio::test]
async fn a_message_that_comes_twice_among_many_is_answered_once() {
    let product = Product::start().await;
    published(&product, "Эхо", echo()).await;
    let (mut visitor, here) = started(&product).await;
    let said: Vec<_> = (0..12).map(|n| (format!("id-{}", n % 4), format!("слово {}", n % 4))).collect();
    writes(&mut visitor, &said).await;
    let lines = lines(&product, &here).await;
    assert_eq!(lines.len(), 2 + 2 * 4, "{lines:?}");
    assert_eq!(lines.last().unwrap(), "bot: Слышу: слово 3");
}
