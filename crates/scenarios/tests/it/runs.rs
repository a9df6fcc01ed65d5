//! Scenarios at work in the path of messages.

use crate::support::{Visitor, asks, collects_a_phone, publish, published, report, save};
use harness::{Product, TestClock, until};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn conversation(product: &Product, id: &str) -> Value {
    product.get(&product.project(&format!("/conversations/{id}"))).await
}

fn adds_up(report: &Value) {
    for (id, block) in report["blocks"].as_object().unwrap() {
        let left: i64 = block["exits"].as_object().unwrap().values().map(|n| n.as_i64().unwrap()).sum();
        let number = |key: &str| block[key].as_i64().unwrap();
        assert_eq!(number("visits"), left + number("waiting") + number("ended"), "{id}");
        assert!(number("waiting") >= 0, "{id}");
    }
}

#[tokio::test]
async fn the_bot_asks_for_a_phone_says_what_is_wrong_and_saves_the_right_one() {
    let product = Product::start().await;
    let id = published(&product, "Сбор телефона", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("Телефон").await;
    assert_eq!(visitor.hears().await, "Ваш телефон?");
    assert_eq!(conversation(&product, &here).await["status"], "bot");
    let run = product.get(&product.project(&format!("/conversations/{here}/run"))).await["run"].clone();
    assert_eq!((&run["name"], &run["block_title"]), (&json!("Сбор телефона"), &json!("Спросить телефон")));
    visitor.says("не скажу").await;
    assert_eq!(visitor.hears().await, "Это не номер");
    visitor.says("8 (912) 345-67-89").await;
    assert_eq!(visitor.hears().await, "Спасибо, +79123456789");
    let after = conversation(&product, &here).await;
    assert_eq!(after["status"], "new", "the client has written, so people see it");
    let contact = product.get(&product.project(&format!("/contacts/{}", after["contact_id"].as_str().unwrap()))).await;
    assert_eq!(
        (&contact["fields"]["phone"][0]["value"], &contact["fields"]["phone"][0]["source"]),
        (&json!("+79123456789"), &json!("bot"))
    );
    let report = report(&product, &id).await;
    let asked = &report["blocks"]["b3"];
    assert_eq!(
        (&asked["visits"], &asked["incorrect"], &asked["exits"]),
        (&json!(1), &json!(1), &json!({"correct": 1}))
    );
    assert_eq!((&report["launches"], &report["unused"]), (&json!(1), &json!(["b2", "b5"])));
    adds_up(&report);
    let path = product.project(&format!("/scenarios/{id}/report/blocks/b3/recipients"));
    let people = product.get(&path).await["items"].clone();
    assert_eq!(
        (&people[0]["text"], &people[0]["answer"], &people[0]["exit"]),
        (&json!("Ваш телефон?"), &json!("+79123456789"), &json!("correct"))
    );
    assert_eq!(product.get(&format!("{path}?exit=-")).await["items"], json!([]));
}

#[tokio::test]
async fn the_other_variant_leaves_through_the_client_replied_incorrectly() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("exit")).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("телефон!").await;
    visitor.hears().await;
    visitor.says("не скажу").await;
    assert_eq!(visitor.hears().await, "Тогда оставьте e-mail");
    assert_eq!(report(&product, &id).await["blocks"]["b3"]["exits"], json!({"incorrect": 1}));
}

#[tokio::test]
async fn a_saved_phone_joins_the_clients_contacts_at_once() {
    let product = Product::start().await;
    product
        .post(
            &product.project("/multi-contact-rules"),
            json!({ "fields": ["phone"], "mode": "at_once", "enabled": true, "position": 1 }),
        )
        .await;
    let known = json!({ "channel": "api", "external_id": "crm-1", "fields": { "phone": "+7 912 345-67-89" } });
    product.post(&product.project("/contacts"), known).await;
    published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("телефон").await;
    visitor.hears().await;
    let here = visitor.says("89123456789").await;
    visitor.hears().await;
    let contact = conversation(&product, &here).await["contact"].clone();
    assert_eq!(contact["multi_contact_size"], 2);
}

