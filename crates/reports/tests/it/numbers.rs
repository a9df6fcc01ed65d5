//! Numbers, and that each opens exactly its conversations.

use crate::support::shop;
use harness::join;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_day_is_counted_and_every_number_opens_its_conversations() {
    let shop = shop().await;
    let talks = shop.a_day().await;
    let report = shop.report("by=operator").await;
    let total = &report["total"];
    for (name, wanted) in [
        ("conversations", 5),
        ("asked", 5),
        ("answered", 2),
        ("missed", 3),
        ("closed", 2),
        ("client_messages", 5),
        ("people_messages", 2),
        ("bot_messages", 0),
        ("rated", 1),
    ] {
        assert_eq!(total[name], wanted, "{name}: {total}");
    }
    assert_eq!(total["rating"], json!(4.0));
    // Two minutes and eleven: the median lies in the bucket of the first.
    let median = total["answer_median"].as_i64().unwrap();
    assert!((64..=128).contains(&median), "{median}");
    assert_eq!(report["before"]["conversations"], 0);
    assert_eq!(report["days"].as_array().unwrap().len(), 1, "{report}");
    let hours: i64 = report["hours"].as_array().unwrap().iter().map(|one| one["conversations"].as_i64().unwrap()).sum();
    assert_eq!(hours, 5);

    for (by, keys) in [("operator", 2), ("department", 1), ("channel", 1), ("page", 3), ("scenario", 1)] {
        let report = shop.report(&format!("by={by}")).await;
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.len(), keys, "{by}: {report:#}");
        for row in rows {
            for which in ["all", "asked", "answered", "missed", "closed", "rated"] {
                let column = if which == "all" { "conversations" } else { which };
                let key = row["key"].as_str().unwrap().replace('=', "%3D").replace('+', "%2B");
                let listed = shop.listed(&format!("by={by}&key={key}&which={which}")).await;
                assert_eq!(json!(listed.len()), row[column], "{by} {key} {which}: {listed:#?}");
            }
        }
    }
    for which in ["asked", "answered", "missed", "closed", "rated"] {
        assert_eq!(json!(shop.listed(&format!("which={which}")).await.len()), total[which], "{which}");
    }
    for hour in report["hours"].as_array().unwrap() {
        let query = format!("weekday={}&hour={}", hour["weekday"], hour["hour"]);
        assert_eq!(json!(shop.listed(&query).await.len()), hour["conversations"]);
    }

    let rated = shop.listed("which=rated").await;
    assert_eq!((&rated[0]["conversation_id"], &rated[0]["score"]), (&json!(talks[0].id), &json!(4)));
    assert_eq!((&rated[0]["comment"], &rated[0]["operator_id"]), (&json!("быстро"), &json!(shop.anna_id)));
    assert_eq!(rated[0]["page"], "shop.example/lamps", "without what follows the path");
    let missed = shop.listed("which=missed").await;
    let why =
        |at: usize| missed.iter().find(|one| one["conversation_id"] == talks[at].id).map(|one| one["missed"].clone());
    assert_eq!([1, 2, 3, 4].map(why), [Some(json!("late")), Some(json!("closed")), Some(json!("unanswered")), None]);
    let late = missed.iter().find(|one| one["missed"] == "late").unwrap();
    assert!(late["answered_at"].is_string(), "that it was answered later is shown: {late}");
}

#[tokio::test]
async fn the_table_has_the_numbers_of_the_screen_and_no_formulas() {
    let shop = shop().await;
    shop.a_day().await;
    for by in ["operator", "department", "channel", "page", "scenario"] {
        let report = shop.report(&format!("by={by}")).await;
        let table = shop.csv(&format!("by={by}")).await;
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(table.len(), rows.len() + 1);
        for (line, row) in table[1..].iter().zip(rows) {
            for (name, cell) in table[0].iter().zip(line).skip(2) {
                let shown = match &row[name] {
                    Value::Null => String::new(),
                    Value::Number(n) if n.as_f64().is_some_and(|n| n.fract() == 0.0) => {
                        format!("{}", n.as_f64().unwrap())
                    }
                    other => other.to_string(),
                };
                assert_eq!(*cell, shown, "{by} {name}");
            }
        }
    }
    let names = shop.csv("by=operator").await;
    assert!(names.iter().any(|line| line[0] == shop.anna_id && line[1] == "anna@a.example"), "{names:?}");
}

