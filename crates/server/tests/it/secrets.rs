//! Secrets sealed at rest (security statement 37; T18, T21).

use ::accounts::sealing::{self, Closed};
use db::{Dialect, Scope, sql};
use harness::{Product, new_account};
use harness::{Shop, TOKEN};
use messaging::connections;
use model::{AccountId, Cx, Env, Refusal};
use reqwest::Method;
use serde_json::{Value, json};
use vault::{MasterKey, Vault, VaultError};

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn the_database_files_hold_no_trace_of_a_connected_bots_token() {
    let shop = Shop::open().await;
    if shop.product.app.messaging.db.dialect() == Dialect::Postgres {
        return;
    }
    let folder = std::fs::read_dir(&shop.product.test_db.folder).unwrap();
    let files = folder.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let bytes: Vec<u8> = files.flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert!(contains(&bytes, "shop_bot"), "what was stored can be seen here");
    let (number, rest) = TOKEN.split_once(':').unwrap();
    for secret in [TOKEN, number, rest, &rest[..12], &shop.secret] {
        assert!(!contains(&bytes, secret), "{secret} is in the database");
    }
}

#[tokio::test]
async fn an_answer_shows_the_last_four_characters_of_a_token_and_no_more() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let list = product.get(&product.project("/connections")).await;
    let bot = list["items"].as_array().unwrap().iter().find(|c| c["kind"] == "telegram").unwrap();
    assert_eq!(bot["settings"]["token_ends_with"], TOKEN[TOKEN.len() - 4..]);
    let path = product.project(&format!("/connections/{}", bot["id"].as_str().unwrap()));
    let (_, changed) = product.call(Method::PATCH, &path, Some(json!({ "title": "Новый" }))).await;
    assert_eq!((&changed["title"], &changed["settings"]), (&json!("Новый"), &bot["settings"]));
    for answer in [&list, &changed] {
        assert!(!answer.to_string().contains(&TOKEN[TOKEN.len() - 5..]), "{answer}");
    }
}

#[tokio::test]
async fn another_server_gets_the_token_only_from_whoever_has_it() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let list = product.get(&product.project("/connections")).await;
    let bot = list["items"].as_array().unwrap().iter().find(|c| c["kind"] == "telegram").unwrap();
    let path = product.project(&format!("/connections/{}", bot["id"].as_str().unwrap()));
    let base = bot["settings"]["base_url"].as_str().unwrap();
    let change =
        async |settings: Value| product.call(Method::PATCH, &path, Some(json!({ "settings": settings }))).await;
    for elsewhere in ["http://127.0.0.1:9", "https://evil.example", ""] {
        let (status, answer) = change(json!({ "base_url": elsewhere })).await;
        assert_eq!(
            (status.as_u16(), &answer["errors"][0]["code"]),
            (422, &json!("needed_again")),
            "{elsewhere}: {answer}"
        );
    }
    assert_eq!(
        change(json!({ "base_url": format!("{base}/") })).await.0.as_u16(),
        200,
        "the same server, in other words"
    );
    assert_eq!(change(json!({ "mode": "polling" })).await.0.as_u16(), 200);
}

/// Copies the sealed tokens of the bot into the `api` connection of an account.
async fn copy_into(product: &Product, into: &AccountId) -> connections::Connection {
    let into = *into;
    let copied = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move {
            let query = sql!(
                "UPDATE connections SET secrets = (SELECT MAX(secrets) FROM connections WHERE kind = 'telegram')
                 WHERE account_id = $1 AND kind = 'api' RETURNING id"
            );
            let (id,): (model::ConnectionId,) = query.bind(into).one(tx).await?;
            connections::get(tx, &into, &id).await
        })
    });
    copied.await.unwrap()
}

#[tokio::test]
async fn sealed_tokens_copied_to_another_row_or_account_do_not_open() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let other = new_account(&product.app, "owner@b.example", "B").await;
    for account in [&product.account.account_id, &other.account_id] {
        let thief = copy_into(product, account).await;
        assert!(thief.secrets.is_some());
        let opened = thief.open(product.app.messaging.env.vault());
        assert!(matches!(opened, Err(Refusal::Vault(VaultError::Altered))), "{opened:?}");
    }
    let list: Value = product.get(&product.project("/connections")).await;
    let closed = list["items"].as_array().unwrap().iter().find(|c| c["kind"] == "api").unwrap();
    assert_eq!(closed["health"]["error"]["code"], "secret_closed", "the rest of the list is still shown");
}

#[tokio::test]
async fn a_rotation_that_stopped_half_way_goes_on_and_ends_under_the_new_key() {
    let shop = Shop::open().await;
    let (db, old) = (&shop.product.app.messaging.db, shop.product.app.messaging.env.vault().clone());
    let third = MasterKey::random().unwrap();
    // A later project was sealed with a key that is missing at first: the rotation stops there.
    let foreign = Env::system(Vault::new(vec![third.clone()]).unwrap());
    let account = shop.product.account.account_id;
    let made = db.write(Scope::System, move |tx| {
        Box::pin(async move { ::accounts::create_project(&mut Cx::new(tx, &foreign, &account), "Second", false).await })
    });
    made.await.unwrap();
    let new = MasterKey::random().unwrap();
    let without = Env::system(old.before(vec![new.clone()]));
    let stopped = sealing::reseal(db, &without, Closed::Keep).await;
    assert!(matches!(&stopped, Err(Refusal::Vault(VaultError::UnknownKey(id))) if id == third.id()), "{stopped:?}");

    let with = Env::system(old.before(vec![new.clone(), third]));
    let done = sealing::reseal(db, &with, Closed::Keep).await.unwrap();
    assert!((1..=3).contains(&done), "what was done before the stop is not done again: {done}");
    assert_eq!(sealing::keys_needed(db).await.unwrap().into_iter().collect::<Vec<_>>(), [new.id().clone()]);
    let alone = Vault::new(vec![new]).unwrap();
    let checked = sealing::check(db, &alone).await.unwrap();
    assert_eq!((checked.sealed, checked.closed.len()), (4, 0));
    assert_eq!(sealing::reseal(db, &Env::system(alone), Closed::Keep).await.unwrap(), 0);
}
