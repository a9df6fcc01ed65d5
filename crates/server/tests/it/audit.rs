//! The audit log: who did what of weight, from where, and what came of it (security statement 38).

use db::{Query, Scope, sql};
use harness::{PASSWORD, Product, answer, join, sign_in};
use model::Refusal;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Action and status of every row, the oldest first.
async fn told(product: &Product) -> Vec<(String, i64)> {
    let log = product.get("/api/v1/audit-log?limit=200").await;
    let mut lines: Vec<_> = log["items"].as_array().unwrap().iter().map(brief).collect();
    lines.reverse();
    lines
}

fn brief(line: &Value) -> (String, i64) {
    (line["action"].as_str().unwrap().to_owned(), line["status"].as_i64().unwrap())
}

#[tokio::test]
async fn what_weighs_leaves_a_row_each_with_who_from_where_and_what_came_of_it() {
    let product = Product::start_limited().await;
    let guess = product.http.post(product.url("/api/v1/session")).header("x-forwarded-for", "203.0.113.7");
    let (status, _) = answer(guess.json(&json!({ "email": "owner@a.example", "password": "guess" }))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    while told(&product).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let shop = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&shop]).await;
    let refused =
        operator.call(&product, Method::POST, "/api/v1/api-keys", json!({ "title": "x", "scopes": ["read"] })).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    owner.key(&product, &["read"]).await;
    product.get(&product.project("/identity-secret")).await;
    let export =
        product.http.get(product.url(&product.project("/contacts/export"))).bearer_auth(&product.account.api_key);
    assert_eq!(answer(export).await.0, StatusCode::OK);
    product.get(&product.project("/contacts")).await;

    let expected = [
        ("POST /api/v1/session", 401),
        ("POST /api/v1/session", 200),
        ("POST /api/v1/users", 201),
        ("POST /api/v1/invitations/{token}", 200),
        ("POST /api/v1/session", 200),
        ("POST /api/v1/api-keys", 403),
        ("POST /api/v1/api-keys", 201),
        ("GET /api/v1/projects/{project_id}/identity-secret", 200),
        ("GET /api/v1/projects/{project_id}/contacts/export", 200),
    ];
    assert_eq!(told(&product).await, expected.map(|(action, status)| (action.to_owned(), status)));
    let log = product.get("/api/v1/audit-log?limit=200").await;
    let first = log["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["address"], &first["number"]), (&json!("203.0.113.7"), &json!(1)));
    assert_eq!(first["actor"], json!(product.account.user_id));
    let secret_words = [PASSWORD, "otk_", "guess"];
    assert!(secret_words.iter().all(|secret| !log.to_string().contains(secret)), "no secret is in it");
    let page = product.get("/api/v1/audit-log?limit=4").await;
    let rest =
        product.get(&format!("/api/v1/audit-log?limit=200&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn only_an_owner_reads_it_and_nobody_writes_it() {
    let product = Product::start().await;
    let shop = product.account.project_id.to_string();
    let admin = join(&product, "admin@a.example", "admin", &[&shop]).await;
    let read = answer(admin.request(&product, Method::GET, "/api/v1/audit-log")).await;
    assert_eq!(read.0, StatusCode::FORBIDDEN);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let (status, _) = product.call(method.clone(), "/api/v1/audit-log", Some(json!({}))).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let export = product.http.get(product.url("/api/v1/audit-log/export")).bearer_auth(&product.account.api_key);
    let lines = export.send().await.unwrap().text().await.unwrap();
    let mut lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let check = lines.pop().unwrap();
    assert_eq!(check["check"]["is_whole"], true, "{check}");
    assert!(lines.len() >= 3 && lines.iter().all(|line| line["chain"].as_str().is_some_and(|chain| chain.len() == 64)));
}

/// What the check over the API says.
async fn checked(product: &Product) -> Value {
    product.get("/api/v1/audit-log/check").await
}

/// By hand in the database.
async fn by_hand(product: &Product, spoil: fn() -> Query<'static>) {
    let spoiled = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            spoil().bind(cx.account).execute(cx.tx).await?;
            Ok::<_, Refusal>(())
        })
    });
    spoiled.await.unwrap();
}

/// A log of five rows.
async fn five_rows() -> Product {
    let product = Product::start().await;
    for n in 0..5 {
        product.post("/api/v1/projects", json!({ "name": format!("P{n}") })).await;
    }
    assert_eq!(
        checked(&product).await,
        json!({ "is_whole": true, "last": 5, "changed_at": null, "missing_at_end": 0, "seal": "good" })
    );
    product
}

