//! Every statement of the program is valid on the engine, and speaks of one account (security statement 7).

use db::{DbError, Scope};
use model::AccountId;
use schema::TestDb;

#[tokio::test]
async fn every_registered_statement_can_be_prepared() {
    let test_db = TestDb::new().await;
    let statements: Vec<_> = db::registered().collect();
    assert!(statements.len() > 100, "the registry is not empty: {}", statements.len());
    let mut refused = Vec::new();
    for statement in statements {
        let prepared = test_db.db.write(Scope::System, move |tx| Box::pin(async move { tx.check(statement).await }));
        if let Err(error) = prepared.await {
            refused.push(format!("{}:{}: {error}", statement.file(), statement.line()));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_statement_names_the_account() {
    let silent: Vec<String> = db::registered()
        .filter(|statement| !statement.text().contains("account_id"))
        .map(|statement| format!("{}:{}: {}", statement.file(), statement.line(), statement.text()))
        .collect();
    // These look things up by a secret or a random id before the account is known.
    let known = ["FROM sessions", "FROM invitations", "FROM api_keys", "FROM files WHERE id", "FROM deliveries"];
    let unknown: Vec<&String> = silent.iter().filter(|text| !known.iter().any(|k| text.contains(k))).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[tokio::test]
async fn without_an_account_postgres_shows_no_rows() {
    let test_db = TestDb::new().await;
    if test_db.db.dialect() == db::Dialect::Sqlite {
        return;
    }
    let (a, b) = (AccountId::from_bits(0xA), AccountId::from_bits(0xB));
    let insert = |account: AccountId, scope: Scope| {
        test_db.db.write(scope, move |tx| {
            Box::pin(async move {
                let query = db::sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, 'x', 0)");
                query.bind(account).execute(tx).await
            })
        })
    };
    insert(a, Scope::from(a)).await.unwrap();
    assert!(insert(b, Scope::from(a)).await.is_err(), "a row of another account is refused");
    let count = |scope: Scope| {
        test_db.db.read(scope, |tx| {
            Box::pin(async move {
                let (count,): (i64,) = db::sql!("SELECT COUNT(*) FROM accounts -- any account_id").one(tx).await?;
                Ok::<_, DbError>(count)
            })
        })
    };
    assert_eq!(count(Scope::from(AccountId::from_bits(0))).await.unwrap(), 0);
    assert_eq!(count(Scope::from(b)).await.unwrap(), 0);
    assert_eq!(count(Scope::from(a)).await.unwrap(), 1);
}
