//! Distribution: whoever is next gets what is nobody's, and nobody more than he may.

use crate::team::{Team, team};
use harness::Socket;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whoever is on line, which lasts as long as the sockets.
async fn both(team: &Team) -> (Socket, Socket) {
    (team.anna.come(team).await, team.boris.come(team).await)
}

async fn given(team: &Team, id: &str) -> (String, Value) {
    let holder = team.holder(id).await;
    let line = team.last_line(id).await;
    assert_eq!((&line["code"], &line["data"]["user_id"]), (&json!("routing.given"), &json!(holder)), "{line}");
    (holder, line["data"].clone())
}

#[tokio::test]
async fn where_everybody_takes_for_himself_nobody_is_given_anything() {
    let team = team().await;
    let _here = both(&team).await;
    assert_eq!(team.product.get(&team.path("/routing")).await["mode"], "everyone");
    let id = team.conversation().await;
    team.some_looks().await;
    assert_eq!((team.now(&id).await["assignee_id"].clone(), team.lines(&id).await.len()), (Value::Null, 0));
}

#[tokio::test]
async fn the_least_busy_is_given_the_next_and_the_line_says_why() {
    let team = team().await;
    let _here = both(&team).await;
    let taken = team.conversation().await;
    team.anna.act(&team, &taken, "accept", json!({})).await;
    team.route(json!({ "mode": "least_busy" })).await;
    let id = team.conversation().await;
    let (holder, line) = given(&team, &id).await;
    assert_eq!(
        (holder, &line["reason"], &line["name"]),
        (team.boris.id.clone(), &json!("least_busy"), &json!("boris@a.example"))
    );
    assert_eq!(team.now(&id).await["status"], "open");
    let people = team.product.get(&team.path("/users")).await;
    let open: BTreeMap<&str, i64> = people["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["open_conversations"].as_i64().unwrap()))
        .collect();
    assert_eq!((open[team.anna.id.as_str()], open[team.boris.id.as_str()]), (1, 1));
}

#[tokio::test]
async fn in_turn_each_gets_as_many_as_the_other_and_only_who_is_there() {
    let team = team().await;
    let _here = both(&team).await;
    team.route(json!({ "mode": "round_robin" })).await;
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    for _ in 0..6 {
        let id = team.conversation().await;
        let (holder, line) = given(&team, &id).await;
        assert_eq!(line["reason"], "in_turn");
        // The clock stands, and turns are told apart by it.
        team.clock.plus_minutes(1);
        *counts.entry(holder).or_default() += 1;
    }
    assert_eq!(
        counts,
        BTreeMap::from([(team.anna.id.clone(), 3), (team.boris.id.clone(), 3)]),
        "and nobody who is not on line"
    );
}

#[tokio::test]
async fn nobody_gets_more_than_the_limit_even_when_many_come_at_once_and_the_oldest_follows_when_one_ends() {
    let team = team().await;
    let _here = both(&team).await;
    team.limit(&team.anna, 2).await;
    team.limit(&team.boris, 1).await;
    team.route(json!({ "mode": "least_busy" })).await;
    let mut visitors = Vec::new();
    for _ in 0..8 {
        visitors.push(team.product.visitor().await);
    }
    let said = futures(visitors.iter_mut()).await;
    let ids: Vec<String> = said.iter().map(|ack| ack["conversation_id"].as_str().unwrap().to_owned()).collect();
    let counts = async || {
        let mut counts = (0, 0, 0);
        for id in &ids {
            match team.now(id).await["assignee_id"].as_str() {
                Some(holder) if holder == team.anna.id => counts.0 += 1,
                Some(holder) if holder == team.boris.id => counts.1 += 1,
                Some(other) => panic!("{other}"),
                None => counts.2 += 1,
            }
        }
        counts
    };
    team.until(async || counts().await == (2, 1, 5)).await;
    team.some_looks().await;
    assert_eq!(counts().await, (2, 1, 5));
    let mut of_boris = None;
    for id in &ids {
        if team.now(id).await["assignee_id"] == json!(team.boris.id) {
            of_boris = Some(id.clone());
        }
    }
    let of_boris = of_boris.unwrap();
    assert_eq!(team.boris.act(&team, &of_boris, "close", json!({})).await.0, StatusCode::OK);
    // What is closed is still his.
    team.until(async || counts().await == (2, 2, 4)).await;
    team.limit(&team.anna, 3).await;
    team.until(async || counts().await == (3, 2, 3)).await;
}

async fn futures(visitors: impl Iterator<Item = &mut Socket>) -> Vec<Value> {
    futures_util::future::join_all(visitors.map(|visitor| visitor.say("1", "Где заказ?"))).await
}

#[tokio::test]
async fn whoever_is_busy_or_away_is_given_nothing_until_he_is_back() {
    let team = team().await;
    let _here = both(&team).await;
    team.boris.say_of_himself(&team, "busy").await;
    team.anna.say_of_himself(&team, "away").await;
    team.route(json!({ "mode": "least_busy" })).await;
    let id = team.conversation().await;
    team.some_looks().await;
    assert_eq!(team.now(&id).await["assignee_id"], Value::Null);
    team.anna.say_of_himself(&team, "available").await;
    assert_eq!(team.holder(&id).await, team.anna.id);
    // It is kept: a new page says the same.
    assert_eq!(team.boris.browser.get(&team.product, "/api/v1/me").await["user"]["availability"], "busy");
}

#[tokio::test]
async fn colleagues_hear_what_somebody_says_of_himself_and_visitors_when_everybody_is_away() {
    let team = team().await;
    let (mut anna, _boris) = both(&team).await;
    let online = async || {
        let path = format!("/w/v1/config?p={}", team.product.account.site_key);
        team.product.http.get(team.product.url(&path)).send().await.unwrap().json::<Value>().await.unwrap()["operators_online"].clone()
    };
    team.until(async || online().await == json!(true)).await;
    team.boris.say_of_himself(&team, "away").await;
    let heard = anna.expect("availability").await;
    assert_eq!((&heard["user_id"], &heard["availability"]), (&json!(team.boris.id), &json!("away")));
    assert_eq!(online().await, json!(true), "one is left");
    team.anna.say_of_himself(&team, "away").await;
    assert_eq!(online().await, json!(false));
    team.anna.say_of_himself(&team, "busy").await;
    assert_eq!(online().await, json!(true), "busy is here");
    let users = team.product.get(&team.path("/users")).await;
    let boris =
        users["items"].as_array().unwrap().iter().find(|one| one["id"] == json!(team.boris.id)).unwrap().clone();
    assert_eq!((&boris["availability"], &boris["online"]), (&json!("away"), &json!(true)));
}

#[tokio::test]
async fn who_does_not_answer_loses_it_to_the_next_and_after_everybody_it_goes_back_to_the_queue_for_good() {
    let team = team().await;
    let _here = both(&team).await;
    team.route(json!({ "mode": "round_robin", "reassign_seconds": 60 })).await;
    let id = team.conversation().await;
    let (first, _) = given(&team, &id).await;
    team.clock.plus_minutes(2);
    team.until(async || team.now(&id).await["assignee_id"] != json!(first)).await;
    let (second, line) = given(&team, &id).await;
    assert_ne!(first, second);
    assert!(line["instead_of"].is_string(), "{line}");
    team.clock.plus_minutes(2);
    team.until(async || team.now(&id).await["status"] == "new").await;
    assert_eq!(team.last_line(&id).await["code"], "routing.returned");
    team.clock.plus_minutes(2);
    team.some_looks().await;
    assert_eq!(team.lines(&id).await, ["routing.given", "routing.given", "routing.returned"], "never back and forth");

    // Who answers keeps it, whatever the client says after that.
    let mut visitor = team.product.visitor().await;
    let said = visitor.say("1", "Где заказ?").await;
    let id = said["conversation_id"].as_str().unwrap().to_owned();
    let holder = team.holder(&id).await;
    let who = if holder == team.anna.id { &team.anna } else { &team.boris };
    who.answer(&team, &id).await;
    // He waits anew, from a later moment on.
    team.clock.plus_minutes(1);
    visitor.say("2", "И когда?").await;
    team.clock.plus_minutes(5);
    team.some_looks().await;
    assert_eq!(team.now(&id).await["assignee_id"], json!(holder));
}

#[tokio::test]
async fn whoever_gives_one_back_is_not_given_it_again() {
    let team = team().await;
    let _anna = team.anna.come(&team).await;
    // One she took by hand, and one that she was given.
    let taken = team.conversation().await;
    team.anna.act(&team, &taken, "accept", json!({})).await;
    team.route(json!({ "mode": "least_busy" })).await;
    let id = team.conversation().await;
    assert_eq!(team.holder(&id).await, team.anna.id);
    for one in [&taken, &id] {
        team.anna.act(&team, one, "assign", json!({ "user_id": null })).await;
    }
    team.some_looks().await;
    for one in [&taken, &id] {
        assert_eq!(team.now(one).await["assignee_id"], Value::Null);
    }
    let _boris = team.boris.come(&team).await;
    for one in [&taken, &id] {
        assert_eq!(team.holder(one).await, team.boris.id);
    }
}

#[tokio::test]
async fn whoever_had_the_client_before_goes_first() {
    let team = team().await;
    let _here = both(&team).await;
    let mut visitor = team.product.visitor().await;
    let before = visitor.say("1", "Где заказ?").await["conversation_id"].as_str().unwrap().to_owned();
    team.boris.act(&team, &before, "accept", json!({})).await;
    team.boris.act(&team, &before, "close", json!({})).await;
    let busy = team.conversation().await;
    team.boris.act(&team, &busy, "accept", json!({})).await;
    // Later than a closed one is opened again.
    team.clock.plus_days(2);
    team.route(json!({ "mode": "least_busy", "last_operator_first": true })).await;
    let mut visitor = Socket::visitor(&team.product, Some(&visitor.token())).await;
    let id = visitor.say("2", "Это снова я").await["conversation_id"].as_str().unwrap().to_owned();
    assert_ne!(id, before);
    let (holder, line) = given(&team, &id).await;
    assert_eq!((holder, &line["reason"]), (team.boris.id.clone(), &json!("last_operator")));
}

#[tokio::test]
async fn rules_put_a_client_into_a_department_whose_people_get_it() {
    let team = team().await;
    let _here = both(&team).await;
    let english = team.department("English", &[&team.boris.id]).await;
    let nobody = team.department("Пустой", &[]).await;
    let rules = json!([
        { "department_id": english["id"], "when": [{ "kind": "language", "language": "en" }, { "kind": "page", "contains": "/shop" }] },
        { "department_id": nobody["id"], "when": [{ "kind": "language", "language": "de" }] },
    ]);
    team.route(json!({ "mode": "least_busy", "rules": rules })).await;
    let speak = async |language: &str| {
        let page = json!({ "url": "https://a.example/SHOP/1", "title": "x" });
        let mut visitor = Socket::on_page(&team.product, None, &page, &json!({ "language": language })).await;
        let said = visitor.say("1", "Hello").await;
        (said["conversation_id"].as_str().unwrap().to_owned(), visitor)
    };
    for _ in 0..2 {
        let (id, _page) = speak("en-GB").await;
        assert_eq!(team.holder(&id).await, team.boris.id, "however busy");
        assert_eq!(team.now(&id).await["department_id"], english["id"]);
        assert_eq!(team.lines(&id).await, ["department.given", "routing.given"]);
    }
    let (id, _page) = speak("de").await;
    team.until(async || team.now(&id).await["department_id"] == nobody["id"]).await;
    let (id_of_common, _page) = speak("ru").await;
    assert_eq!(team.holder(&id_of_common).await, team.anna.id, "the common queue is everybody's");
    team.some_looks().await;
    assert_eq!(team.now(&id).await["assignee_id"], Value::Null, "a department with nobody waits, and holds up nobody");

    // With the department goes its rule.
    let path = team.path(&format!("/departments/{}", english["id"].as_str().unwrap()));
    assert_eq!(team.product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(team.product.get(&team.path("/routing")).await["rules"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn outside_its_hours_a_department_gives_nothing_out() {
    let team = team().await;
    let _here = both(&team).await;
    let night = team.department("Ночь", &[&team.anna.id]).await;
    let path = team.path(&format!("/departments/{}", night["id"].as_str().unwrap()));
    // The clock stands at 21 September 2026, 17:13 in Moscow, a Monday.
    let hours = |from: &str, to: &str| json!({ "hours": [{ "days": ["mon"], "from": from, "to": to }] });
    let set = async |hours: Value| {
        let (status, set) = team.product.call(Method::PATCH, &path, Some(hours)).await;
        assert_eq!(status, StatusCode::OK, "{set}");
        set
    };
    assert_eq!(set(hours("22:00", "06:00")).await["available"], 0);
    team.route(json!({ "mode": "least_busy" })).await;
    team.boris.say_of_himself(&team, "busy").await;
    let id = team.conversation().await;
    team.anna.say_of_himself(&team, "busy").await;
    team.anna.act(&team, &id, "transfer", json!({ "department_id": night["id"] })).await;
    team.anna.say_of_himself(&team, "available").await;
    team.some_looks().await;
    assert_eq!(team.now(&id).await["assignee_id"], Value::Null);
    set(hours("16:00", "16:00")).await;
    team.until(async || team.product.get(&team.path("/departments")).await["items"][0]["available"] == 1).await;
    assert_eq!(team.holder(&id).await, team.anna.id);
}

#[tokio::test]
async fn settings_of_the_wrong_form_are_refused_by_their_place() {
    let team = team().await;
    let id = team.department("Продажи", &[]).await["id"].clone();
    let rule = |when: Value| json!({ "mode": "everyone", "rules": [{ "department_id": id, "when": when }] });
    for (body, path) in [
        (json!({ "mode": "round_robin", "reassign_seconds": 5 }), "reassign_seconds"),
        (rule(json!([])), "rules.0.when"),
        (rule(json!([{ "kind": "field", "field": "none", "value": "x" }])), "rules.0.when.0.field"),
        (rule(json!([{ "kind": "field", "field": "phone", "value": " " }])), "rules.0.when.0.value"),
        (rule(json!([{ "kind": "language", "language": "" }])), "rules.0.when.0.language"),
        (rule(json!([{ "kind": "page", "contains": "x".repeat(501) }])), "rules.0.when.0.contains"),
    ] {
        let (status, refused) = team.product.call(Method::PUT, &team.path("/routing"), Some(body)).await;
        assert_eq!(
            (status, &refused["errors"][0]["path"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(path)),
            "{refused}"
        );
    }
    let (status, _) = team
        .product
        .call(
            Method::PUT,
            &team.path("/routing"),
            Some(rule(json!([{ "kind": "connection", "connection_id": "con_00000000000000000000000000000000" }]))),
        )
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let limit = team.path(&format!("/users/{}/limit", team.stranger.id));
    assert_eq!(team.product.call(Method::PUT, &limit, Some(json!({ "max_open": 1 }))).await.0, StatusCode::NOT_FOUND);
    let limit = team.path(&format!("/users/{}/limit", team.anna.id));
    assert_eq!(
        team.product.call(Method::PUT, &limit, Some(json!({ "max_open": -1 }))).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let (status, _) =
        team.anna.browser.call(&team.product, Method::PUT, &team.path("/routing"), json!({ "mode": "everyone" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_waits_is_told_the_place_in_the_queue_and_that_it_is_over() {
    let team = team().await;
    team.route(json!({ "mode": "round_robin" })).await;
    let (mut first, mut second) = (team.product.visitor().await, team.product.visitor().await);
    let said = first.say("1", "раз").await;
    // The clock stands, and who came first is told apart by it.
    team.clock.plus_minutes(1);
    second.say("1", "два").await;
    let place = |place: i64| move |frame: &Value| frame["type"] == "queue" && frame["place"] == place;
    team.clock.plus_minutes(1);
    let told = first.until(place(1)).await;
    assert_eq!(told["conversation_id"], said["conversation_id"]);
    team.clock.plus_minutes(1);
    second.until(place(2)).await;
    let id = said["conversation_id"].as_str().unwrap();
    team.anna.act(&team, id, "accept", json!({})).await;
    team.clock.plus_minutes(1);
    first.until(place(0)).await;
    second.until(place(1)).await;
}

#[tokio::test]
async fn where_everybody_takes_for_himself_nobody_hears_of_a_queue() {
    let team = team().await;
    let mut visitor = team.product.visitor().await;
    visitor.say("1", "раз").await;
    team.clock.plus_minutes(1);
    team.some_looks().await;
    team.clock.plus_minutes(1);
    team.some_looks().await;
    visitor.send(json!({ "type": "message", "client_id": "2", "content": { "text": "два" } })).await;
    let heard = visitor.heard_until(|frame| frame["type"] == "ack" && frame["client_id"] == "2").await;
    assert!(heard.iter().all(|frame| frame["type"] != "queue"), "{heard:?}");
}

#[tokio::test]
async fn whoever_closes_the_page_is_given_nothing_and_has_a_turn_again_when_it_is_open() {
    let team = team().await;
    let anna = team.anna.come(&team).await;
    team.route(json!({ "mode": "round_robin" })).await;
    let first = team.conversation().await;
    assert_eq!(given(&team, &first).await.0, team.anna.id);
    drop(anna);
    harness::until("the page to be closed", async || {
        let people = team.product.get(&team.path("/users")).await;
        people["items"].as_array().unwrap().iter().all(|one| one["online"] == false)
    })
    .await;
    // The clock stands: by it no moment has passed since.
    let id = team.conversation().await;
    team.some_looks().await;
    assert_eq!(team.now(&id).await["assignee_id"], Value::Null, "nobody is there to have it");
    let _back = team.anna.come(&team).await;
    assert_eq!(given(&team, &id).await.0, team.anna.id);
}
