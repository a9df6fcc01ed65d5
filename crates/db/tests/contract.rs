//! What the layer promises, on whichever engine `OTKLIK_TEST_ENGINE` names.

use db::{Db, DbError, Scope, Tx, Value, sql};
use schema::TestDb;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An id of some noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Id(u128);

impl Id {
    const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    const fn bits(self) -> u128 {
        self.0
    }
}

db::stored_as_bits!(Id);

const ACC: Id = Id(0xACC);
const BCC: Id = Id(0xBCC);
const OF_ACC: Scope = Scope::Account(ACC.0);

async fn account(db: &Db, id: Id) {
    let made = db.write(Scope::System, move |tx| {
        Box::pin(async move {
            sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, 'x', 1)")
                .bind(id)
                .execute(tx)
                .await?;
            sql!("INSERT INTO account_positions (account_id, position, oldest_kept) VALUES ($1, 0, 1)")
                .bind(id)
                .execute(tx)
                .await
        })
    });
    made.await.unwrap();
}

async fn position(db: &Db) -> i64 {
    db.read(Scope::System, |tx| Box::pin(position_of(tx))).await.unwrap()
}

async fn position_of(tx: &mut Tx) -> Result<i64, DbError> {
    let query = sql!("SELECT position FROM account_positions WHERE account_id = $1");
    Ok(query.bind(ACC).one::<(i64,)>(tx).await?.0)
}

async fn next(tx: &mut Tx, fails: bool) -> Result<i64, DbError> {
    let query = sql!("UPDATE account_positions SET position = position + 1 WHERE account_id = $1 RETURNING position");
    let (position,): (i64,) = query.bind(ACC).one(tx).await?;
    tx.announce("acc");
    tx.announce_fact(|| "acc", "made");
    if fails { Err(DbError::other("no")) } else { Ok(position) }
}

async fn step(db: &Db, fails: bool) -> Result<i64, DbError> {
    db.write(OF_ACC, move |tx| Box::pin(async move { next(tx, fails).await })).await
}

#[tokio::test]
async fn rows_are_taken_one_by_one_until_one_is_refused() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    account(&test_db.db, BCC).await;
    let seen = |stop: bool| {
        test_db.db.read(Scope::System, move |tx| {
            Box::pin(async move {
                let mut names = Vec::new();
                let query = sql!("SELECT account_id FROM accounts ORDER BY account_id -- any account_id");
                let done = query.each(tx, |row| {
                    names.push(row.get(0)?);
                    if stop { Err(DbError::other("enough")) } else { Ok(()) }
                });
                let is_well = done.await.is_ok();
                Ok::<_, DbError>((names, is_well))
            })
        })
    };
    assert_eq!(seen(false).await.unwrap(), (vec![ACC, BCC], true));
    assert_eq!(seen(true).await.unwrap(), (vec![ACC], false));
}

#[tokio::test]
async fn a_failing_use_case_is_undone_alone_in_its_group() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let steps = (0..200).map(|n| step(&test_db.db, n % 3 == 0));
    let outcomes = futures(steps).await;
    let well = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(well, 133);
    assert_eq!(position(&test_db.db).await, 133, "only those that succeeded left a mark");
    let mut seen: Vec<i64> = outcomes.into_iter().flatten().collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=133).collect::<Vec<i64>>(), "positions have no gap and no repeat");
}

#[tokio::test]
async fn long_work_between_others_is_kept_or_undone_alone() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let db = &test_db.db;
    let steps = (0..120).map(|n| async move {
        if n % 5 > 0 {
            return step(db, n % 3 == 0).await;
        }
        let fails = n % 2 == 0;
        db.write_alone(OF_ACC, move |tx| Box::pin(async move { next(tx, fails).await })).await
    });
    let outcomes = futures(steps).await;
    let well = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(well, 12 + 64);
    assert_eq!(position(db).await, 12 + 64, "only those that succeeded left a mark");
}

