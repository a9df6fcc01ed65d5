//! What clients send over Telegram, and what the thread shows of it (rulings 66).

use harness::{Shop, Socket};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn told(shop: &Shop, operator: &mut Socket, update_id: i64, parts: Value) -> Value {
    let mut update = shop.text(update_id, "");
    let message = update["message"].as_object_mut().unwrap();
    message.remove("text");
    message.extend(parts.as_object().unwrap().clone());
    assert_eq!(shop.update(&update).await, StatusCode::OK);
    operator.event("message.created").await
}

#[tokio::test]
async fn whatever_form_a_client_sends_is_a_message_of_the_thread() {
    let shop = Shop::open().await;
    let (_, mut operator) = shop.conversation().await;
    let poll = json!({ "question": "Когда?", "options": [{ "text": "утром" }] });
    let message = told(&shop, &mut operator, 2, json!({ "poll": poll })).await;
    assert_eq!(
        (&message["author"]["kind"], &message["content"]["text"], &message["content"]["extra"]["form"]),
        (&json!("client"), &json!("Когда?\n• утром"), &json!("poll"))
    );
    let message = told(&shop, &mut operator, 3, json!({ "hologram": { "title": "Голова" } })).await;
    assert_eq!(message["content"]["extra"]["form"], "hologram");
    let message = told(&shop, &mut operator, 4, json!({ "story": { "chat": {}, "id": 1 } })).await;
    assert_eq!((&message["content"]["text"], &message["content"]["extra"]["form"]), (&json!(""), &json!("story")));
}

#[tokio::test]
async fn a_reply_finds_the_message_of_ours_and_keeps_the_words_it_quotes() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    let asked = shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "Какой размер?" } })).await;
    operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    let answered = json!({ "message_id": 1, "text": "Какой размер?" });
    let reply = told(&shop, &mut operator, 2, json!({ "text": "этот", "reply_to_message": answered })).await;
    assert_eq!(
        (&reply["reply_to"], &reply["content"]["extra"]["quoted"]["text"]),
        (&asked["id"], &json!("Какой размер?"))
    );
}

#[tokio::test]
async fn an_update_that_cannot_be_read_is_flagged_and_holds_up_nobody() {
    let shop = Shop::open().await;
    let (_, mut operator) = shop.conversation().await;
    let mut broken = shop.text(2, "не прочесть");
    broken["message"]["date"] = json!("вчера");
    assert_eq!(shop.update(&broken).await, StatusCode::OK);
    let mut message = told(&shop, &mut operator, 3, json!({ "photo": null, "text": "дальше" })).await;
    assert_eq!(message["content"].as_object_mut().unwrap().remove("extra"), None);
    assert_eq!(message["content"]["text"], "дальше");
    let account = shop.product.account.account_id;
    let flagged = shop.product.app.messaging.read(&account, |cx| {
        Box::pin(async move {
            let query =
                db::sql!("SELECT error FROM jobs WHERE account_id = $1 AND kind = 'inbound' AND state = 'failed'");
            query.bind(cx.account).all::<(String,)>(cx.tx).await.map_err(model::Refusal::from)
        })
    });
    let flagged = flagged.await.unwrap();
    assert!(matches!(flagged.as_slice(), [(reason,)] if reason.contains("вчера")), "{flagged:?}");
}

#[tokio::test]
async fn a_name_nobody_can_see_gives_way_to_the_handle_and_no_name_turns_its_line() {
    let shop = Shop::open().await;
    let mut operator = shop.product.operator().await;
    let named = |update: i64, person: i64, name: &str| {
        let mut text = shop.text(update, "привет");
        text["message"]["from"] = json!({ "id": person, "is_bot": false, "first_name": name });
        text["message"]["chat"]["id"] = json!(person);
        text
    };
    shop.update(&named(1, 5, "\u{3164}\u{200B}")).await;
    let unseen = operator.event("message.created").await;
    assert!(unseen["author"]["name"].as_str().unwrap().starts_with("Посетитель "), "{unseen}");
    shop.update(&named(2, 6, "Анна\u{202E}анилП")).await;
    assert_eq!(operator.event("message.created").await["author"]["name"], "АннаанилП");
}

#[tokio::test]
async fn a_name_with_an_at_that_was_given_up_goes() {
    let shop = Shop::open().await;
    let mut operator = shop.product.operator().await;
    shop.update(&shop.text(1, "привет")).await;
    operator.event("message.created").await;
    let contacts =
        || async { shop.product.get(&shop.product.project("/contacts")).await["items"][0]["handle"].clone() };
    assert_eq!(contacts().await, "@marina_kv");
    let mut later = shop.text(2, "это снова я");
    later["message"]["from"].as_object_mut().unwrap().remove("username");
    shop.update(&later).await;
    operator.event("message.created").await;
    assert!(contacts().await.as_str().unwrap().starts_with("Посетитель "));
}

