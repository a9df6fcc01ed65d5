//! Multi-contacts over the database: the incremental state equals a rebuild, and every step can be taken back (R1-R16).

use harness::{Product, client};
use messaging::multi_contacts;
use reqwest::header::LOCATION;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Groups by id; also those of one contact.
async fn groups_by_id(product: &Product) -> BTreeMap<String, Vec<String>> {
    let body = product.get(&product.project("/multi-contacts?limit=200")).await;
    let named = |group: &Value| {
        let names = group["contacts"].as_array().unwrap().iter().map(|c| c["external_id"].as_str().unwrap().to_owned());
        (group["id"].as_str().unwrap().to_owned(), sorted(names))
    };
    body["items"].as_array().unwrap().iter().map(named).collect()
}

pub async fn groups(product: &Product) -> BTreeSet<Vec<String>> {
    groups_by_id(product).await.into_values().collect()
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The groups of an answer: sorted members, and the id where the group kept one.
fn answered(answer: &Value) -> BTreeMap<Vec<String>, Option<String>> {
    let named = |group: &Value| {
        let names = group["contacts"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned());
        (sorted(names), group["id"].as_str().map(str::to_owned))
    };
    answer["groups"].as_array().unwrap().iter().map(named).collect()
}

/// Computes everything anew; how many contacts that moved.
pub async fn rebuild(product: &Product) -> usize {
    let project = product.account.project_id;
    let done = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move { multi_contacts::rebuild(cx, &project).await })
    });
    done.await.unwrap()
}

/// How many contacts a rebuild would move now; nothing is rebuilt.
pub async fn would_move(product: &Product) -> usize {
    let project = product.account.project_id;
    let tried = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let moved = multi_contacts::rebuild(cx, &project).await?;
            Err::<usize, _>(Tried(Ok(moved)))
        })
    });
    tried.await.expect_err("it is undone").0.unwrap()
}

/// Ends a transaction that is only tried.
struct Tried(Result<usize, model::Refusal>);

impl From<db::DbError> for Tried {
    fn from(error: db::DbError) -> Self {
        Self(Err(error.into()))
    }
}

impl From<model::Refusal> for Tried {
    fn from(error: model::Refusal) -> Self {
        Self(Err(error))
    }
}

/// A small generator: the same seed, the same story.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[tokio::test]
async fn any_sequence_of_changes_equals_a_rebuild() {
    for seed in 1..=4 {
        let product = Product::start().await;
        product
            .changes(json!([
                { "op": "rule_add", "key": "phone", "fields": ["phone"] },
                { "op": "rule_add", "key": "both", "fields": ["email", "contract"] },
                { "op": "settings", "settings": { "hub_limit": 3, "max_group": 6 } },
            ]))
            .await;
        let mut dice = Dice(seed * 7919);
        for step in 0..60 {
            let change = random_change(&mut dice);
            let body = json!({ "changes": [change] });
            let (status, answer) = product.call(Method::POST, &product.project("/changes"), Some(body)).await;
            assert!(status == StatusCode::OK || status == StatusCode::UNPROCESSABLE_ENTITY, "{change}: {answer}");
            if step % 10 == 9 {
                let before = groups(&product).await;
                let moved = rebuild(&product).await;
                assert_eq!((groups(&product).await, moved), (before, 0), "seed {seed}, step {step}, after {change}");
            }
        }
    }
}

fn random_change(dice: &mut Dice) -> Value {
    let name = format!("c{}", dice.roll(12));
    let other = format!("c{}", dice.roll(12));
    let phone = format!("+7912555000{}", dice.roll(4));
    let (email, contract) = (format!("e{}@x.example", dice.roll(3)), format!("K-{}", dice.roll(3)));
    match dice.roll(16) {
        0..=3 => json!({ "op": "create", "external_id": name, "fields": { "phone": phone } }),
        4..=5 => json!({ "op": "set", "external_id": name, "fields": { "phone": phone } }),
        6..=7 => json!({ "op": "set", "external_id": name, "fields": { "email": email, "contract": contract } }),
        8 => json!({ "op": "set", "external_id": name, "fields": { "phone": null } }),
        9 => json!({ "op": "delete", "external_id": name }),
        10 => json!({ "op": "link", "a": name, "b": other }),
        11 => json!({ "op": "unlink", "contact": name }),
        12 => json!({ "op": "block_value", "field": "phone", "value": phone }),
        13 => json!({ "op": "unblock_value", "field": "phone", "value": phone }),
        14 => json!({ "op": "allow_value", "field": "phone", "value": phone }),
        _ => json!({ "op": "disallow_value", "field": "phone", "value": phone }),
    }
}