#[tokio::test]
async fn a_row_that_was_changed_or_taken_out_in_the_database_is_found() {
    let spoils: [fn() -> Query<'static>; 4] = [
        || sql!("UPDATE audit_log SET status = 200 WHERE account_id = $1 AND number = 3"),
        || sql!("UPDATE audit_log SET actor_name = 'X' WHERE account_id = $1 AND number = 3"),
        || sql!("UPDATE audit_log SET at = at + 1 WHERE account_id = $1 AND number = 3"),
        || sql!("DELETE FROM audit_log WHERE account_id = $1 AND number = 3"),
    ];
    for spoil in spoils {
        let product = five_rows().await;
        by_hand(&product, spoil).await;
        let found = checked(&product).await;
        assert_eq!((&found["changed_at"], &found["is_whole"]), (&json!(3), &json!(false)), "{found}");
    }
}

#[tokio::test]
async fn rows_cut_off_at_the_end_are_missed_and_stay_a_hole_when_others_come() {
    let product = five_rows().await;
    by_hand(&product, || sql!("DELETE FROM audit_log WHERE account_id = $1 AND number > 3")).await;
    let found = checked(&product).await;
    assert_eq!((&found["missing_at_end"], &found["is_whole"]), (&json!(2), &json!(false)), "{found}");
    product.post("/api/v1/projects", json!({ "name": "after" })).await;
    let found = checked(&product).await;
    assert_eq!((&found["changed_at"], &found["last"]), (&json!(4), &json!(6)), "their numbers stay free: {found}");

    let product = five_rows().await;
    by_hand(&product, || sql!("DELETE FROM audit_log WHERE account_id = $1")).await;
    assert_eq!(checked(&product).await["missing_at_end"], 5, "all of them");
}

#[tokio::test]
async fn a_seal_that_was_taken_away_or_exchanged_is_found_and_stays_found() {
    type Spoil = (fn() -> Query<'static>, &'static str);
    let spoils: [Spoil; 2] = [
        (|| sql!("DELETE FROM audit_heads WHERE account_id = $1"), "missing"),
        (
            || {
                sql!(
                    "UPDATE audit_heads SET sealed = SUBSTR(sealed, 1, 20) || 'AAAA' || SUBSTR(sealed, 25) WHERE account_id = $1"
                )
            },
            "altered",
        ),
    ];
    for (spoil, seal) in spoils {
        let product = five_rows().await;
        by_hand(&product, || sql!("DELETE FROM audit_log WHERE account_id = $1 AND number > 3")).await;
        by_hand(&product, spoil).await;
        let found = checked(&product).await;
        assert_eq!((&found["seal"], &found["is_whole"]), (&json!(seal), &json!(false)), "{found}");
        // The next row makes a seal again, and where the old one was lost can be seen from then on.
        product.post("/api/v1/projects", json!({ "name": "after" })).await;
        let found = checked(&product).await;
        assert_eq!((&found["seal"], &found["changed_at"]), (&json!("good"), &json!(4)), "{found}");
    }
}

