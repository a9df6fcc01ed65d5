//! Who takes no mailings.

use super::support::Clients;
use harness::{Product, Shop, until};
use messaging::Settings;
use model::{ChannelKind, Env};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vault::Vault;

#[tokio::test]
async fn a_stop_word_after_a_mailing_ends_mailings_for_the_whole_person_and_is_confirmed() {
    let clients = Clients::new().await;
    let product = clients.product();
    let anna = clients.telegram(5).await;
    // Without a mailing it is a word as any other: it goes to people.
    assert_eq!(clients.shop.update(&clients.shop.text(1, "стоп")).await, StatusCode::OK);
    until("a conversation", async || {
        product.get(&product.project("/conversations")).await["items"][0]["status"] == "new"
    })
    .await;
    let opt_out = product.project(&format!("/contacts/{anna}/opt-out"));
    assert_eq!(product.get(&opt_out).await["is_opted_out"], false);
    let mailing = clients.mailing(json!({ "opt_out_line": true })).await;
    clients.sent(&mailing).await;
    let text = clients.shop.sent()[0]["text"].as_str().unwrap().to_owned();
    assert!(text.ends_with("Чтобы отписаться, ответьте «стоп»"), "{text}");
    assert_eq!(clients.shop.update(&clients.shop.text(2, " Стоп! ")).await, StatusCode::OK);
    until("the confirmation", async || clients.shop.sent().len() == 2).await;
    let standing = product.get(&opt_out).await;
    assert_eq!((&standing["is_opted_out"], &standing["items"][0]["source"]), (&json!(true), &json!("stop_word")));
    let (status, refused) = product.call(Method::DELETE, &opt_out, None).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("own_will")));
    let again = clients.mailing(json!({})).await;
    assert_eq!(clients.act(&again, "preflight").await["skipped"], json!({ "opted_out": 1 }));
    assert_eq!(clients.sent(&again).await["skipped"], 1);
    let required = clients.mailing(json!({ "required": { "reason": "отзыв товара" } })).await;
    assert_eq!(clients.sent(&required).await["sent"], 1);
    let log = clients.product().get("/api/v1/audit-log?limit=50").await;
    let started: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line["target"].as_str())
        .filter(|target| target.contains("/start"))
        .collect();
    assert!(started[0].ends_with("/start: отзыв товара"), "{started:?}");
    assert!(started[1..].iter().all(|target| target.ends_with("/start")), "{started:?}");
}

#[tokio::test]
async fn an_opt_out_between_freeze_and_claim_counts() {
    let clients = Clients::new().await;
    let product = clients.product();
    let mut all = Vec::new();
    for number in 1..=30 {
        all.push(clients.telegram(number).await);
    }
    let mailing = clients.mailing(json!({ "pace_per_minute": 120 })).await;
    clients.act(&mailing, "start").await;
    until("it runs", async || !clients.shop.sent().is_empty()).await;
    let last =
        clients.people(&mailing, "state=queued").await.last().unwrap()["contact_id"].as_str().unwrap().to_owned();
    let (status, _) = product.call(Method::PUT, &product.project(&format!("/contacts/{last}/opt-out")), None).await;
    assert_eq!(status, StatusCode::OK);
    until("they are skipped", async || {
        let skipped = clients.people(&mailing, "state=skipped&reason=opted_out").await;
        skipped.iter().any(|one| one["contact_id"] == last.as_str())
    })
    .await;
    // What an operator noted, a person of ours takes back.
    let path = product.project(&format!("/contacts/{last}/opt-out"));
    assert_eq!(product.call(Method::DELETE, &path, None).await.1["is_opted_out"], false);
}

#[tokio::test]
async fn a_letter_names_the_way_out_which_a_get_only_shows_and_a_post_takes() {
    let settings = Settings { public_url: "https://chat.shop.example".to_owned() };
    let product = Product::start_with(Env::system(Vault::throwaway()), settings).await;
    let clients = Clients::of(Shop::open_in(product).await).await;
    let product = clients.product();
    let (mail, mailbox) = clients.mailbox().await;
    let boris = clients.on(mailbox, ChannelKind::Email, "boris@client.example").await;
    let body = json!({ "text": "Лампы", "per_channel": { "email": { "subject": "Зимний свет" } } });
    let mailing = clients.mailing(json!({ "opt_out_line": true, "body": body })).await;
    clients.sent(&mailing).await;
    let letter = mail.posted()[0].text.replace("\r\n ", " ").replace("=\r\n", "");
    let start =
        letter.find("List-Unsubscribe: <https://chat.shop.example").expect("the header") + "List-Unsubscribe: <".len();
    let link = letter[start..].split('>').next().unwrap().strip_prefix("https://chat.shop.example").unwrap().to_owned();
    let opt_out = product.project(&format!("/contacts/{boris}/opt-out"));
    let shown = product.http.get(product.url(&link)).send().await.unwrap();
    assert_eq!(shown.status(), StatusCode::OK);
    assert!(shown.text().await.unwrap().contains("<form method=\"post\">"));
    assert_eq!(product.get(&opt_out).await["is_opted_out"], false, "programs that look into letters press links");
    let forged = link.replace("mark=", "mark=0");
    assert_eq!(product.http.post(product.url(&forged)).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    for _ in 0..2 {
        let done = product.http.post(product.url(&link)).body("List-Unsubscribe=One-Click").send().await.unwrap();
        assert_eq!(done.status(), StatusCode::OK);
    }
    let standing = product.get(&opt_out).await;
    assert_eq!((&standing["is_opted_out"], &standing["items"][0]["source"]), (&json!(true), &json!("link")));
}

#[tokio::test]
async fn a_project_says_its_own_words_and_how_far_they_reach() {
    let clients = Clients::new().await;
    let product = clients.product();
    let path = product.project("/mailing-settings");
    let save = async |words: serde_json::Value, version: i64| {
        product
            .call(Method::PUT, &path, Some(json!({ "stop_words": words, "scope": "channel", "version": version })))
            .await
    };
    assert_eq!(product.get(&path).await["version"], 0);
    assert_eq!(save(json!(["Хватит", "стоп"]), 0).await.1["stop_words"], json!(["хватит", "стоп"]));
    assert_eq!(save(json!(["стоп"]), 0).await.1["code"], "changed_meanwhile");
    assert_eq!(save(json!([]), 1).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let anna = clients.telegram(5).await;
    clients.sent(&clients.mailing(json!({})).await).await;
    clients.shop.update(&clients.shop.text(1, "хватит")).await;
    let opt_out = product.project(&format!("/contacts/{anna}/opt-out"));
    until("they opted out", async || product.get(&opt_out).await["is_opted_out"] == true).await;
}