#[tokio::test]
async fn a_set_is_answered_as_one_step_and_its_preview_says_the_same() {
    for seed in 1..=3 {
        let product = Product::start().await;
        product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
        let mut dice = Dice(seed * 104_729);
        for step in 0..30 {
            let set: Vec<Value> = (0..=dice.roll(5)).map(|_| random_change(&mut dice)).collect();
            let before = groups_by_id(&product).await;
            let asked = |preview: bool| json!({ "changes": set, "preview": preview });
            let (status, preview) = product.call(Method::POST, &product.project("/changes"), Some(asked(true))).await;
            assert_eq!(groups_by_id(&product).await, before, "a preview changes nothing");
            let (applied, answer) = product.call(Method::POST, &product.project("/changes"), Some(asked(false))).await;
            assert_eq!(status, applied, "{set:?}");
            let after = groups_by_id(&product).await;
            if status != StatusCode::OK {
                assert_eq!(after, before, "a refused set changes nothing: {set:?}");
                continue;
            }
            let is_new =
                |(id, members): &(&String, &Vec<String>)| members.len() > 1 && before.get(*id) != Some(members);
            let expected: BTreeMap<_, _> =
                after.iter().filter(is_new).map(|(id, members)| (members.clone(), Some(id.clone()))).collect();
            assert_eq!(answered(&answer), expected, "seed {seed}, step {step}: {set:?}");
            let kept = |id: Option<String>| id.filter(|id| before.contains_key(id));
            let expected: BTreeMap<_, _> = expected.into_iter().map(|(members, id)| (members, kept(id))).collect();
            assert_eq!(answered(&preview), expected, "preview, seed {seed}, step {step}: {set:?}");
            assert_eq!(preview["dissolved"], answer["dissolved"]);
            let is_gone = |(id, members): &(&String, &Vec<String>)| {
                members.len() > 1 && after.get(*id).is_none_or(|members| members.len() < 2)
            };
            let dissolved: Vec<&String> = before.iter().filter(is_gone).map(|(id, _)| id).collect();
            assert_eq!(answer["dissolved"], json!(dissolved), "seed {seed}, step {step}: {set:?}");
        }
    }
}

#[tokio::test]
async fn ids_of_a_set_are_matched_between_before_and_after_not_step_by_step() {
    let product = Product::start().await;
    let phone = |name: &str, number: &str| json!({ "op": "set", "external_id": name, "fields": { "phone": number } });
    let create = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": "89125550142" } });
    let rule = json!({ "op": "rule_add", "key": "phone", "fields": ["phone"] });
    let joined = product.changes(json!([rule, create("a"), create("b"), create("c")])).await;
    let id = joined["groups"][0]["id"].as_str().unwrap().to_owned();
    // One by one, a would leave with a new id and b would follow it, leaving the old id to c.
    let answer = product.changes(json!([phone("a", "89990000001"), phone("b", "89990000001")])).await;
    assert_eq!(answered(&answer), BTreeMap::from([(vec!["a".to_owned(), "b".to_owned()], Some(id))]));
    assert_eq!(answer["dissolved"], json!([]));
}

/// The id and the names of the group that an id leads to.
pub async fn found_by_id(product: &Product, id: &str) -> (String, Vec<String>) {
    let path = product.project(&format!("/multi-contacts/{id}"));
    let asked = client().get(product.url(&path)).bearer_auth(&product.account.api_key).send().await.unwrap();
    let path = match asked.headers().get(LOCATION) {
        Some(location) => {
            assert_eq!(asked.status(), StatusCode::TEMPORARY_REDIRECT);
            location.to_str().unwrap().to_owned()
        }
        None => path,
    };
    let group = product.get(&path).await;
    let names = group["contacts"].as_array().unwrap().iter().map(|c| c["external_id"].as_str().unwrap().to_owned());
    (group["id"].as_str().unwrap().to_owned(), sorted(names))
}