#[tokio::test]
async fn a_list_of_texts_or_ids_and_a_list_of_rows_are_one_statement() {
    let test_db = TestDb::new().await;
    let made = test_db.db.write(Scope::System, |tx| {
        Box::pin(async move {
            let named = [(Id(1), "o'ne"), (Id(2), "t\"wo"), (Id(3), "три")];
            let rows = named.map(|(id, name)| vec![Value::from(id), Value::from(name)]);
            let insert = sql!("INSERT INTO accounts (created_at, account_id, name) VALUES ($1, $2, $3)");
            insert.bind(5).execute_each(tx, &rows).await?;
            let query = sql!(
                "SELECT name FROM accounts WHERE name = ANY($2) AND account_id = ANY($3) AND created_at = $1 ORDER BY account_id"
            );
            let query = query.bind(5).bind(Value::texts(["t\"wo", "три", "four"]));
            query.bind(Value::ids([1, 2, 3, 4])).all::<(String,)>(tx).await
        })
    });
    assert_eq!(made.await.unwrap(), [("t\"wo".to_owned(),), ("три".to_owned(),)]);
}

#[tokio::test]
async fn many_rows_are_each_written_once_with_their_own_values() {
    let test_db = TestDb::new().await;
    let made = test_db.db.write(Scope::System, |tx| {
        Box::pin(async move {
            let names: Vec<(Id, String)> = (0..123).map(|at| (Id(at), format!("name {at}"))).collect();
            let rows: Vec<_> = names.iter().map(|(id, name)| vec![id.into(), name.into()]).collect();
            let insert = sql!(
                "INSERT INTO accounts (created_at, account_id, name) VALUES ($1, $2, $3)
                 ON CONFLICT (account_id) DO NOTHING"
            );
            insert.bind(5).execute_each(tx, &rows).await?;
            let query = sql!("SELECT account_id, name FROM accounts WHERE created_at = $1 ORDER BY account_id");
            Ok::<_, DbError>((query.bind(5).all::<(Id, String)>(tx).await?, names))
        })
    });
    let (stored, names) = made.await.unwrap();
    assert_eq!(stored, names);
}

