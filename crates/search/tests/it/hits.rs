//! What a hit shows, in which order, and what filters let through.

use crate::support::{ask, hits, indexed, marked};
use harness::{Product, Shop, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn named(product: &Product, name: &str, phone: &str) -> Socket {
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "fields", "fields": { "name": name, "phone": phone } })).await;
    visitor.expect("fields").await;
    visitor
}

#[tokio::test]
async fn a_hit_of_a_message_says_where_it_is_and_what_was_found() {
    let product = Product::start().await;
    let mut visitor = named(&product, "Ольга", "").await;
    let long = format!("{}Счёт 👍 готов {}", "слово за словом ".repeat(40), "и ещё слова ".repeat(40));
    let said = visitor.say("1", &long).await;
    indexed(&product).await;
    let found = hits(&product, &[("q", "счета готов"), ("kinds", "message")]).await;
    let hit = &found[0];
    assert_eq!((&hit["id"], &hit["seq"]), (&said["id"], &said["seq"]));
    assert_eq!((&hit["title"], &hit["author"]["kind"]), (&json!("Ольга"), &json!("client")));
    assert_eq!(marked(hit), ["Счёт", "готов"]);
    assert!(hit["snippet"].as_str().unwrap().chars().count() <= 202);
}

#[tokio::test]
async fn pages_meet_and_the_newest_come_first() {
    let product = Product::start().await;
    let mut visitor = named(&product, "Иван", "").await;
    for number in 0..7 {
        visitor.say(&number.to_string(), &format!("вопрос {number}")).await;
    }
    indexed(&product).await;
    let (mut seen, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let mut params = vec![("q", "вопросы"), ("kinds", "message"), ("limit", "3")];
        params.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let (status, page) = ask(&product, &params).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|hit| hit["snippet"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    let wanted: Vec<String> = (0..7).rev().map(|number| format!("вопрос {number}")).collect();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn whoever_is_meant_whole_comes_first_then_clients_then_what_was_said() {
    let product = Product::start().await;
    named(&product, "Марина", "").await.say("1", "Это Марина").await;
    named(&product, "Марина Сергеевна", "").await.say("1", "добрый день").await;
    indexed(&product).await;
    let found = hits(&product, &[("q", "марина")]).await;
    let order: Vec<(&str, &str)> =
        found.iter().map(|hit| (hit["kind"].as_str().unwrap(), hit["title"].as_str().unwrap())).collect();
    let wanted = [
        ("contact", "Марина"),
        ("contact", "Марина Сергеевна"),
        ("conversation", "Марина Сергеевна"),
        ("conversation", "Марина"),
        ("message", "Марина"),
    ];
    assert_eq!(order, wanted);
    let one = hits(&product, &[("q", "марина"), ("limit", "1")]).await;
    assert_eq!(one[0]["title"], "Марина");
}

#[tokio::test]
async fn a_group_is_found_by_the_values_of_all_its_members() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    named(&product, "Тимур", "89125550199").await.say("1", "раз").await;
    named(&product, "Timur Aliev", "+7 912 555 01 99").await.say("1", "два").await;
    indexed(&product).await;
    let found = hits(&product, &[("q", "тимур aliev"), ("kinds", "group,contact")]).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["kind"], marked(&found[0])), (&json!("group"), vec!["Тимур".to_owned(), "Aliev".to_owned()]));
    assert_eq!(hits(&product, &[("q", "9125550199"), ("kinds", "group")]).await.len(), 1);
}

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let (conversation, mut operator) = shop.conversation().await;
    shop.update(&shop.text(2, "почём диван")).await;
    operator.event("message.created").await;
    let mut visitor = named(product, "Роза", "").await;
    visitor.say("1", "диван синий").await;
    let contacts = product.get(&product.project("/contacts")).await;
    let rosa = contacts["items"].as_array().unwrap().iter().find(|contact| contact["name"] == "Роза").unwrap();
    let path = product.project(&format!("/contacts/{}", rosa["id"].as_str().unwrap()));
    let (status, body) = product.call(Method::PATCH, &path, Some(json!({ "tags": ["Опт"] }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let notes = conversation.replace("/messages", "/notes");
    product.post(&notes, json!({ "client_id": "n", "text": "диван продан" })).await;
    indexed(product).await;
    let texts = async |params: &[(&str, &str)]| -> Vec<String> {
        let mut all = vec![("q", "диван"), ("kinds", "message")];
        all.extend(params);
        let text = |hit: &Value| hit["snippet"].as_str().unwrap().to_owned();
        hits(product, &all).await.iter().map(text).collect()
    };
    assert_eq!(texts(&[]).await, ["диван продан", "диван синий", "почём диван"]);
    assert_eq!(texts(&[("channel", "site")]).await, ["диван синий"]);
    assert_eq!(texts(&[("channel", "telegram")]).await, ["диван продан", "почём диван"]);
    assert_eq!(texts(&[("author", "client")]).await, ["диван синий", "почём диван"]);
    assert_eq!(texts(&[("author", "operator")]).await, ["диван продан"]);
    assert_eq!(texts(&[("tag", "Опт")]).await, ["диван синий"]);
    assert_eq!(texts(&[("from", "2001-01-01T00:00:00Z"), ("to", "2002-01-01T00:00:00Z")]).await, [""; 0]);
    assert_eq!(texts(&[("from", "2001-01-01T00:00:00Z")]).await.len(), 3);
    assert_eq!(hits(product, &[("q", "роза"), ("kinds", "contact"), ("tag", "Опт")]).await.len(), 1);
    assert_eq!(hits(product, &[("q", "роза"), ("kinds", "contact"), ("tag", "Розница")]).await.len(), 0);
}

#[tokio::test]
async fn a_client_who_may_be_taken_for_one_of_ours_is_marked_in_every_kind_of_hit() {
    let product = Product::start().await;
    let mut visitor = named(&product, "Служба поддержки", "+79161112233").await;
    visitor.say("1", "срочный вопрос").await;
    named(&product, "Поэт", "").await.say("1", "срочный вопрос").await;
    indexed(&product).await;
    for (q, kind) in [("поддержки", "contact"), ("поддержки", "conversation"), ("срочный", "message")]
    {
        let found = hits(&product, &[("q", q), ("kinds", kind)]).await;
        let of = |title: &str| found.iter().find(|hit| hit["title"] == title).cloned();
        assert_eq!(of("Служба поддержки").expect(kind)["looks_like"], "service", "{kind}: {found:?}");
        assert!(of("Поэт").is_none_or(|hit| hit.get("looks_like").is_none()), "{kind}: {found:?}");
    }
}