/// Computes the chain anew from a row on, as whoever reads our source could.
async fn chain_anew(product: &Product) {
    let anew = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let rows = sql!(
                "SELECT number, at, actor, actor_name, action, target, address, status FROM audit_log
                 WHERE account_id = $1 ORDER BY number"
            );
            type Line = (i64, i64, String, String, String, String, String, i64);
            let mut before = String::new();
            for (number, at, actor, name, action, target, address, status) in
                rows.bind(cx.account).all::<Line>(cx.tx).await?
            {
                let text = json!([before, number, at, actor, name, action, target, address, status]).to_string();
                before = http_kit::sha256_hex(&text);
                let set = sql!("UPDATE audit_log SET chain = $3 WHERE account_id = $1 AND number = $2");
                set.bind(cx.account).bind(number).bind(&before).execute(cx.tx).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    anew.await.unwrap();
}

#[tokio::test]
async fn a_chain_computed_anew_and_rows_put_in_by_hand_do_not_fit_the_seal() {
    let product = five_rows().await;
    chain_anew(&product).await;
    assert_eq!(checked(&product).await["is_whole"], true, "the chain of this test is the product's");
    by_hand(&product, || sql!("UPDATE audit_log SET actor_name = 'X' WHERE account_id = $1 AND number = 3")).await;
    chain_anew(&product).await;
    let found = checked(&product).await;
    assert_eq!((&found["changed_at"], &found["seal"]), (&json!(5), &json!("good")), "{found}");

    let product = five_rows().await;
    by_hand(&product, || {
        sql!(
            "INSERT INTO audit_log (account_id, number, at, actor, actor_name, action, target, address, status, chain)
             SELECT account_id, 6, at, actor, actor_name, action, target, address, status, chain FROM audit_log
             WHERE account_id = $1 AND number = 5"
        )
    })
    .await;
    chain_anew(&product).await;
    assert_eq!(checked(&product).await["changed_at"], 6);
    product.post("/api/v1/projects", json!({ "name": "after" })).await;
    let found = checked(&product).await;
    assert_eq!((&found["is_whole"], &found["last"]), (&json!(false), &json!(7)), "it is not sealed as ours: {found}");
}

#[tokio::test]
async fn many_at_once_leave_a_row_each_and_a_seal_that_fits() {
    let product = five_rows().await;
    let made = (0..12).map(|n| product.post("/api/v1/projects", json!({ "name": format!("at once {n}") })));
    futures_util::future::join_all(made).await;
    let found = checked(&product).await;
    assert_eq!((&found["is_whole"], &found["last"]), (&json!(true), &json!(17)), "{found}");
}

#[tokio::test]
async fn an_installation_that_sealed_nothing_is_sealed_at_its_first_start_and_never_again() {
    let empty = super::upgrade::installation().await;
    let seal = async |app: &server::App| {
        let db = &app.messaging.db;
        let vault = app.messaging.env.vault().clone();
        let read = db.read(Scope::System, move |tx| {
            Box::pin(async move {
                let (account,): (model::AccountId,) =
                    sql!("SELECT account_id FROM accounts -- any account_id").one(tx).await?;
                accounts::audit::check(tx, &account, Some(&vault)).await
            })
        });
        read.await.unwrap()
    };
    let app = server::App::open(&super::upgrade::options(&empty)).await.unwrap();
    assert!(seal(&app).await.is_whole);
    let gone = app.messaging.db.write(Scope::System, |tx| {
        Box::pin(async move { sql!("DELETE FROM audit_heads -- any account_id").execute(tx).await })
    });
    assert_eq!(gone.await.unwrap(), 1);
    drop(app);
    let app = server::App::open(&super::upgrade::options(&empty)).await.unwrap();
    assert_eq!(seal(&app).await.seal, accounts::audit::AuditSeal::Missing, "a start does not cover it up");
    // A copy that was put in its place by `otklik restore` is another database.
    drop(app);
    std::fs::write(empty.folder.join("restored"), "").unwrap();
    let app = server::App::open(&super::upgrade::options(&empty)).await.unwrap();
    assert!(seal(&app).await.is_whole);
}

async fn opened(place: &schema::EmptyDb) -> db::Db {
    match &place.url {
        Some(url) => {
            let options = db::PostgresOptions { url: url.clone(), pool_size: 2, allow_superuser: false };
            db::Db::open_postgres(&options).await.unwrap()
        }
        None => db::Db::open_sqlite(&place.folder.join("otklik.db")).unwrap(),
    }
}

/// An older log with the seal it had then fits, but this server has seen more of it.
#[tokio::test]
async fn an_older_log_put_back_with_its_seal_is_missed_by_the_server_that_saw_more() {
    use super::restore::{Running, answer, otklik, said};
    let place = schema::EmptyDb::new().await;
    let init = ["init", "--email", "o@a.example", "--password", "correct horse", "--account", "A", "--project", "P"];
    let made = answer(&otklik(&place, &init).output().unwrap());
    let http = harness::client();
    let act = async |running: &Running, n: usize| {
        let call = http
            .post(format!("http://{}/api/v1/projects", running.address))
            .bearer_auth(made["api_key"].as_str().unwrap());
        assert_eq!(call.json(&json!({ "name": format!("P{n}") })).send().await.unwrap().status(), StatusCode::CREATED);
    };
    let running = Running::start(&place);
    act(&running, 1).await;
    let db = opened(&place).await;
    let kept = db.read(Scope::System, |tx| {
        Box::pin(async move { sql!("SELECT sealed FROM audit_heads -- any account_id").one::<(String,)>(tx).await })
    });
    let kept = kept.await.unwrap().0;
    act(&running, 2).await;
    running.terminate();
    assert!(otklik(&place, &["doctor"]).output().unwrap().status.success(), "an orderly stop remembers where it ended");
    let put_back = db.write(Scope::System, move |tx| {
        let kept = kept.clone();
        Box::pin(async move {
            sql!("DELETE FROM audit_log WHERE number > 1 -- any account_id").execute(tx).await?;
            sql!("UPDATE audit_heads SET sealed = $1 -- any account_id").bind(&kept).execute(tx).await
        })
    });
    put_back.await.unwrap();
    drop(db);
    let doctor = otklik(&place, &["doctor"]).output().unwrap();
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        !doctor.status.success() && told.contains("rows up to 2, which this server has seen"),
        "{told} {}",
        said(&doctor)
    );
}