async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = all.map(|future| Some(Box::pin(future))).collect();
    let mut done: Vec<Option<T>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (slot, future) in running.iter_mut().enumerate() {
            if let Some(pending) = future
                && let std::task::Poll::Ready(value) = pending.as_mut().poll(context)
            {
                done[slot] = Some(value);
                *future = None;
            }
        }
        if running.iter().all(Option::is_none) {
            std::task::Poll::Ready(done.iter_mut().map(|value| value.take().unwrap()).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

/// Raises the position of one account, waits until somebody else has raised that of the other, and raises that, too.
async fn raise_both(
    tx: &mut Tx,
    first: Id,
    second: Id,
    meet: &tokio::sync::Barrier,
    runs: &AtomicUsize,
) -> Result<usize, DbError> {
    let raise = || sql!("UPDATE account_positions SET position = position + 1 WHERE account_id = $1");
    raise().bind(first).execute(tx).await?;
    let run = runs.fetch_add(1, Ordering::SeqCst);
    // SQLite has one writer: there nobody can be met.
    if tx.dialect() == db::Dialect::Postgres && run < 2 {
        meet.wait().await;
    }
    raise().bind(second).execute(tx).await?;
    tx.announce_fact(|| "acc", "raised");
    Ok(run)
}

#[tokio::test]
async fn who_waits_for_each_other_is_run_again_and_both_are_done_once() {
    let test_db = TestDb::new().await;
    let db = &test_db.db;
    account(db, ACC).await;
    account(db, BCC).await;
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    db.on_commit(Box::new(move |announced| {
        count.fetch_add(announced.facts.len(), Ordering::SeqCst);
    }));
    let mut rounds = 0;
    for is_alone in [false, true] {
        let (meet, runs) = (Arc::new(tokio::sync::Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let one = async |first: Id, second: Id| {
            let (meet, runs) = (meet.clone(), runs.clone());
            match is_alone {
                true => {
                    db.write_alone(Scope::System, move |tx| {
                        Box::pin(async move { raise_both(tx, first, second, &meet, &runs).await })
                    })
                    .await
                }
                false => {
                    db.write(Scope::System, move |tx| {
                        Box::pin(async move { raise_both(tx, first, second, &meet, &runs).await })
                    })
                    .await
                }
            }
        };
        let (left, right) = tokio::join!(one(ACC, BCC), one(BCC, ACC));
        left.unwrap();
        right.unwrap();
        rounds += 1;
        assert_eq!(position(db).await, rounds * 2, "each of the two once");
        assert_eq!(told.load(Ordering::SeqCst) as i64, rounds * 2, "told as often as done");
        let expected = if db.dialect() == db::Dialect::Postgres { 3 } else { 2 };
        assert_eq!(runs.load(Ordering::SeqCst), expected, "one of them was undone and run again");
    }
}

#[tokio::test]
async fn listeners_hear_of_commits_and_of_nothing_else() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    test_db.db.on_commit(Box::new(move |announced| {
        assert_eq!(announced.facts.first().and_then(|fact| fact.downcast_ref::<&str>()), Some(&"made"));
        count.fetch_add(announced.topics.len(), Ordering::SeqCst);
    }));
    assert!(step(&test_db.db, true).await.is_err());
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    step(&test_db.db, false).await.unwrap();
    // The listener is called after the caller has its answer, so it may be a moment later.
    for _ in 0..200 {
        if heard.load(Ordering::SeqCst) == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the listener was not called");
}

#[tokio::test]
async fn conflicts_missing_references_and_missing_rows_are_told_apart() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let insert = |text: &'static str| {
        let _ = text;
        test_db.db.write(Scope::System, |tx| {
            Box::pin(async move {
                sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, 'x', 1)")
                    .bind(ACC)
                    .execute(tx)
                    .await
            })
        })
    };
    assert!(matches!(insert("again").await, Err(DbError::Conflict(_))));
    let orphan = test_db.db.write(Scope::System, |tx| {
        Box::pin(async move {
            sql!("INSERT INTO account_positions (account_id, position, oldest_kept) VALUES ($1, 0, 0)")
                .bind(BCC)
                .execute(tx)
                .await
        })
    });
    // SQLite looks at references at the end of the statement, PostgreSQL too.
    assert!(matches!(orphan.await, Err(DbError::MissingReference(_))));
    let missing = test_db.db.read(Scope::System, |tx| {
        Box::pin(
            async move { sql!("SELECT name FROM accounts WHERE account_id = $1").bind(BCC).one::<(String,)>(tx).await },
        )
    });
    assert!(matches!(missing.await, Err(DbError::NoRow)));
}

#[tokio::test]
async fn who_says_nothing_of_a_statement_that_failed_is_not_told_that_all_was_kept() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let quiet = test_db.db.write(Scope::System, |tx| {
        Box::pin(async move {
            next(tx, false).await?;
            let again = sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, 'x', 1)");
            let _ = again.bind(ACC).execute(tx).await;
            Ok::<_, DbError>(())
        })
    });
    // SQLite undoes the statement, PostgreSQL the whole transaction.
    let is_kept = quiet.await.is_ok();
    assert_eq!(position(&test_db.db).await, i64::from(is_kept));
}

#[tokio::test]
async fn a_panic_undoes_one_use_case_and_the_database_lives_on() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let broken = test_db.db.write(OF_ACC, |tx| {
        Box::pin(async move {
            sql!("UPDATE account_positions SET position = 99 WHERE account_id = $1").bind(ACC).execute(tx).await?;
            panic!("a fault of ours");
            #[allow(unreachable_code)]
            Ok::<(), DbError>(())
        })
    });
    assert!(broken.await.is_err());
    assert_eq!(step(&test_db.db, false).await.unwrap(), 1);
}