#[tokio::test]
async fn a_pressed_button_is_known_by_its_message_and_an_old_one_answers_nothing() {
    let product = Product::start().await;
    let menu = asks(
        json!({"text": "Чем помочь?", "buttons": [{"id": "pay", "label": "Оплата"}, {"id": "ship", "label": "Доставка"}]}),
        json!([{"from": ["b1", "button:pay"], "to": "b2"}, {"from": ["b2", "correct"], "to": "b3"}]),
        json!([
            {"id": "b2", "type": "message", "settings": {"text": "Картой?", "buttons": [{"id": "pay", "label": "Да"}]}},
            {"id": "b3", "type": "message", "settings": {"text": "Готово"}}
        ]),
    );
    published(&product, "Меню", menu).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    let button = visitor.shown().await["buttons"][0][0].clone();
    assert_eq!(button["label"], "Оплата");
    visitor.presses(&button).await;
    assert_eq!(visitor.hears().await, "Картой?");
    // The same button again is of the first question, though the second has one with its id.
    let here = visitor.presses(&button).await;
    harness::until("people see what the bot did not take", async || {
        conversation(&product, &here).await["status"] == "new"
    })
    .await;
    visitor.says("да").await;
    assert_eq!(visitor.hears().await, "Готово");
}

#[tokio::test]
async fn an_operators_reply_stops_the_bot_and_one_of_them_has_the_conversation() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("телефон").await;
    visitor.hears().await;
    let reply = json!({ "client_id": "op-1", "content": { "text": "Здравствуйте, это Анна" } });
    product.post(&product.project(&format!("/conversations/{here}/messages")), reply).await;
    let after = conversation(&product, &here).await;
    assert_eq!(after["status"], "waiting");
    assert_eq!(product.get(&product.project(&format!("/conversations/{here}/run"))).await["run"], Value::Null);
    visitor.says("89123456789").await;
    let contact = product.get(&product.project(&format!("/contacts/{}", after["contact_id"].as_str().unwrap()))).await;
    assert_eq!(contact["fields"]["phone"], Value::Null, "the bot no longer listens");
    let report = report(&product, &id).await;
    assert_eq!(report["blocks"]["b3"]["ended"], 1);
    adds_up(&report);
    // No scenario starts over a conversation that an operator owns (ruling 51).
    visitor.says("телефон").await;
    assert_eq!(product.get(&product.project(&format!("/conversations/{here}/run"))).await["run"], Value::Null);
}

#[tokio::test]
async fn a_run_finishes_on_its_version_and_new_ones_take_the_newest() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let (mut waiting, mut later) = (Visitor::new(&product).await, Visitor::new(&product).await);
    waiting.says("телефон").await;
    waiting.hears().await;
    let mut newer = collects_a_phone("retry");
    newer["blocks"][2]["settings"]["text"] = json!("Номер, пожалуйста?");
    newer["blocks"][3]["settings"]["text"] = json!("Записали");
    let revision = save(&product, &id, newer).await;
    publish(&product, &id, revision).await;
    later.says("телефон").await;
    assert_eq!(later.hears().await, "Номер, пожалуйста?");
    waiting.says("89123456789").await;
    assert_eq!(waiting.hears().await, "Спасибо, +79123456789");
    let all = report(&product, &id).await;
    assert_eq!((&all["blocks"]["b3"]["visits"], &all["versions"]), (&json!(2), &json!([2, 1])));
    let first = product.get(&product.project(&format!("/scenarios/{id}/report?version=1"))).await;
    assert_eq!((&first["blocks"]["b3"]["visits"], &first["launches"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_timer_goes_off_once_and_the_run_goes_on() {
    let product = Product::start().await;
    let ask = asks(
        json!({"text": "Ваш вопрос?", "wait": {"expect": "any", "timeout": "PT1S"}}),
        json!([{"from": ["b1", "timeout"], "to": "b2"}]),
        json!([{"id": "b2", "type": "message", "settings": {"text": "Вы ещё здесь?", "wait": {"expect": "any"}}}]),
    );
    let id = published(&product, "Вопрос", ask).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    assert_eq!(visitor.hears().await, "Ваш вопрос?");
    assert_eq!(visitor.hears().await, "Вы ещё здесь?");
    assert_eq!(report(&product, &id).await["blocks"]["b1"]["exits"], json!({"timeout": 1}));
}

#[tokio::test]
async fn nobody_on_line_lets_a_transfer_leave_through_no_operator() {
    let product = Product::start().await;
    let transfer = json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["человек"], "to": "b1"}],
        "blocks": [{"id": "b1", "type": "transfer", "settings": {"text": "Зову коллегу"}}, {"id": "b2", "type": "message", "settings": {"text": "Никого нет, ответим утром"}}],
        "edges": [{"from": ["b1", "no_operator"], "to": "b2"}]});
    published(&product, "Позвать", transfer).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("человек").await;
    assert_eq!(visitor.hears().await, "Зову коллегу");
    assert_eq!(visitor.hears().await, "Никого нет, ответим утром");
    let after = conversation(&product, &here).await;
    assert_eq!(after["status"], "new");
    assert_ne!(after["waiting_since"], Value::Null);
}