/// The id of the group that holds exactly these contacts.
pub async fn id_of(product: &Product, names: &[&str]) -> String {
    let groups = groups_by_id(product).await;
    let found = groups.into_iter().find(|(_, members)| members == names);
    found.unwrap_or_else(|| panic!("no group of {names:?}")).0
}

#[tokio::test]
async fn an_id_that_was_given_up_leads_to_the_group_of_its_oldest_member() {
    let product = Product::start().await;
    let phone = |name: &str, number: &str| json!({ "op": "set", "external_id": name, "fields": { "phone": number } });
    let create = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": null } });
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }, create("a"), create("b")])).await;
    let (a, b) = (id_of(&product, &["a"]).await, id_of(&product, &["b"]).await);
    let both = vec!["a".to_owned(), "b".to_owned()];
    product.changes(json!([phone("a", "89125550142"), phone("b", "89125550142")])).await;
    assert_eq!(found_by_id(&product, &a).await, (a.clone(), both.clone()));
    assert_eq!(found_by_id(&product, &b).await, (a.clone(), both));
    product.changes(json!([phone("b", "89990000001")])).await;
    let alone = id_of(&product, &["b"]).await;
    assert_ne!(alone, b, "an id is given once");
    assert_eq!(found_by_id(&product, &b).await, (alone, vec!["b".to_owned()]));
    let unknown = product.project(&format!("/multi-contacts/mct_{}", "0".repeat(32)));
    assert_eq!(product.call(Method::GET, &unknown, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn groups_are_found_by_the_words_of_one_of_their_contacts() {
    let product = Product::start().await;
    let create = |name: &str, fields: Value| json!({ "op": "create", "external_id": name, "fields": fields });
    product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            create("a", json!({ "phone": "89125550142", "name": "Марина 100%" })),
            create("b", json!({ "phone": "89125550142" })),
            create("c", json!({ "name": "Марина 1000" })),
        ]))
        .await;
    let found = async |query: &str| {
        let body = product.get(&product.project(&format!("/multi-contacts?{query}"))).await;
        let members = body["items"].as_array().unwrap().iter().flat_map(|group| group["contacts"].as_array().unwrap());
        sorted(members.map(|c| format!("{} {}", c["external_id"].as_str().unwrap(), c["channel"].as_str().unwrap())))
    };
    let of_words =
        |text: &str| reqwest::Url::parse_with_params("http://h", [("q", text)]).unwrap().query().unwrap().to_owned();
    assert_eq!(found(&of_words("МАРИНА")).await, ["a api", "b api", "c api"]);
    assert_eq!(found(&of_words("марина 100%")).await, ["a api", "b api"]);
    assert_eq!(found(&(of_words("марина") + "&min_size=2")).await, ["a api", "b api"]);
    assert!(found(&of_words("нет такой")).await.is_empty());
}

#[tokio::test]
async fn removing_a_rule_splits_and_restoring_it_joins() {
    let product = Product::start().await;
    let joined = product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            { "op": "create", "external_id": "site", "fields": { "phone": "8 (912) 555-01-42" } },
            { "op": "create", "external_id": "telegram", "fields": { "phone": "+79125550142" } },
            { "op": "create", "external_id": "other", "fields": { "phone": "нет" } },
        ]))
        .await;
    assert_eq!(joined["groups"][0]["contacts"], json!(["site", "telegram"]));
    let id = joined["groups"][0]["id"].clone();
    let split = product.changes(json!([{ "op": "rule_remove", "key": "phone" }])).await;
    assert_eq!((split["groups"].as_array().unwrap().len(), &split["dissolved"]), (0, &json!([id])));
    let again = product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    assert_eq!(again["groups"][0]["contacts"], json!(["site", "telegram"]));
}

