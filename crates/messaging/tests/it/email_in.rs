//! A mailbox read through a scripted server on loopback: nothing lost, nothing doubled, nobody in another's conversation. What a stranger's
//! server says is judged in `web/e2e`.

use harness::{MailServer, Product, Socket, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A product with a mailbox on the scripted server.
pub struct Post {
    pub product: Product,
    pub server: MailServer,
    /// Path of the connection.
    pub connection: String,
}

impl Post {
    pub async fn open() -> Self {
        let (product, server) = (Product::start().await, MailServer::start().await);
        let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
        let made = product.post(&product.project("/connections"), body).await;
        assert_eq!(
            (&made["status"], &made["health"]["bot"]["username"]),
            (&json!("active"), &json!("sales@shop.example"))
        );
        assert!(!made.to_string().contains(harness::MAIL_PASSWORD), "the password is never shown");
        assert!(made["settings"].get("token_ends_with").is_none(), "nor a part of it: {made}");
        let connection = product.project(&format!("/connections/{}", made["id"].as_str().unwrap()));
        let post = Self { product, server, connection };
        until("the mailbox is read", async || post.server.commands().iter().any(|c| c == "IDLE")).await;
        post
    }

    pub async fn change(&self, body: Value) {
        let (status, answer) = self.product.call(Method::PATCH, &self.connection, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// What clients wrote, in every conversation.
    async fn texts(&self) -> Vec<String> {
        let conversations = self.product.get(&self.product.project("/conversations?limit=100")).await;
        let mut texts = Vec::new();
        for conversation in conversations["items"].as_array().unwrap() {
            let id = conversation["id"].as_str().unwrap();
            let path = self.product.project(&format!("/conversations/{id}/messages?limit=200"));
            let messages = self.product.get(&path).await;
            let said = messages["items"].as_array().unwrap().iter().filter(|m| m["author"]["kind"] == "client");
            texts.extend(said.map(|m| m["content"]["text"].as_str().unwrap().to_owned()));
        }
        texts.sort();
        texts
    }

    async fn health(&self) -> Value {
        self.product.get(&self.product.project("/connections")).await["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["kind"] == "email")
            .unwrap()["health"]
            .clone()
    }
}

/// A letter of Anna's.
pub fn letter(id: u32, text: &str) -> String {
    format!(
        "From: =?utf-8?B?0JDQvdC90LA=?= <Anna@Client.example>\nTo: sales@shop.example\nSubject: Lamp\n\
         Message-ID: <{id}@client.example>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

async fn next(operator: &mut Socket) -> Value {
    operator.event("message.created").await
}

#[tokio::test]
async fn a_letter_is_a_contact_a_conversation_and_a_message() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    post.server.receives(&letter(1, "Добрый день!\n\n-- \nАнна"));
    let message = next(&mut operator).await;
    assert_eq!(
        (&message["author"]["name"], &message["content"]["text"], &message["content"]["extra"]),
        (&json!("Анна"), &json!("Добрый день!"), &json!({ "subject": "Lamp", "folded": "-- \nАнна" }))
    );
    let contact = post.product.get(&post.product.project("/contacts")).await["items"][0].clone();
    assert_eq!(contact["handle"], "anna@client.example");
    let email = &contact["fields"]["email"][0];
    assert_eq!((&email["value"], &email["verified"]), (&json!("anna@client.example"), &json!(false)), "{contact}");
    assert_eq!(post.health().await["error"], Value::Null);
}

#[tokio::test]
async fn letters_of_one_address_are_one_conversation_and_a_forged_thread_enters_none() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    post.server.receives(&letter(1, "первое"));
    let first = next(&mut operator).await;
    let path = post.product.project(&format!("/conversations/{}/messages", first["conversation_id"].as_str().unwrap()));
    let asked = post.product.post(&path, json!({ "client_id": "1", "content": { "text": "Какая?" } })).await;
    operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    let ours =
        post.server.posted()[0].text.lines().find_map(|l| l.strip_prefix("Message-ID: ").map(str::to_owned)).unwrap();
    post.server.receives(
        &letter(2, "Настольная").replace("Subject: Lamp", &format!("Subject: Re: Lamp\nIn-Reply-To: {ours}")),
    );
    let reply = operator.until(|f| f["data"]["content"]["text"] == "Настольная").await["data"].clone();
    assert_eq!((&reply["conversation_id"], &reply["reply_to"]), (&first["conversation_id"], &asked["id"]));
    let forged = format!(
        "From: mallory@evil.example\nIn-Reply-To: {ours}\nReferences: <1@client.example> {ours}\nSubject: Re: Lamp\n\nвзлом\n"
    );
    post.server.receives(&forged);
    let stranger = operator.until(|f| f["data"]["content"]["text"] == "взлом").await["data"].clone();
    assert_ne!(stranger["conversation_id"], first["conversation_id"]);
    assert_ne!(stranger["contact_id"], first["contact_id"]);
    assert_eq!(stranger.get("reply_to").filter(|to| !to.is_null()), None);
}

#[tokio::test]
async fn a_mailbox_that_is_numbered_anew_doubles_nothing_and_loses_nothing() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    for n in 1..=3 {
        post.server.receives(&letter(n, &format!("{n}")));
        next(&mut operator).await;
    }
    post.change(json!({ "status": "off" })).await;
    post.server.deletes(1);
    post.server.renumber();
    post.server.receives(&letter(4, "4"));
    post.change(json!({ "status": "active" })).await;
    assert_eq!(next(&mut operator).await["content"]["text"], "4");
    // The same letter once more, as a copy of it in the mailbox is.
    post.server.receives(&letter(4, "4"));
    post.server.receives(&letter(5, "5"));
    assert_eq!(next(&mut operator).await["content"]["text"], "5");
    assert_eq!(post.texts().await, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn what_came_before_the_mailbox_was_connected_is_left_alone() {
    let (product, server) = (Product::start().await, MailServer::start().await);
    server.receives_bytes(b"From: a@b.example\r\n\r\nold".to_vec(), "01-Jan-2020 12:00:00 +0000");
    let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
    product.post(&product.project("/connections"), body).await;
    let mut operator = product.operator().await;
    server.receives(&letter(1, "новое"));
    assert_eq!(next(&mut operator).await["content"]["text"], "новое");
    assert!(server.commands().iter().all(|c| !c.to_ascii_uppercase().contains("STORE")), "nothing is marked as read");
}

#[tokio::test]
async fn a_reader_that_is_stopped_anywhere_loses_and_doubles_nothing() {
    let post = Post::open().await;
    let count = 60;
    for n in 0..count {
        post.server.receives(&letter(1_000 + n, &format!("{n:03}")));
        if n % 10 == 0 {
            post.change(json!({ "status": "off" })).await;
            post.change(json!({ "status": "active" })).await;
        }
    }
    until("every letter", async || post.texts().await.len() >= count as usize).await;
    let wanted: Vec<String> = (0..count).map(|n| format!("{n:03}")).collect();
    assert_eq!(post.texts().await, wanted);
}

#[tokio::test]
async fn a_server_that_goes_away_is_told_of_and_found_again() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    post.server.set_down(true);
    until("the trouble is told", async || post.health().await["error"]["code"] == "not_reached").await;
    post.server.receives(&letter(1, "тем временем"));
    post.server.set_down(false);
    assert_eq!(next(&mut operator).await["content"]["text"], "тем временем");
    until("the trouble is over", async || post.health().await["error"] == Value::Null).await;
    post.server.set_password("another");
    post.server.set_down(true);
    until("it is away again", async || post.health().await["error"]["code"] == "not_reached").await;
    post.server.set_down(false);
    until("the password is told of", async || post.health().await["error"]["code"] == "bad_token").await;
}

#[tokio::test]
async fn a_server_without_idle_is_asked_again_and_again() {
    let (product, server) = (Product::start().await, MailServer::start().await);
    server.set_idle(false);
    let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
    product.post(&product.project("/connections"), body).await;
    let mut operator = product.operator().await;
    server.receives(&letter(1, "есть"));
    assert_eq!(next(&mut operator).await["content"]["text"], "есть");
    assert!(server.commands().iter().all(|c| c != "IDLE"));
}

#[tokio::test]
async fn big_files_are_fetched_from_the_mailbox_and_too_big_ones_are_named() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    let line = format!("{}\n", "QUJD".repeat(19));
    let with_file = |id: u32, lines: usize| {
        format!(
            "From: anna@client.example\nMessage-ID: <{id}@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nсм. файл\n--b\n\
             Content-Type: application/octet-stream; name=plan.bin\nContent-Transfer-Encoding: base64\n\n{}\n--b--\n",
            line.repeat(lines)
        )
    };
    post.server.receives(&with_file(1, 20_000));
    let message = next(&mut operator).await;
    let file = &message["content"]["attachments"][0];
    assert_eq!((&file["name"], &file["size"]), (&json!("plan.bin"), &json!(20_000 * 19 * 3)), "{message}");
    post.server.receives(&with_file(2, 400_000));
    let message = next(&mut operator).await;
    assert_eq!(message["content"]["text"], "см. файл");
    assert_eq!(message["content"]["attachments"][0]["name"], "plan.bin.txt", "{message}");
}

#[tokio::test]
async fn a_letter_that_breaks_programs_holds_up_nobody() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    post.server.receives_bytes((0..=255).cycle().take(5_000).collect(), "05-Oct-2030 12:00:00 +0000");
    post.server.receives_bytes(
        b"From: \xff\xfe\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--".to_vec(),
        "05-Oct-2030 12:00:00 +0000",
    );
    post.server.receives(&letter(3, "жив"));
    operator.until(|f| f["data"]["content"]["text"] == "жив").await;
    until("three messages", async || post.texts().await.len() == 3).await;
}

#[tokio::test]
async fn a_letter_that_cannot_be_had_holds_up_those_behind_it_only_for_a_while() {
    let post = Post::open().await;
    post.server.poison_next();
    post.server.receives(&letter(1, "отрава"));
    post.server.receives(&letter(2, "дальше"));
    until("the trouble is told", async || post.health().await["error"]["code"] == "not_reached").await;
    until("what is behind it", async || post.texts().await.len() == 2).await;
    assert!(post.texts().await.iter().any(|text| text.contains("could not be read")));
}
