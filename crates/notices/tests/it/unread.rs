//! Who is written to about clients who wait.

use crate::{Post, body, subject};
use harness::{PASSWORD, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn whoever_has_no_page_open_gets_one_letter_about_a_client_who_has_waited_long_enough() {
    let post = Post::open().await;
    let ack = post.product.visitor().await.say("1", "Есть лампы?").await;
    post.clock.plus_minutes(4);
    post.stays_at(0).await;
    post.clock.plus_minutes(2);
    let letters = post.letters(1).await;
    assert_eq!(letters[0].to, ["RCPT TO:<owner@a.example>"]);
    assert!(letters[0].text.contains("Auto-Submitted: auto-replied"), "{}", letters[0].text);
    let text = body(&letters[0]);
    let link = format!("https://desk.example/inbox/{}", ack["conversation_id"].as_str().unwrap());
    for part in ["Есть лампы?", "ждёт 6 мин", link.as_str(), "https://desk.example/me"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(subject(&letters[0]).starts_with("Посетитель"), "{}", subject(&letters[0]));
    // Of this wait no second letter, however long it takes; of another one, one more with that alone.
    post.clock.plus_minutes(30);
    post.stays_at(1).await;
    post.product.visitor().await.say("1", "А люстры?").await;
    post.clock.plus_minutes(6);
    let letters = post.letters(2).await;
    let text = body(&letters[1]);
    assert!(text.contains("А люстры?") && !text.contains("Есть лампы?"), "{text}");
}

#[tokio::test]
async fn a_page_that_is_open_tells_it_itself_and_who_wants_no_letters_gets_none() {
    let post = Post::open().await;
    let owner = sign_in(&post.product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let operator =
        join(&post.product, "op@a.example", "operator", &[&post.product.account.project_id.to_string()]).await;
    let (status, me) =
        operator.call(&post.product, Method::PATCH, "/api/v1/me", json!({ "email_after_minutes": 0 })).await;
    assert_eq!((status, &me["email_after_minutes"], &me["has_mailbox"]), (StatusCode::OK, &json!(0), &json!(true)));
    for bad in [json!(-1), json!(1441), json!("5")] {
        let (status, _) =
            operator.call(&post.product, Method::PATCH, "/api/v1/me", json!({ "email_after_minutes": bad })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let mut desk = owner.socket(&post.product).await;
    desk.send(json!({ "type": "subscribe", "projects": [post.product.account.project_id], "from": 0 })).await;
    post.product.visitor().await.say("1", "Есть лампы?").await;
    post.clock.plus_minutes(6);
    post.stays_at(0).await;
    // The page is closed, and the client still waits.
    drop(desk);
    let letters = post.letters(1).await;
    assert_eq!(letters[0].to, ["RCPT TO:<owner@a.example>"]);
}

#[tokio::test]
async fn what_was_answered_or_read_before_the_letter_is_in_none_and_a_colleagues_client_is_that_colleagues() {
    let post = Post::open().await;
    let project = post.product.account.project_id.to_string();
    join(&post.product, "op@a.example", "operator", &[&project]).await;
    let answered = post.product.visitor().await.say("1", "раз").await;
    let answer =
        post.product.project(&format!("/conversations/{}/messages", answered["conversation_id"].as_str().unwrap()));
    post.product.post(&answer, json!({ "client_id": "a", "content": { "text": "ответ" } })).await;
    let assigned = post.product.visitor().await.say("1", "два").await;
    let users = post.product.get(&post.product.project("/users")).await;
    let of_operator = |user: &&serde_json::Value| user["name"] == "op@a.example";
    let id = users["items"].as_array().unwrap().iter().find(of_operator).unwrap()["id"].clone();
    let assign =
        post.product.project(&format!("/conversations/{}/assign", assigned["conversation_id"].as_str().unwrap()));
    post.product.post(&assign, json!({ "user_id": id })).await;
    post.clock.plus_minutes(6);
    let letters = post.letters(1).await;
    assert_eq!(letters[0].to, ["RCPT TO:<op@a.example>"]);
    let text = body(&letters[0]);
    assert!(text.contains("два") && !text.contains("раз\n"), "{text}");
    post.stays_at(1).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_gets_the_letter_later_and_one_that_refuses_is_asked_once() {
    let post = Post::open().await;
    post.server.says(harness::SmtpSays::HangUp("DATA"));
    post.product.visitor().await.say("1", "Есть лампы?").await;
    post.clock.plus_minutes(6);
    until_tried(&post).await;
    post.letters(1).await;
    post.server.says(harness::SmtpSays::To("RCPT", "550 5.1.1 no such user"));
    post.product.visitor().await.say("1", "А люстры?").await;
    post.clock.plus_minutes(20);
    post.stays_at(1).await;
    post.clock.plus_minutes(20);
    post.stays_at(1).await;
}

/// The clock stands, so a job that is to be tried again waits until it is moved.
async fn until_tried(post: &Post) {
    for _ in 0..6 {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        post.clock.plus_minutes(1);
    }
}

#[tokio::test]
async fn of_what_waits_in_a_department_its_people_are_written_to_where_the_project_says_so() {
    let post = Post::open().await;
    let product = &post.product;
    let operator = join(product, "op@a.example", "operator", &[&product.account.project_id.to_string()]).await;
    let id = operator.get(product, "/api/v1/me").await["user"]["id"].clone();
    let department =
        product.post(&product.project("/departments"), json!({ "name": "Продажи", "members": [id] })).await;
    let told = json!({ "told_by_department": true });
    assert_eq!(product.call(Method::PATCH, &product.project(""), Some(told)).await.0, StatusCode::OK);
    let ack = product.visitor().await.say("1", "Есть лампы?").await;
    let transfer = product.project(&format!("/conversations/{}/transfer", ack["conversation_id"].as_str().unwrap()));
    product.post(&transfer, json!({ "department_id": department["id"] })).await;
    post.clock.plus_minutes(6);
    let letters = post.letters(1).await;
    assert_eq!(letters[0].to, ["RCPT TO:<op@a.example>"]);
    post.stays_at(1).await;
}