#[tokio::test]
async fn a_transfer_waits_in_the_queue_of_its_department_and_in_the_common_one_when_that_is_gone() {
    let product = Product::start().await;
    let department = product.post(&product.project("/departments"), json!({ "name": "Продажи" })).await;
    let transfer = json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["человек"], "to": "b1"}],
        "blocks": [{"id": "b1", "type": "transfer", "settings": {"to": department["id"], "text": "Зову коллегу"}},
            {"id": "b2", "type": "message", "settings": {"text": "Никого нет, ответим утром"}}],
        "edges": [{"from": ["b1", "no_operator"], "to": "b2"}]});
    let id = published(&product, "Позвать", transfer.clone()).await;
    // Somebody is on line, who is not of the department.
    let project = product.account.project_id.to_string();
    let colleague = harness::join(&product, "anna@a.example", "operator", &[&project]).await;
    let mut socket = colleague.socket(&product).await;
    let from = socket.hello["position"].clone();
    socket.send(json!({ "type": "subscribe", "projects": [project], "from": from })).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("человек").await;
    assert_eq!(visitor.hears().await, "Зову коллегу");
    assert_eq!(visitor.hears().await, "Никого нет, ответим утром");
    let after = conversation(&product, &here).await;
    assert_eq!((&after["status"], &after["department_id"]), (&json!("new"), &department["id"]));

    let one = product.project(&format!("/departments/{}", department["id"].as_str().unwrap()));
    assert_eq!(product.call(reqwest::Method::DELETE, &one, None).await.0, 204);
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("человек").await;
    assert_eq!(visitor.hears().await, "Зову коллегу");
    let after = conversation(&product, &here).await;
    assert_eq!(
        (&after["status"], &after["department_id"], &after["assignee_id"]),
        (&json!("new"), &Value::Null, &Value::Null)
    );
    let revision = save(&product, &id, transfer).await;
    let path = product.project(&format!("/scenarios/{id}/publish"));
    let (status, refused) = product.call(reqwest::Method::POST, &path, Some(json!({ "revision": revision }))).await;
    assert_eq!((status.as_u16(), &refused["errors"][0]["code"]), (422, &json!("unknown_department")), "{refused}");
}

#[tokio::test]
async fn the_first_message_of_a_client_launches_and_the_second_conversation_does_not() {
    let product = Product::start().await;
    let hello = json!({"schema": 1, "launch": [{"kind": "first_message", "to": "b1"}],
        "blocks": [{"id": "b1", "type": "message", "settings": {"text": "Здравствуйте!"}}, {"id": "b2", "type": "close", "settings": {}}],
        "edges": [{"from": ["b1", "next"], "to": "b2"}]});
    let id = published(&product, "Привет", hello).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("добрый день").await;
    assert_eq!(visitor.hears().await, "Здравствуйте!");
    assert_eq!(conversation(&product, &here).await["status"], "closed");
    visitor.says("ещё раз").await;
    assert_eq!(report(&product, &id).await["launches"], 1);
}

#[tokio::test]
async fn test_users_try_the_draft_and_stay_out_of_the_report() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("привет").await;
    let contact = conversation(&product, &here).await["contact_id"].clone();
    let path = product.project("/test-users");
    assert_eq!(product.get(&path).await["items"][0]["contact_id"], contact);
    let (status, chosen) = product.call(Method::PUT, &path, Some(json!({ "contact_ids": [contact] }))).await;
    assert_eq!((status, &chosen["items"][0]["is_test"]), (StatusCode::OK, &json!(true)));
    let mut draft = collects_a_phone("retry");
    draft["blocks"][2]["settings"]["text"] = json!("Черновик: ваш телефон?");
    save(&product, &id, draft).await;
    visitor.says("телефон").await;
    assert_eq!(visitor.hears().await, "Черновик: ваш телефон?");
    assert_eq!(report(&product, &id).await["launches"], 0);
    let four = json!({ "contact_ids": [contact, contact, contact, "cnt_00000000000000000000000000000001"] });
    assert_eq!(product.call(Method::PUT, &path, Some(four)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_run_is_started_and_stopped_by_hand() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("привет").await;
    let path = product.project(&format!("/conversations/{here}/run"));
    let started = product.post(&path, json!({ "scenario_id": id })).await;
    assert_eq!(started["run"]["block"], "b3");
    assert_eq!(visitor.hears().await, "Ваш телефон?");
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(conversation(&product, &here).await["status"], "new");
    adds_up(&report(&product, &id).await);
}

#[tokio::test]
async fn a_deleted_scenario_launches_nothing_and_its_runs_are_stopped_when_asked() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("телефон").await;
    visitor.hears().await;
    let path = product.project(&format!("/scenarios/{id}?runs=stop"));
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(conversation(&product, &here).await["status"], "new");
    visitor.says("телефон").await;
    assert_eq!(product.get(&product.project(&format!("/conversations/{here}/run"))).await["run"], Value::Null);
}

