//! Who is meant, who is found, how it looks before the start.

use super::support::Clients;
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn everybody_behind_a_number_of_the_preflight_is_shown_with_the_reason() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (anna, boris) = (clients.telegram(1).await, clients.telegram(2).await);
    let visitor = {
        let mut visitor = product.visitor().await;
        visitor.say("1", "привет").await;
        let contacts = product.get(&product.project("/contacts?channel=site")).await;
        contacts["items"][0]["id"].as_str().unwrap().to_owned()
    };
    clients.field("city", "Город").await;
    clients.set(anna, json!({ "city": ["Пермь"] })).await;
    clients.tag(boris, "опт").await;
    let body = json!({ "text": "{{name|Друг}}, привезём в {{city}}" });
    let mailing = clients.mailing(json!({ "body": body })).await;
    let counted = clients.act(&mailing, "preflight").await;
    assert_eq!(counted["skipped"], json!({ "missing_field": 1, "no_channel": 1 }));
    assert_eq!(counted["missing_fields"], json!({ "city": 1 }));
    let people = clients.people(&mailing, "preview=true").await;
    assert_eq!(people.len(), 3);
    let missing = clients.people(&mailing, "preview=true&state=skipped&reason=missing_field").await;
    assert_eq!((missing.len(), &missing[0]["contact_id"]), (1, &json!(boris)));
    let nowhere = clients.people(&mailing, "preview=true&reason=no_channel").await;
    assert_eq!(nowhere[0]["contact_id"], json!(visitor));
    let reached = clients.people(&mailing, "preview=true&state=queued").await;
    assert_eq!((&reached[0]["contact_id"], &reached[0]["text"]), (&json!(anna), &json!("Друг, привезём в Пермь")));
    let tagged = clients.mailing(json!({ "audience": { "any": [{ "tag": "Опт" }] } })).await;
    let counted = clients.act(&tagged, "preflight").await;
    assert_eq!((&counted["people"], &counted["reachable"]), (&json!(1), &json!(1)));
    let (status, table) = {
        let answer = product.http.get(product.url(&format!("{mailing}/recipients/export?preview=true&state=skipped")));
        let answer = answer.bearer_auth(&product.account.api_key).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(status, StatusCode::OK, "{table}");
    assert_eq!(table.lines().count(), 3, "{table}");
}

#[tokio::test]
async fn a_list_of_phones_addresses_and_names_becomes_contacts_and_says_whom_nobody_knows() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (_mail, mailbox) = clients.mailbox().await;
    let anna = clients.telegram(1).await;
    let boris = clients.on(mailbox, model::ChannelKind::Email, "boris@client.example").await;
    clients.set(anna, json!({ "phone": ["+7 900 123-45-67"] })).await;
    let values = json!([
        "8 (900) 123 45 67",
        "boris@client.example",
        anna,
        "@nobody",
        "",
        "cnt_00000000000000000000000000000001"
    ]);
    let found = product.post(&product.project("/mailings/match"), json!({ "values": values })).await;
    let ids: Vec<_> = found["contacts"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(anna), json!(boris)]);
    let rows: Vec<_> = found["unmatched"].as_array().unwrap().iter().map(|one| one["row"].as_i64().unwrap()).collect();
    assert_eq!(rows, [4, 6]);
    let mailing = clients.mailing(json!({ "audience": { "all": [{ "contacts": ids }] } })).await;
    assert_eq!(clients.act(&mailing, "preflight").await["people"], 2);
}

#[tokio::test]
async fn a_try_goes_to_the_chosen_ones_with_their_values_and_stays_out_of_the_report() {
    let clients = Clients::new().await;
    let anna = clients.telegram(1).await;
    clients.field("city", "Город").await;
    clients.set(anna, json!({ "city": ["Пермь"] })).await;
    let body = json!({ "text": "Привезём в {{city}}, {{name}}" });
    let mailing = clients.mailing(json!({ "body": body })).await;
    let product = clients.product();
    let sample = product.post(&format!("{mailing}/sample"), json!({ "contact_id": anna })).await;
    assert_eq!(
        (&sample["items"][0]["text"], &sample["items"][0]["missing"]),
        (&json!("Привезём в Пермь, "), &json!(["name"]))
    );
    product.post(&format!("{mailing}/test"), json!({ "contact_ids": [anna] })).await;
    harness::until("the try is there", async || {
        product.get(&format!("{mailing}/test")).await["items"][0]["status"] == "sent"
    })
    .await;
    assert_eq!(clients.shop.sent()[0]["text"], "Привезём в Пермь,");
    assert_eq!(product.get(&mailing).await["counts"]["people"], 0);
    let opt_out = product.project(&format!("/contacts/{anna}/opt-out"));
    product.call(Method::PUT, &opt_out, None).await;
    let again = product.post(&format!("{mailing}/test"), json!({ "contact_ids": [anna] })).await;
    assert_eq!(again["items"][0]["problem"]["code"], "opted_out", "a try is no way around it");
    let path = format!("{mailing}/test");
    let (status, _) = product.call(Method::POST, &path, Some(json!({ "contact_ids": [] }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn people_of_a_mailing_are_the_audience_of_the_next() {
    let clients = Clients::new().await;
    let (anna, _) = (clients.telegram(5).await, clients.telegram(6).await);
    let first = clients.mailing(json!({})).await;
    clients.sent(&first).await;
    clients.shop.update(&clients.shop.text(1, "беру")).await;
    harness::until("the answer is counted", async || clients.product().get(&first).await["counts"]["answered"] == 1)
        .await;
    let id = first.rsplit('/').next().unwrap();
    let next =
        clients.mailing(json!({ "audience": { "all": [{ "mailing": { "id": id, "state": "answered" } }] } })).await;
    let people = clients.people(&next, "preview=true").await;
    assert_eq!((people.len(), &people[0]["contact_id"]), (1, &json!(anna)));
    let not = clients
        .mailing(json!({ "audience": { "all": [{ "mailing": { "id": id, "state": "answered" }, "not": true }] } }))
        .await;
    assert_eq!(clients.people(&not, "preview=true").await.len(), 1);
}
