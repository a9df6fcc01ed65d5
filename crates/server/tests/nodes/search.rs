//! One index over two nodes: whichever makes it, and whichever dies while it does, it is whole in the end and has nothing twice.

use super::bot::{Bot, TOKEN};
use super::cluster::{Cluster, eventually};
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

const CLIENTS: i64 = 25;
const EACH: i64 = 8;

/// Messages and clients that the index does not have, and rows of it that are there twice.
async fn missing(cluster: &Cluster) -> (i64, i64, i64) {
    let read = cluster.test_db.db.read(db::Scope::System, |tx| {
        Box::pin(async move {
            let query = db::sql!(
                "SELECT (SELECT COUNT(*) FROM messages m WHERE m.kind IN ('message', 'note')
                          AND NOT EXISTS (SELECT 1 FROM search_messages s WHERE s.message_id = m.id)),
                        (SELECT COUNT(*) FROM contacts c WHERE NOT EXISTS (
                          SELECT 1 FROM search_clients s WHERE s.account_id = c.account_id AND s.id = c.id AND s.kind = 'contact')),
                        (SELECT COUNT(*) - COUNT(DISTINCT message_id) FROM search_messages) -- any account_id"
            );
            query.one::<(i64, i64, i64)>(tx).await
        })
    });
    read.await.expect("the database answers")
}

async fn messages(cluster: &Cluster) -> i64 {
    let read = cluster.test_db.db.read(db::Scope::System, |tx| {
        Box::pin(async move {
            let query = db::sql!("SELECT COUNT(*) FROM messages WHERE kind = 'message' -- any account_id");
            query.one::<(i64,)>(tx).await
        })
    });
    read.await.expect("the database answers").0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_index_is_whole_over_two_nodes_whichever_of_them_dies() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let bot = Bot::default();
    let base = bot.start().await;
    let settings = json!({ "token": TOKEN, "mode": "polling", "base_url": base });
    cluster.post(&cluster.a, "/connections", json!({ "kind": "telegram", "title": "Бот", "settings": settings })).await;
    for round in 0..EACH {
        for client in 1..=CLIENTS {
            bot.text(client, &format!("магнолия {round}"));
        }
        sleep(Duration::from_millis(150)).await;
        // In turn, without a goodbye, while something is being read and written.
        match round {
            1 | 5 => {
                cluster.a.kill();
                cluster.a.start();
            }
            3 | 6 => {
                cluster.b.kill();
                cluster.b.start();
            }
            _ => {}
        }
    }
    eventually("everything came", async || messages(&cluster).await >= CLIENTS * EACH).await;
    eventually("everything is in the index", async || missing(&cluster).await == (0, 0, 0)).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(missing(&cluster).await, (0, 0, 0));
    let path = "/search?q=%D0%BC%D0%B0%D0%B3%D0%BD%D0%BE%D0%BB%D0%B8%D0%B8&kinds=message&limit=200";
    let (one, two) = (cluster.get(&cluster.a, path).await, cluster.get(&cluster.b, path).await);
    assert_eq!(one["items"].as_array().unwrap().len(), usize::try_from(CLIENTS * EACH).unwrap());
    assert_eq!(one["items"], two["items"], "both nodes find the same");
    assert_eq!(one["index"], json!({ "complete": true, "since": null, "behind": 0 }));
}