#[tokio::test]
async fn whom_the_bot_assigns_gets_the_conversation_when_the_bot_is_done() {
    let product = Product::start().await;
    let owner = product.account.user_id.to_string();
    let document = asks(
        json!({"text": "Имя?", "wait": {"expect": "text", "save_to": "var.name"}}),
        json!([{"from": ["b1", "correct"], "to": "b2"}, {"from": ["b2", "next"], "to": "b3"}, {"from": ["b3", "correct"], "to": "b4"}]),
        json!([
            {"id": "b2", "type": "assign", "settings": {"to": owner}},
            {"id": "b3", "type": "message", "settings": {"text": "Город?", "wait": {"expect": "text", "save_to": "var.city"}}},
            {"id": "b4", "type": "message", "settings": {"text": "Спасибо"}},
        ]),
    );
    published(&product, "Знакомство", document).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("Анна").await;
    assert_eq!(visitor.hears().await, "Город?");
    let meanwhile = conversation(&product, &here).await;
    assert_eq!((&meanwhile["status"], &meanwhile["assignee_id"]), (&json!("bot"), &json!(owner)));
    visitor.says("Пермь").await;
    assert_eq!(visitor.hears().await, "Спасибо");
    let after = conversation(&product, &here).await;
    assert_eq!((&after["status"], &after["assignee_id"]), (&json!("open"), &json!(owner)));
}

#[tokio::test]
async fn a_draft_that_was_never_published_answers_test_users_and_nobody_else() {
    let product = Product::start().await;
    let new = json!({ "name": "Сбор", "document": collects_a_phone("retry") });
    let made = product.post(&product.project("/scenarios"), new).await;
    let (mut tester, mut other) = (Visitor::new(&product).await, Visitor::new(&product).await);
    let here = tester.says("привет").await;
    let contact = conversation(&product, &here).await["contact_id"].clone();
    let chosen = json!({ "contact_ids": [contact] });
    product.call(Method::PUT, &product.project("/test-users"), Some(chosen)).await;
    tester.says("Телефон!").await;
    assert_eq!(tester.hears().await, "Ваш телефон?");
    let theirs = other.says("телефон").await;
    assert_eq!(conversation(&product, &theirs).await["status"], "new");

    // The word of the draft counts, not the one that was published.
    let mut draft = collects_a_phone("retry");
    publish(&product, made["id"].as_str().unwrap(), 1).await;
    draft["launch"][0]["words"] = json!(["номер"]);
    draft["blocks"][2]["settings"]["text"] = json!("Номер?");
    save(&product, made["id"].as_str().unwrap(), draft).await;
    tester.says("Номер").await;
    assert_eq!(tester.hears().await, "Номер?");
    other.says("номер").await;
    assert_eq!(conversation(&product, &theirs).await["status"], "new");
    other.says("телефон").await;
    assert_eq!(other.hears().await, "Ваш телефон?");
}

#[tokio::test]
async fn a_message_that_was_read_later_keeps_the_time_when_it_was_sent() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("телефон").await;
    visitor.hears().await;
    let path = product.project(&format!("/scenarios/{id}/report/blocks/b3/recipients"));
    let sent = product.get(&path).await["items"][0].clone();
    assert_eq!(
        (&sent["status"], &sent["sent_at"], &sent["status_at"]),
        (&json!("sent"), &sent["created_at"], &sent["created_at"])
    );
    clock.plus_minutes(5);
    visitor.reads(10).await;
    until("it is read", async || product.get(&path).await["items"][0]["status"] == "read").await;
    let read = product.get(&path).await["items"][0].clone();
    assert_eq!(read["sent_at"], sent["sent_at"]);
    assert_ne!(read["status_at"], sent["status_at"]);
}
