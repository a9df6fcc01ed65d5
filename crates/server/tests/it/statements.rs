//! Every statement of the program is valid on the engine, and speaks of one account (security statement 7).

use db::{DbError, Scope};
use model::AccountId;
use schema::TestDb;
use std::collections::BTreeSet;

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

/// Tables that grow with what clients do.
const LARGE: &[&str] = &[
    "archived_values",
    "auto_action_showings",
    "contacts",
    "conversation_reads",
    "conversations",
    "deliveries",
    "delivery_attempts",
    "events",
    "field_values",
    "files",
    "inbound_journal",
    "mailing_clicks",
    "mailing_recipients",
    "mentions",
    "messages",
    "multi_contact_log",
    "ratings",
    "report_sessions",
    "routed_conversations",
    "rule_keys",
    "scenario_runs",
    "scenario_visits",
    "search_clients",
    "search_messages",
    "value_history",
    "webhook_attempts",
    "webhook_messages",
];

/// What walks through one of them all the same: file, table and why.
const WALKS: &str = include_str!("walks.txt");

/// SQLite has no statistics here, and takes an index that leads with the account for as good as one that names the rows: then it walks through
/// all of an account for each of them. Such a statement compares the account as `+account_id = $1`, or has `CROSS JOIN`, whose order is kept.
#[tokio::test]
async fn sqlite_reads_the_rows_that_are_named_and_not_all_of_an_account() {
    let test_db = TestDb::new().await;
    if test_db.db.dialect() != db::Dialect::Sqlite {
        return;
    }
    let file = rusqlite::Connection::open(test_db.folder.join("otklik.db")).unwrap();
    rusqlite::vtab::array::load_module(&file).unwrap();
    let mut known: BTreeSet<&str> =
        WALKS.lines().filter_map(|line| line.split_once(": ")).map(|(walk, _)| walk).collect();
    let mut unknown = Vec::new();
    let mut found = BTreeSet::new();
    for statement in db::registered().filter(|statement| statement.file().contains("/src/")) {
        let text = statement.sqlite_text();
        let Ok(mut plan) = file.prepare(&format!("EXPLAIN QUERY PLAN {text}")) else { continue };
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get("detail").unwrap();
            let Some(table) = walked(&step, text) else { continue };
            let walk = format!("{} {table}", statement.file());
            match known.contains(walk.as_str()) {
                true => drop(found.insert(walk)),
                false => unknown.push(format!("{walk} (line {}): {step}", statement.line())),
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    known.retain(|walk| !found.contains(*walk));
    assert!(known.is_empty(), "nothing of walks.txt walks there any more: {known:?}");
}

/// The large table that a step of a plan walks through, by the name it has in the text.
fn walked<'t>(step: &'t str, text: &'t str) -> Option<&'t str> {
    let mut words = step.split(' ');
    let (how, name) = (words.next()?, words.next()?);
    let walks = match how {
        "SCAN" => !step.contains("VIRTUAL TABLE"),
        "SEARCH" => step.ends_with("(account_id=?)"),
        _ => false,
    };
    let table = |name: &'t str| LARGE.contains(&name).then_some(name);
    walks.then_some(())?;
    table(name).or_else(|| {
        let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['(', ')', ','])).collect();
        words.windows(2).find(|pair| pair[1] == name && table(pair[0]).is_some()).map(|pair| pair[0])
    })
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

/// Every table with rows of accounts is guarded by the engine, too, but for those of the index of words (ADR 48).
#[tokio::test]
async fn postgres_guards_every_table_but_the_index_of_words() {
    let test_db = TestDb::new().await;
    if test_db.db.dialect() == db::Dialect::Sqlite {
        return;
    }
    let bare = test_db.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = db::sql!(
                sqlite: "SELECT name FROM sqlite_master -- no account_id",
                postgres: "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped
                 WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"
            );
            query.all::<(String,)>(tx).await
        })
    });
    let bare: Vec<String> = bare.await.unwrap().into_iter().map(|(name,)| name).collect();
    assert_eq!(bare, ["search_clients", "search_messages"]);
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