#[tokio::test]
async fn placeholders_may_come_in_any_order_and_more_than_once() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let read = test_db.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!("SELECT account_id, created_at, $2 = 7 FROM accounts WHERE account_id = $1 AND ($1 <> account_id OR created_at + 6 = $2)");
            query.bind(ACC).bind(7).one::<(Id, i64, bool)>(tx).await
        })
    });
    assert_eq!(read.await.unwrap(), (ACC, 1, true));
}

#[tokio::test]
async fn a_reader_sees_one_moment() {
    let test_db = TestDb::new().await;
    account(&test_db.db, ACC).await;
    let db = test_db.db.clone();
    let read = test_db.db.read(OF_ACC, move |tx| {
        Box::pin(async move {
            let query = || sql!("SELECT position FROM account_positions WHERE account_id = $1").bind(ACC);
            let (before,): (i64,) = query().one(tx).await?;
            // Another connection commits in between: on a thread of its own, because this use case holds the reader.
            std::thread::scope(|scope| {
                let write = scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        if db.dialect() == db::Dialect::Sqlite { step(&db, false).await.map(drop) } else { Ok(()) }
                    })
                });
                write.join().unwrap()
            })?;
            let (after,): (i64,) = query().one(tx).await?;
            Ok::<_, DbError>((before, after))
        })
    });
    assert_eq!(read.await.unwrap(), (0, 0));
}

#[tokio::test]
async fn the_log_of_a_flooded_sqlite_stays_under_64_mib() {
    const WRITERS: usize = 3;
    let folder = std::env::temp_dir().join(format!("otklik-log-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("busy.db");
    let db = Db::open_sqlite(&file).unwrap();
    schema::migrate(&db).await.unwrap();
    account(&db, ACC).await;
    // Several at once and each with work to do, so that a copy beside them always ends within a transaction.
    let db = &db;
    let writers = (0..WRITERS).map(|writer| async move {
        for turn in 0..600 / WRITERS {
            let (id, name) = (Id((writer * 1000 + turn) as u128), "x".repeat(1024 * 1024));
            let written = db.write_alone(OF_ACC, move |tx| {
                Box::pin(async move {
                    position_of(tx).await?;
                    std::thread::sleep(std::time::Duration::from_millis(3));
                    let query = sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, $2, 1)");
                    query.bind(id).bind(name).execute(tx).await
                })
            });
            written.await.unwrap();
        }
    });
    futures_util::future::join_all(writers).await;
    let log = std::fs::metadata(folder.join("busy.db-wal")).unwrap().len() / (1024 * 1024);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(log <= 64, "600 MiB were written, the log kept {log} MiB of them");
}

#[tokio::test]
async fn postgres_undoes_what_a_process_that_stands_still_has_begun() {
    let test_db = TestDb::new().await;
    if test_db.db.dialect() == db::Dialect::Sqlite {
        return;
    }
    let read = test_db.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!("SELECT current_setting('idle_in_transaction_session_timeout')");
            query.one::<(String,)>(tx).await
        })
    });
    assert_eq!(read.await.unwrap().0, "30s");
}

/// The statement of a backend that stands still in the middle of it, while the server answers others, ends in a refusal, and its connection is
/// closed; a statement that only takes long, in work that may, does not.
#[tokio::test]
async fn a_statement_of_which_nothing_is_heard_is_given_up() {
    let test = TestDb::new().await;
    if test.db.dialect() == db::Dialect::Sqlite {
        return;
    }
    test.db.set_patience(3);
    fn slow(tx: &mut Tx) -> db::BoxFuture<'_, Result<(), DbError>> {
        Box::pin(async move { tx.run_script("SELECT pg_sleep(6)").await })
    }
    let begun = std::time::Instant::now();
    let refused = test.db.write(Scope::System, slow).await;
    assert!(matches!(refused, Err(DbError::Unavailable(_))), "{refused:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(test.db.health(), (true, 1));
    assert!(test.db.read(Scope::System, slow).await.is_err(), "reads, too");
    test.db.write_alone(Scope::System, slow).await.unwrap();
    account(&test.db, ACC).await;
    assert_eq!(position(&test.db).await, 0, "others go on");
}
