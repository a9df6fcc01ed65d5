//! Values that an older normaliser made are made anew.

use crate::multi_contacts::{groups, rebuild};
use db::{Scope, sql};
use harness::Product;
use serde_json::json;
use std::collections::BTreeSet;

/// As at the start of the program: how many projects are to be made anew.
async fn queue_outdated(product: &Product) -> usize {
    let env = product.app.messaging.env.clone();
    let queued = product.app.messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move { clients::multi_contacts::queue_outdated(tx, &env).await })
    });
    queued.await.unwrap()
}

#[tokio::test]
async fn a_new_project_has_nothing_to_be_made_anew_by_the_normaliser_it_was_made_with() {
    let product = Product::start().await;
    product.post("/api/v1/projects", json!({ "name": "Ещё" })).await;
    assert_eq!(queue_outdated(&product).await, 0);
}

#[tokio::test]
async fn values_of_an_older_normaliser_are_made_anew_as_a_job() {
    let product = Product::start().await;
    let create = |name: &str, phone: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": phone } });
    let rule = json!({ "op": "rule_add", "key": "phone", "fields": ["phone"] });
    product.changes(json!([rule, create("a", "8 912 555-01-42"), create("b", "+79125550142")])).await;
    let together = BTreeSet::from([vec!["a".to_owned(), "b".to_owned()]]);
    let aged = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let values = sql!("UPDATE field_values SET norm = value WHERE account_id = $1");
            values.bind(cx.account).execute(cx.tx).await?;
            let version = sql!("UPDATE projects SET norm_version = 0 WHERE account_id = $1");
            version.bind(cx.account).execute(cx.tx).await
        })
    });
    assert_eq!(aged.await.unwrap(), 1);
    rebuild(&product).await;
    assert_ne!(groups(&product).await, together, "spellings differ without a normal form");
    assert_eq!(queue_outdated(&product).await, 1);
    for _ in 0..500 {
        if groups(&product).await == together {
            assert_eq!(queue_outdated(&product).await, 0, "it is done once");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the values were not made anew");
}
