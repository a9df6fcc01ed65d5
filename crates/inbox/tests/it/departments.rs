//! Departments: queues with people and hours of their own, and conversations that go from one to another.

use crate::team::{Team, team};
use harness::{PASSWORD, Product, join, new_account, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_department_has_a_name_of_its_own_and_people_of_the_project() {
    let team = team().await;
    let sales = team.department("Продажи", &[&team.anna.id]).await;
    assert_eq!(
        (&sales["members"], &sales["position"], &sales["available"]),
        (&json!([team.anna.id]), &json!(0), &json!(0))
    );
    for (body, path, code) in [
        (json!({ "name": "  продажи " }), "name", "taken"),
        (json!({ "name": " " }), "name", "wrong_form"),
        (json!({ "name": "x".repeat(101) }), "name", "wrong_form"),
        (json!({ "name": "x", "members": [team.stranger.id] }), "members", "not_in_project"),
        (json!({ "name": "x", "members": ["usr_00000000000000000000000000000000"] }), "members", "not_in_project"),
        (json!({ "name": "x", "hours": [{ "days": [], "from": "09:00", "to": "18:00" }] }), "hours.0.days", "empty"),
    ] {
        let (status, refused) = team.product.call(Method::POST, &team.path("/departments"), Some(body.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {refused}");
        assert_eq!(
            (&refused["errors"][0]["path"], &refused["errors"][0]["code"]),
            (&json!(path), &json!(code)),
            "{refused}"
        );
    }
    let support = team.department("Поддержка", &[]).await;
    let one = team.path(&format!("/departments/{}", support["id"].as_str().unwrap()));
    let change = json!({ "name": "Помощь", "members": [team.boris.id, team.anna.id, team.boris.id], "position": 0,
        "hours": [{ "days": ["fri"], "from": "22:00", "to": "06:00" }] });
    let (status, changed) = team.product.call(Method::PATCH, &one, Some(change)).await;
    assert_eq!((status, &changed["name"], &changed["position"]), (StatusCode::OK, &json!("Помощь"), &json!(0)));
    assert_eq!(changed["members"], json!([team.anna.id, team.boris.id]), "once each, whoever is here longer first");
    assert_eq!(team.names().await, ["Помощь", "Продажи"]);

    // An operator reads them, and changes nothing.
    assert_eq!(team.anna.browser.get(&team.product, &team.path("/departments")).await["items"][0]["name"], "Помощь");
    let (status, _) =
        team.anna.browser.call(&team.product, Method::POST, &team.path("/departments"), json!({ "name": "x" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_leaves_the_project_or_is_switched_off_is_in_none_of_its_departments() {
    let team = team().await;
    team.department("Продажи", &[&team.anna.id, &team.boris.id]).await;
    let members = async || team.product.get(&team.path("/departments")).await["items"][0]["members"].clone();
    let change = async |user: &str, body: Value| {
        let (status, answer) = team.product.call(Method::PATCH, &format!("/api/v1/users/{user}"), Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    };
    change(&team.anna.id, json!({ "project_ids": [] })).await;
    change(&team.boris.id, json!({ "active": false })).await;
    assert_eq!(members().await, json!([]));
    // Back again, they are where they were.
    change(&team.anna.id, json!({ "project_ids": [team.product.account.project_id] })).await;
    change(&team.boris.id, json!({ "active": true })).await;
    assert_eq!(members().await, json!([team.anna.id, team.boris.id]));
}

#[tokio::test]
async fn a_project_has_two_hundred_departments_at_most() {
    let team = team().await;
    for n in 0..200 {
        team.department(&format!("Отдел {n}"), &[]).await;
    }
    let (status, refused) =
        team.product.call(Method::POST, &team.path("/departments"), Some(json!({ "name": "x" }))).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("too_many_departments")));
}

#[tokio::test]
async fn a_conversation_goes_on_to_a_department_with_a_note_for_whoever_takes_it() {
    let team = team().await;
    let sales = team.department("Продажи", &[&team.boris.id]).await;
    let id = team.conversation().await;
    team.anna.act(&team, &id, "accept", json!({})).await;
    let wanted = json!({ "department_id": sales["id"], "note": "Просит скидку", "instead_of": team.anna.id });
    let (status, passed) = team.anna.act(&team, &id, "transfer", wanted.clone()).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    let now = (&passed["department_id"], &passed["assignee_id"], &passed["status"]);
    assert_eq!(now, (&sales["id"], &Value::Null, &json!("new")));
    assert_eq!(team.lines(&id).await, ["conversation.assigned", "department.given", "Просит скидку"]);

    // Once more, half a minute late, it is there already: nothing is moved again.
    team.anna.act(&team, &id, "transfer", json!({ "department_id": sales["id"] })).await;
    assert_eq!(team.lines(&id).await.len(), 3);

    let list = async |department: &Value| {
        let path = format!("/conversations?department_id={}", department.as_str().unwrap());
        let found = team.product.get(&team.path(&path)).await;
        let waiting = team.product.get(&team.path(&format!("{path}&order=waiting&folder=new"))).await;
        assert_eq!(found["items"], waiting["items"]);
        found["items"].as_array().unwrap().len()
    };
    let other = team.department("Поддержка", &[]).await;
    assert_eq!((list(&sales["id"]).await, list(&other["id"]).await), (1, 0));
}

#[tokio::test]
async fn a_conversation_that_somebody_took_meanwhile_is_not_passed_on_over_his_head() {
    let team = team().await;
    let sales = team.department("Продажи", &[]).await;
    let id = team.conversation().await;
    team.boris.act(&team, &id, "accept", json!({})).await;
    for to in [
        json!({ "department_id": sales["id"], "instead_of": null, "note": "x" }),
        json!({ "user_id": team.anna.id, "instead_of": null, "note": "x" }),
    ] {
        let (status, refused) = team.anna.act(&team, &id, "transfer", to).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("already_taken")));
    }
    assert_eq!(team.lines(&id).await, ["conversation.assigned"], "and no note is left behind");
    let (status, taken) =
        team.anna.act(&team, &id, "transfer", json!({ "user_id": team.anna.id, "note": "Мой клиент" })).await;
    assert_eq!((status, &taken["assignee_id"]), (StatusCode::OK, &json!(team.anna.id)));
    team.anna.act(&team, &id, "close", json!({})).await;
    let (status, refused) = team.anna.act(&team, &id, "transfer", json!({ "department_id": sales["id"] })).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("conversation_closed")));
    for neither in [json!({}), json!({ "user_id": team.anna.id, "department_id": sales["id"] })] {
        assert_eq!(team.anna.act(&team, &id, "transfer", neither).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn what_belongs_to_another_project_or_account_does_not_exist_for_a_transfer() {
    let team = team().await;
    let other = team.product.post("/api/v1/projects", json!({ "name": "Второй" })).await;
    let foreign = format!("/api/v1/projects/{}/departments", other["id"].as_str().unwrap());
    let foreign = team.product.post(&foreign, json!({ "name": "Чужой" })).await;
    let stranger = new_account(&team.product.app, "owner@b.example", "B").await;
    let theirs = format!("/api/v1/projects/{}/departments", stranger.project_id);
    let theirs = team.product.call_as(&stranger.api_key, Method::POST, &theirs, Some(json!({ "name": "Их" }))).await.1;
    let id = team.conversation().await;
    for department in [&foreign["id"], &theirs["id"]] {
        let (status, _) = team.anna.act(&team, &id, "transfer", json!({ "department_id": department })).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let rules = json!({ "mode": "everyone", "rules": [{ "department_id": department, "when": [{ "kind": "language", "language": "en" }] }] });
        let (status, _) = team.product.call(Method::PUT, &team.path("/routing"), Some(rules)).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        for method in [Method::PATCH, Method::DELETE] {
            let path = team.path(&format!("/departments/{}", department.as_str().unwrap()));
            assert_eq!(team.product.call(method, &path, Some(json!({ "name": "x" }))).await.0, StatusCode::NOT_FOUND);
        }
    }
    assert_eq!(team.lines(&id).await, [""; 0]);
}

#[tokio::test]
async fn what_is_open_in_a_deleted_department_goes_back_to_the_common_queue_and_says_so() {
    let team = team().await;
    let sales = team.department("Продажи", &[]).await;
    let mut ids = Vec::new();
    // More than one transaction frees.
    for _ in 0..103 {
        let id = team.conversation().await;
        assert_eq!(
            team.anna.act(&team, &id, "transfer", json!({ "department_id": sales["id"] })).await.0,
            StatusCode::OK
        );
        ids.push(id);
    }
    team.anna.act(&team, &ids[0], "accept", json!({})).await;
    team.anna.act(&team, &ids[1], "close", json!({})).await;
    let one = team.path(&format!("/departments/{}", sales["id"].as_str().unwrap()));
    assert_eq!(team.product.call(Method::DELETE, &one, None).await.0, StatusCode::NO_CONTENT);
    for (at, id) in ids.iter().enumerate() {
        let wanted = match at {
            0 => vec!["department.given", "conversation.assigned", "department.gone"],
            1 => vec!["department.given", "conversation.closed"],
            _ => vec!["department.given", "department.gone"],
        };
        team.until(async || team.lines(id).await == wanted).await;
        assert_eq!(team.now(id).await["department_id"], Value::Null);
    }
    assert_eq!(team.now(&ids[0]).await["assignee_id"], json!(team.anna.id), "whoever has one keeps it");
    assert_eq!(team.product.call(Method::DELETE, &one, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_people_of_the_project_pass_its_conversations_on() {
    let Team { product, .. } = team().await;
    let said = product.visitor().await.say("1", "Где заказ?").await;
    let path = product.project(&format!("/conversations/{}/transfer", said["conversation_id"].as_str().unwrap()));
    join(&product, "far@a.example", "operator", &[]).await;
    let far = sign_in(&product, "far@a.example", PASSWORD).await.ok().unwrap();
    let (status, _) = far.call(&product, Method::POST, &path, json!({ "user_id": product.account.user_id })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = Product::call_as(&product, "otk_none", Method::POST, &path, Some(json!({}))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_waits_in_a_department_is_unread_for_its_people_alone_where_the_project_says_so() {
    let team = team().await;
    let sales = team.department("Продажи", &[&team.anna.id]).await;
    let empty = team.department("Пустой", &[]).await;
    let unread = async |who: &crate::team::Colleague| {
        who.browser.get(&team.product, &team.path("/conversations/counts")).await["unread"].as_i64().unwrap()
    };
    let (of_sales, of_nobody, common) =
        (team.conversation().await, team.conversation().await, team.conversation().await);
    for (conversation, department) in [(&of_sales, &sales), (&of_nobody, &empty)] {
        let path = team.path(&format!("/conversations/{conversation}/transfer"));
        team.product.post(&path, json!({ "department_id": department["id"] })).await;
    }
    assert_eq!((unread(&team.anna).await, unread(&team.boris).await), (3, 3), "nobody has said so");
    let say = async |is_told: bool| {
        let project = team.path("").trim_end_matches('/').to_owned();
        let body = json!({ "told_by_department": is_told });
        let (status, changed) = team.product.call(Method::PATCH, &project, Some(body.clone())).await;
        assert_eq!((status, &changed["told_by_department"]), (StatusCode::OK, &json!(is_told)));
        let (status, _) = team.anna.browser.call(&team.product, Method::PATCH, &project, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "an operator does not");
    };
    say(true).await;
    assert_eq!(unread(&team.anna).await, 3);
    assert_eq!(unread(&team.boris).await, 2, "the common one, and that of a department where nobody works");
    // Sight is as it was: he reads it, and takes it.
    let seen = team.boris.browser.get(&team.product, &team.path("/conversations")).await;
    assert_eq!(seen["items"].as_array().unwrap().len(), 3);
    let (status, taken) = team.boris.act(&team, &of_sales, "assign", json!({ "user_id": team.boris.id })).await;
    assert_eq!(status, StatusCode::OK, "{taken}");
    assert_eq!((unread(&team.anna).await, unread(&team.boris).await), (2, 3), "his own is his");
    say(false).await;
    assert_eq!(unread(&team.boris).await, 3);
    assert_eq!(team.now(&common).await["department_id"], Value::Null);
}
