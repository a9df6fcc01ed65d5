//! Open conversations of one client as one row, page by page; counts of views.

use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Desk {
    product: Product,
    anna: Browser,
    /// Conversation and contact of each client, in the order they wrote.
    talks: Vec<(String, String)>,
}

async fn desk(clients: usize) -> Desk {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let mut talks = Vec::new();
    for at in 0..clients {
        let said = product.visitor().await.say("1", &at.to_string()).await;
        let id = said["conversation_id"].as_str().unwrap().to_owned();
        let contact = product.get(&product.project(&format!("/conversations/{id}"))).await["contact_id"].clone();
        talks.push((id, contact.as_str().unwrap().to_owned()));
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    Desk { product, anna, talks }
}

impl Desk {
    async fn link(&self, clients: &[usize]) {
        for pair in clients.windows(2) {
            let contacts: Vec<_> = pair.iter().map(|at| &self.talks[*at].1).collect();
            let link = json!({ "kind": "link", "contacts": contacts });
            self.product.post(&self.product.project("/multi-contact-overrides"), link).await;
        }
    }

    async fn act(&self, at: usize, verb: &str, body: Value) {
        let path = self.product.project(&format!("/conversations/{}/{verb}", self.talks[at].0));
        let (status, answer) = self.anna.call(&self.product, Method::POST, &path, body).await;
        assert!(status.is_success(), "{verb}: {status} {answer}");
    }

    /// Rows, page by page, each as the numbers of its clients.
    async fn rows(&self, query: &str) -> Vec<Vec<usize>> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = self.product.project(&format!("/conversations?limit=2&{query}{cursor}"));
            let page = self.anna.get(&self.product, &path).await;
            let at = |item: &Value| self.talks.iter().position(|(id, _)| item["id"] == json!(id)).unwrap();
            for item in page["items"].as_array().unwrap() {
                let beside = item["together"].as_array().into_iter().flatten();
                rows.push([item].into_iter().chain(beside).map(at).collect());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

#[tokio::test]
async fn a_client_with_several_open_conversations_is_one_row_wherever_they_stand() {
    let desk = desk(7).await;
    // The first and the last stand on pages far apart; three of another client's stand together.
    desk.link(&[0, 6]).await;
    desk.link(&[1, 2, 4]).await;
    assert_eq!(desk.rows("together=true").await, [vec![6, 0], vec![5], vec![4, 2, 1], vec![3]]);
    assert_eq!(desk.rows("").await.len(), 7, "whoever does not ask is told as ever");
    // Where those come first who wait longest, the row stands where the longest wait does; newest activity comes first beside it.
    assert_eq!(desk.rows("together=true&order=waiting").await, [vec![0, 6], vec![1, 4, 2], vec![3], vec![5]]);

    // Only what stands in the same list belongs to the row.
    desk.act(6, "accept", json!({})).await;
    desk.act(4, "snooze", json!({ "until_reply": true })).await;
    assert_eq!(desk.rows("together=true&folder=mine").await, [vec![6]]);
    assert_eq!(desk.rows("together=true&folder=snoozed").await, [vec![4]]);
    assert_eq!(desk.rows("together=true&folder=new&order=waiting").await, [vec![0], vec![1, 2], vec![3], vec![5]]);
    assert_eq!(desk.rows("together=true&assignee=nobody&folder=new").await, [vec![5], vec![3], vec![2, 1], vec![0]]);

    // Closed ones are of the past: each has a row.
    for at in [0, 6] {
        desk.act(at, "close", json!({})).await;
    }
    let mut closed = desk.rows("together=true&folder=closed").await;
    closed.sort();
    assert_eq!(closed, [[0], [6]]);
    assert_eq!(desk.rows("together=true&order=waiting").await, [vec![1, 4, 2], vec![3], vec![5]]);
}

#[tokio::test]
async fn a_page_goes_on_past_a_long_stretch_of_conversations_that_stand_further_up() {
    let desk = desk(14).await;
    // Every client of the later half is one with one of the earlier: a whole page of the list has no row of its own.
    for at in 0..6 {
        desk.link(&[at, at + 7]).await;
    }
    let rows = desk.rows("together=true").await;
    let wanted: Vec<Vec<usize>> =
        [vec![13]].into_iter().chain((0..6).rev().map(|at| vec![at + 7, at])).chain([vec![6]]).collect();
    assert_eq!(rows, wanted);
}

#[tokio::test]
async fn rows_tell_the_tags_of_their_clients_and_views_count() {
    let desk = desk(4).await;
    let contact = desk.product.project(&format!("/contacts/{}", desk.talks[1].1));
    let tags = json!({ "tags": ["опт", "VIP"] });
    assert_eq!(desk.anna.call(&desk.product, Method::PATCH, &contact, tags).await.0, StatusCode::OK);
    let page = desk.anna.get(&desk.product, &desk.product.project("/conversations")).await;
    let of = |at: usize| page["items"].as_array().unwrap().iter().find(|row| row["id"] == json!(desk.talks[at].0));
    assert_eq!(of(1).unwrap()["contact"]["tags"], json!(["опт", "VIP"]));
    assert_eq!(of(2).unwrap()["contact"]["tags"], json!([]));

    desk.act(3, "accept", json!({})).await;
    desk.act(2, "close", json!({})).await;
    let views = desk.product.project("/saved-views");
    let mut names = Vec::new();
    for (name, query) in [
        ("all", json!({})),
        ("tagged", json!({ "tag": "VIP" })),
        ("mine", json!({ "assignee": "me" })),
        ("closed", json!({ "folder": "closed" })),
        ("waits", json!({ "waiting_minutes": 60 })),
        ("elsewhere", json!({ "channel": "telegram" })),
        ("new", json!({ "folder": "new" })),
        ("named", json!({ "folder": "mentions" })),
    ] {
        let (status, made) =
            desk.anna.call(&desk.product, Method::POST, &views, json!({ "name": name, "query": query })).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        names.push((name, made["id"].clone()));
    }
    let counts = desk.anna.get(&desk.product, &format!("{views}/counts")).await;
    let counted: Vec<_> = names
        .iter()
        .map(|(name, id)| {
            let count = counts["items"].as_array().unwrap().iter().find(|one| one["id"] == *id).unwrap();
            assert_eq!(count["has_more"], false);
            (*name, count["count"].as_i64().unwrap())
        })
        .collect();
    let wanted = [
        ("all", 3),
        ("tagged", 1),
        ("mine", 1),
        ("closed", 1),
        ("waits", 0),
        ("elsewhere", 0),
        ("new", 2),
        ("named", 0),
    ];
    assert_eq!(counted, wanted);
    // Own views are counted for their owner only.
    let by_key = desk.product.get(&format!("{views}/counts")).await;
    assert_eq!(by_key["items"], json!([]));
}