#[tokio::test]
async fn why_says_the_rule_and_the_value_or_what_is_missing() {
    let product = Product::start().await;
    product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            { "op": "create", "external_id": "a", "fields": { "phone": "8 912 555-01-42" } },
            { "op": "create", "external_id": "b", "fields": { "phone": "+7 912 555 01 42" } },
            { "op": "create", "external_id": "c", "fields": {} },
        ]))
        .await;
    let contacts = product.get(&product.project("/contacts")).await;
    let id = |name: &str| {
        let found = contacts["items"].as_array().unwrap().iter().find(|c| c["external_id"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let why = product.get(&product.project(&format!("/contacts/{}/why/{}", id("a"), id("b")))).await;
    assert_eq!((why["linked"].as_bool(), why["path"].as_array().unwrap().len()), (Some(true), 1));
    assert_eq!(why["path"][0]["values"], json!([{ "field": "phone", "value": "+79125550142" }]));
    let why = product.get(&product.project(&format!("/contacts/{}/why/{}", id("a"), id("c")))).await;
    assert_eq!((why["linked"].as_bool(), &why["reasons"][0]["problem"]), (Some(false), &json!("empty")));
    let group = product.get(&product.project(&format!("/contacts/{}/multi-contact", id("a")))).await;
    assert_eq!((group["contacts"].as_array().unwrap().len(), group["links"].as_array().unwrap().len()), (2, 1));
}

#[tokio::test]
async fn a_preview_says_what_applying_then_does_and_changes_nothing() {
    let product = Product::start().await;
    product
        .changes(json!([
            { "op": "create", "external_id": "a", "fields": { "email": "X@Почта.рф" } },
            { "op": "create", "external_id": "b", "fields": { "email": "x@почта.рф" } },
        ]))
        .await;
    let rules = json!({ "rules": [{ "fields": ["email"] }] });
    let preview = product.post(&product.project("/multi-contact-rules/preview"), rules).await;
    assert_eq!((preview["joined_contacts"].as_i64(), preview["new_groups"].as_i64()), (Some(2), Some(1)));
    assert_eq!(groups(&product).await.len(), 2, "nothing was changed");
    let set = json!({ "preview": true, "changes": [{ "op": "rule_add", "key": "e", "fields": ["email"] }] });
    let previewed = product.post(&product.project("/changes"), set).await;
    let with_new = json!({ "preview": true, "changes": [
        { "op": "rule_add", "key": "p", "fields": ["phone"] },
        { "op": "create", "external_id": "n1", "fields": { "phone": "+79125550142" } },
        { "op": "create", "external_id": "n2", "fields": { "phone": "+79125550142" } },
    ] });
    let new = product.post(&product.project("/changes"), with_new).await;
    assert_eq!(new["groups"], json!([{ "id": null, "contacts": ["n1", "n2"] }]), "a new group has no id yet");
    let oldest = product.get(&product.project("/contacts?q=a")).await["items"][0]["multi_contact_id"].clone();
    assert_eq!(
        previewed["groups"],
        json!([{ "id": oldest, "contacts": ["a", "b"] }]),
        "the oldest contact's group is kept"
    );
    assert_eq!(groups(&product).await.len(), 2, "nothing was changed");
}

#[tokio::test]
async fn one_bad_change_refuses_the_whole_set_with_its_index() {
    let product = Product::start().await;
    let set = json!({ "changes": [
        { "op": "create", "external_id": "a", "fields": { "phone": "+79125550142" } },
        { "op": "rule_add", "key": "r", "fields": [] },
    ] });
    let (status, problem) = product.call(Method::POST, &product.project("/changes"), Some(set)).await;
    assert_eq!(
        (status, &problem["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("changes[1].fields"))
    );
    assert!(groups(&product).await.is_empty(), "the contact of the first change is not there");
}

#[tokio::test]
async fn a_visitors_claim_joins_and_the_operators_card_says_where_it_came_from() {
    let product = Product::start().await;
    product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            { "op": "create", "external_id": "crm-1", "fields": { "phone": "+79125550142" } },
        ]))
        .await;
    let mut operator = product.operator().await;
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "fields", "fields": { "phone": "8 912 555 01 42", "name": "Марина" } })).await;
    assert_eq!(visitor.expect("fields").await["ok"], true);
    let changed = operator.event("multi_contact.changed").await;
    assert_eq!(changed["groups"][0]["contact_ids"].as_array().unwrap().len(), 2);
    let contacts = product.get(&product.project("/contacts?q=марина")).await;
    let value = &contacts["items"][0]["fields"]["phone"][0];
    assert_eq!((&value["source"], &value["verified"]), (&json!("javascript"), &json!(false)));
}