#[tokio::test]
async fn a_rating_of_days_later_and_another_holder_correct_the_sums() {
    let shop = shop().await;
    let mut talks = shop.a_day().await;
    shop.clock.plus_days(3);
    talks[0].visitor.send(json!({ "type": "rate", "client_id": "10", "score": 2, "comment": "" })).await;
    let before = shop.until("", |report| report["total"]["rating"] == 2.0).await;
    assert_eq!((&before["total"]["rated"], &before["total"]["conversations"]), (&json!(1), &json!(5)));
    let boris =
        join(&shop.product, "boris@a.example", "operator", &[&shop.product.account.project_id.to_string()]).await;
    let boris = boris.get(&shop.product, "/api/v1/me").await["user"]["id"].clone();
    shop.act(&talks[1], "assign", json!({ "user_id": boris })).await;
    let row = |report: &Value, key: &Value| {
        let rows = report["rows"].as_array().unwrap().iter();
        rows.clone().find(|row| row["key"] == *key).map_or(0, |row| row["conversations"].as_i64().unwrap())
    };
    let after = shop.until("", |report| row(report, &boris) == 1).await;
    assert_eq!((row(&after, &json!(shop.anna_id)), row(&after, &json!(""))), (1, 3));
    assert_eq!(after["total"]["conversations"], 5);
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let shop = shop().await;
    for (path, code) in [
        ("/reports/conversations?from=yesterday", 422),
        ("/reports/conversations?from=2026-01-01&to=2027-02-05", 422),
        ("/reports/conversations?from=2026-01-02&to=2026-01-01", 422),
        ("/reports/conversations?by=weather", 422),
        ("/reports/conversations?by=all", 422),
        ("/reports/sessions?by=operator", 422),
        ("/reports/sessions?key=x", 422),
        ("/reports/sessions?weekday=7&hour=1", 422),
        ("/reports/sessions?hour=1", 422),
        ("/reports/sessions?by=operator&key=x", 404),
        ("/reports/conversations/export?by=weather", 422),
    ] {
        let (status, answer) = shop.product.call(Method::GET, &shop.path(path), None).await;
        assert_eq!(status.as_u16(), code, "{path}: {answer}");
    }
    // Another project's person has no numbers here.
    let nobody = shop.listed("by=operator&key=usr_00000000000000000000000000000009").await;
    assert!(nobody.is_empty());
    let path = shop.path("/reports/settings");
    for minutes in [0, 1441, -5] {
        let answer = shop.product.call(Method::PUT, &path, Some(json!({ "missed_minutes": minutes }))).await;
        assert_eq!(answer.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for path in ["/reports/conversations", "/reports/sessions", "/reports/settings", "/board"] {
        let request = shop.anna.request(&shop.product, Method::GET, &shop.path(path));
        assert_eq!(harness::answer(request).await.0, StatusCode::FORBIDDEN, "{path} is for leads");
    }
}

#[tokio::test]
async fn the_limit_is_the_projects_and_holds_from_then_on() {
    let shop = shop().await;
    let before = shop.asks("https://shop.example/").await;
    shop.until("", |report| report["total"]["asked"] == 1).await;
    let path = shop.path("/reports/settings");
    let saved = shop.product.call(Method::PUT, &path, Some(json!({ "missed_minutes": 1 }))).await;
    assert_eq!((saved.0, &saved.1["missed_minutes"]), (StatusCode::OK, &json!(1)));
    let after = shop.asks("https://shop.example/").await;
    shop.until("", |report| report["total"]["asked"] == 2 && report["missed_minutes"] == 1).await;
    shop.clock.plus_minutes(2);
    shop.until("", |report| report["total"]["missed"] == 1).await;
    let missed = shop.listed("which=missed").await;
    assert_eq!((missed.len(), &missed[0]["conversation_id"]), (1, &json!(after.id)));
    shop.clock.plus_minutes(9);
    shop.until("", |report| report["total"]["missed"] == 2).await;
    shop.answers(&before).await;
    shop.until("", |report| report["total"]["answered"] == 1).await;
    assert_eq!(shop.listed("which=missed&by=operator&key=").await.len(), 1, "the other is the one's who answered late");
}