#[tokio::test]
async fn a_block_that_telegram_names_by_its_own_word_closes_the_channel() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    let words = json!({ "ok": false, "error_code": 400, "description": "Bad Request: USER_IS_BLOCKED" });
    shop.answers((StatusCode::BAD_REQUEST, words));
    shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "эй" } })).await;
    let failed = operator.until(|f| f["data"]["delivery"]["status"] == "failed").await;
    assert_eq!(failed["data"]["delivery"]["reason"]["code"], "blocked_by_client");
}

fn photo(file_id: &str) -> Value {
    json!([{ "file_id": file_id, "file_unique_id": file_id, "width": 9, "height": 9 }])
}

fn edited(shop: &Shop, update_id: i64, message_id: i64, parts: Value) -> Value {
    let mut update = shop.text(update_id, "");
    let mut message = update.as_object_mut().unwrap().remove("message").unwrap();
    message["message_id"] = json!(message_id);
    message.as_object_mut().unwrap().remove("text");
    message.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    update["edited_message"] = message;
    update
}

#[tokio::test]
async fn an_edit_that_overtakes_its_message_brings_the_files() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    shop.holds_file("one", b"%PDF-1.4 one");
    shop.update(&edited(&shop, 2, 30, json!({ "photo": photo("one"), "caption": "стало" }))).await;
    let message = operator.event("message.created").await;
    assert_eq!(
        (&message["content"]["text"], &message["content"]["attachments"][0]["name"]),
        (&json!("стало"), &json!("photo.jpg"))
    );
    let original = told(&shop, &mut operator, 5, json!({ "text": "следующее" }));
    let mut late = shop.text(3, "");
    late["message"]
        .as_object_mut()
        .unwrap()
        .extend(json!({ "message_id": 30, "photo": photo("one"), "caption": "было" }).as_object().unwrap().clone());
    assert_eq!(shop.update(&late).await, StatusCode::OK);
    original.await;
    let all = shop.product.get(&path).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 3, "the original comes too late and is no second message");
}

#[tokio::test]
async fn a_file_replaced_by_an_edit_is_shown_and_one_that_cannot_be_fetched_again_stays() {
    let shop = Shop::open().await;
    let (_, mut operator) = shop.conversation().await;
    shop.holds_file("one", b"%PDF-1.4 one");
    shop.holds_file("other", b"%PDF-1.4 the other");
    let first = told(&shop, &mut operator, 2, json!({ "message_id": 30, "photo": photo("one") })).await;
    let file = |message: &Value| message["content"]["attachments"][0].clone();
    shop.update(&edited(&shop, 3, 30, json!({ "photo": photo("one"), "caption": "подпись" }))).await;
    let same = operator.event("message.updated").await;
    assert_eq!((&same["content"]["text"], file(&same)), (&json!("подпись"), file(&first)), "the same file");
    shop.update(&edited(&shop, 4, 30, json!({ "photo": photo("gone"), "caption": "ещё" }))).await;
    let kept = operator.event("message.updated").await;
    assert_eq!((&kept["content"]["text"], file(&kept)), (&json!("ещё"), file(&first)), "better the old one than none");
    shop.update(&edited(&shop, 5, 30, json!({ "photo": photo("other"), "caption": "ещё" }))).await;
    let replaced = operator.event("message.updated").await;
    assert_eq!(file(&replaced)["size"], 18);
    let url = file(&replaced)["url"].as_str().unwrap().to_owned();
    let read = shop.product.http.get(shop.product.url(&url)).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap().as_ref(), b"%PDF-1.4 the other");
}

async fn give_token(shop: &Shop, token: &str) {
    let body = json!({ "settings": { "token": token } });
    let (status, answer) = shop.product.call(reqwest::Method::PATCH, &shop.connection, Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn what_belongs_to_a_bot_ends_with_the_bot() {
    const OTHER: &str = "220201543:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw2";
    let shop = Shop::open().await;
    let mut operator = shop.product.operator().await;
    let token = harness::TOKEN;
    shop.holds_update(token, shop.text(500, "старому боту"));
    assert_eq!(operator.event("message.created").await["content"]["text"], "старому боту");
    // Another bot counts its updates and messages anew: these numbers were the old one's, too.
    let mut same_number = shop.text(500, "новому боту");
    shop.holds_update(OTHER, shop.text(7, "первое новому"));
    same_number["message"]["text"] = json!("новому боту");
    shop.holds_update(OTHER, same_number);
    give_token(&shop, OTHER).await;
    assert_eq!(operator.event("message.created").await["content"]["text"], "первое новому");
    assert_eq!(operator.event("message.created").await["content"]["text"], "новому боту");
    assert_eq!(
        shop.update(&shop.text(501, "от старого")).await,
        StatusCode::UNAUTHORIZED,
        "the old webhook's secret is gone"
    );
    // A new token of the same bot changes nothing.
    let renewed = OTHER.replace("saw2", "saw3");
    shop.holds_update(&renewed, shop.text(500, "новому боту"));
    shop.holds_update(&renewed, shop.text(501, "дальше"));
    give_token(&shop, &renewed).await;
    assert_eq!(operator.event("message.created").await["content"]["text"], "дальше");
}