#[tokio::test]
async fn operators_hear_what_happened_to_each_group() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let mut operator = product.operator().await;
    let set = |name: &str, phone: &str| json!({ "op": "set", "external_id": name, "fields": { "phone": phone } });
    let create = |name: &str, phone: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": phone } });
    let changes = [
        (json!([create("a", "89125550001"), create("b", "89125550001")]), vec!["new"]),
        (json!([create("c", "89125550002"), create("d", "89125550002")]), vec!["new"]),
        (json!([create("e", "89125550001")]), vec!["join"]),
        (json!([{ "op": "link", "a": "a", "b": "c" }]), vec!["merge"]),
        (json!([{ "op": "undo_link", "a": "a", "b": "c" }]), vec!["split", "split"]),
        (json!([set("e", "89125550009")]), vec!["leave", "leave"]),
    ];
    for (change, wanted) in changes {
        product.changes(change.clone()).await;
        let told = operator.event("multi_contact.changed").await;
        let mut heard: Vec<_> =
            told["groups"].as_array().unwrap().iter().map(|group| group["change"].as_str().unwrap()).collect();
        heard.sort_unstable();
        assert_eq!(heard, wanted, "after {change}: {told}");
    }
}

#[tokio::test]
async fn the_nightly_check_finds_a_contact_in_a_wrong_group_and_mends_it() {
    let product = Product::start().await;
    product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            { "op": "create", "external_id": "a", "fields": { "phone": "89125550001" } },
            { "op": "create", "external_id": "b", "fields": { "phone": "89125550001" } },
            { "op": "create", "external_id": "c", "fields": { "phone": "89125550002" } },
        ]))
        .await;
    let messaging = product.app.messaging.clone();
    assert_eq!(server::night_check::check(&messaging).await.unwrap(), []);
    let right = groups(&product).await;
    // What should never happen: somebody's group was written past all rules.
    let spoiled = messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let query = db::sql!(
                "UPDATE contacts SET group_id = (SELECT group_id FROM contacts WHERE account_id = $1 AND external_id = 'c')
                 WHERE account_id = $1 AND external_id = 'b'"
            );
            query.bind(cx.account).execute(cx.tx).await
        })
    });
    assert_eq!(spoiled.await.unwrap(), 1);
    assert_ne!(groups(&product).await, right);
    let found = server::night_check::check(&messaging).await.unwrap();
    assert_eq!(found, [(product.account.project_id, 3)]);
    assert_eq!(groups(&product).await, right);
    assert_eq!(server::night_check::check(&messaging).await.unwrap(), []);
}

#[tokio::test]
async fn a_visitor_joined_with_another_contact_is_shown_nothing_of_it() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let mut first = product.visitor().await;
    let fields = json!({ "type": "fields", "fields": { "phone": "8 912 555 01 42", "name": "Тайна" } });
    first.send(fields).await;
    first.expect("fields").await;
    let conversation = first.say("m-1", "тайна первого").await["conversation_id"].as_str().unwrap().to_owned();
    let mut second = product.visitor().await;
    second.send(json!({ "type": "fields", "fields": { "phone": "+79125550142" } })).await;
    second.expect("fields").await;
    second.say("m-2", "пишет второй").await;
    let joined = groups(&product).await;
    assert!(joined.iter().any(|group| group.len() == 2), "they are one client: {joined:?}");
    let reply = product.project(&format!("/conversations/{conversation}/messages"));
    product.post(&reply, json!({ "client_id": "o-1", "content": { "text": "тайна: ответ первому" } })).await;
    // All that the second hears until its own next message, live and from the beginning.
    let secret = |frame: &Value| {
        let text = frame.to_string().to_lowercase();
        assert!(!text.contains("тайна") && !text.contains(&conversation), "a visitor hears of another contact: {text}");
        frame["type"] == "ack" && frame["client_id"] == "m-3"
    };
    second.send(json!({ "type": "message", "client_id": "m-3", "content": { "text": "ещё" } })).await;
    second.until(secret).await;
    let token = second.token();
    let mut again = harness::Socket::visitor(&product, Some(&token)).await;
    again.send(json!({ "type": "message", "client_id": "m-3", "content": { "text": "ещё" } })).await;
    again.until(secret).await;
    let history = product.http.get(product.url("/w/v1/messages"));
    let history = history.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", &token);
    let (status, history) = harness::answer(history).await;
    let text = history.to_string().to_lowercase();
    assert_eq!(
        (status, text.contains("пишет второй"), text.contains("тайна")),
        (StatusCode::OK, true, false),
        "{text}"
    );
}
