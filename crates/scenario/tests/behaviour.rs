//! The behaviour of `scenarios.md` and rulings 46-55, as scripts in virtual time.
#![allow(missing_docs)]

use scenario::script::{Script, Transcript};
use serde_json::{Value, json};

fn run(script: Value) -> Transcript {
    Script::parse(&script.to_string()).expect("a script").run().expect("a script that runs")
}

/// A scenario of these blocks and ways, launched by the menu at the first block.
fn scenario(blocks: Value, edges: Value) -> Value {
    json!({"schema": 1, "name": "Тест", "launch": [{"kind": "menu_button", "to": blocks[0]["id"]}], "blocks": blocks, "edges": edges})
}

fn message(id: &str, settings: Value) -> Value {
    json!({"id": id, "type": "message", "settings": settings})
}

fn play(document: Value, events: Value) -> Transcript {
    let start = json!({"event": {"type": "start", "scenario": "main"}});
    let events = events.as_array().unwrap().iter().map(|event| json!({"event": event}));
    let steps: Vec<Value> = [start].into_iter().chain(events).collect();
    run(json!({"scenarios": {"main": document}, "steps": steps}))
}

fn said(text: &str) -> Value {
    json!({"type": "message", "text": text})
}

fn texts(transcript: &Transcript, step: usize) -> Vec<&str> {
    transcript.steps[step].sent.iter().map(|sent| sent.text.as_str()).collect()
}

fn waiting(transcript: &Transcript, step: usize) -> Option<&str> {
    transcript.steps[step].waiting_at["c1"].as_deref()
}

fn ended(transcript: &Transcript, step: usize) -> Option<&'static str> {
    transcript.steps[step].ended["c1"].map(scenario::End::as_str)
}

fn exits(transcript: &Transcript, block: &str) -> Value {
    json!(transcript.report["main"].blocks[block].exits)
}

/// The example of the source: check the phone, ask for it when it is empty.
fn collects_a_phone(on_incorrect: &str) -> Value {
    scenario(
        json!([
            {"id": "check", "type": "condition", "settings": {"branches": [{"id": "filled", "all": [{"field": "phone", "op": "filled"}]}]}},
            message("known", json!({"text": "Звоним на {{phone}}"})),
            message("ask", json!({"text": "Ваш телефон?", "wait": {"expect": "phone", "save_to": "phone", "on_incorrect": on_incorrect, "error_text": "Это не номер"}})),
            message("thanks", json!({"text": "Спасибо, {{phone}}"})),
            message("wrong", json!({"text": "Тогда оставьте e-mail"})),
        ]),
        json!([
            {"from": ["check", "filled"], "to": "known"},
            {"from": ["check", "else"], "to": "ask"},
            {"from": ["ask", "correct"], "to": "thanks"},
            {"from": ["ask", "incorrect"], "to": "wrong"},
        ]),
    )
}

#[test]
fn a_wrong_answer_gets_the_error_text_and_the_right_one_is_saved_in_e164() {
    let got = play(collects_a_phone("retry"), json!([said("не скажу"), said("8 (912) 345-67-89")]));
    assert_eq!(texts(&got, 0), ["Ваш телефон?"]);
    assert_eq!(texts(&got, 1), ["Это не номер"]);
    assert_eq!((waiting(&got, 1), got.steps[1].consumed), (Some("ask"), Some(true)));
    assert_eq!(texts(&got, 2), ["Спасибо, +79123456789"]);
    assert_eq!(got.steps[2].fields["c1"]["phone"], "+79123456789");
    assert_eq!((waiting(&got, 2), ended(&got, 2)), (None, Some("done")));
    assert_eq!(exits(&got, "ask"), json!({"correct": 1}));
    assert_eq!(got.report["main"].blocks["ask"].incorrect, 1);
    assert_eq!(got.report["main"].unused, ["known", "wrong"]);
}

#[test]
fn the_other_variant_leaves_through_the_client_replied_incorrectly() {
    let got = play(collects_a_phone("exit"), json!([said("не скажу")]));
    assert_eq!(texts(&got, 1), ["Тогда оставьте e-mail"]);
    assert_eq!(exits(&got, "ask"), json!({"incorrect": 1}));
}

#[test]
fn a_filled_field_is_not_asked_for() {
    let got =
        run(json!({"scenarios": {"main": collects_a_phone("retry")}, "contacts": {"c1": {"phone": "+79990000001"}},
        "steps": [{"event": {"type": "start", "scenario": "main"}}]}));
    assert_eq!(texts(&got, 0), ["Звоним на +79990000001"]);
}

#[test]
fn the_last_attempt_leaves_without_the_error_text() {
    let got = play(collects_a_phone("retry"), json!([said("а"), said("б"), said("в")]));
    assert_eq!((texts(&got, 2), texts(&got, 3)), (vec!["Это не номер"], vec!["Тогда оставьте e-mail"]));
    assert_eq!(got.report["main"].blocks["ask"].incorrect, 3);
}

#[test]
fn a_shared_contact_answers_a_question_for_a_phone_and_a_picture_does_not() {
    let got = play(
        collects_a_phone("retry"),
        json!([
        {"type": "message", "kind": "image"}, {"type": "message", "kind": "contact", "phone": "79123456789"}]),
    );
    assert_eq!(texts(&got, 1), ["Это не номер"]);
    assert_eq!(texts(&got, 2), ["Спасибо, +79123456789"]);
}

fn menu() -> Value {
    scenario(
        json!([
            message(
                "menu",
                json!({"text": "Чем помочь?", "buttons": [{"id": "pay", "label": "Оплата"}, {"id": "ship", "label": "Доставка"}],
                "wait": {"expect": "choice", "save_to": "var.topic", "max_attempts": 2}})
            ),
            message("pay", json!({"text": "Про оплату: {{var.topic}}"})),
            message("other", json!({"text": "Про остальное"})),
        ]),
        json!([{"from": ["menu", "button:pay"], "to": "pay"}, {"from": ["menu", "correct"], "to": "other"}]),
    )
}

#[test]
fn a_choice_is_taken_by_its_button_or_its_label_in_any_case() {
    for event in [json!({"type": "message", "button": "pay", "of": "menu"}), said(" ОПЛАТА ")] {
        assert_eq!(texts(&play(menu(), json!([event])), 1), ["Про оплату: Оплата"]);
    }
}

#[test]
fn a_button_without_its_own_exit_leaves_as_correct_under_its_own_name() {
    let got = play(menu(), json!([said("доставка")]));
    assert_eq!(texts(&got, 1), ["Про остальное"]);
    assert_eq!(exits(&got, "menu"), json!({"button:ship": 1}));
}

#[test]
fn the_number_of_a_button_answers_only_where_the_channel_shows_none() {
    let script = |channel: &str| {
        run(json!({"scenarios": {"main": menu()}, "channel": channel, "steps": [
        {"event": {"type": "start", "scenario": "main"}}, {"event": said("2")}]}))
    };
    assert_eq!(texts(&script("sms"), 1), ["Про остальное"]);
    assert_eq!(script("telegram").report["main"].blocks["menu"].incorrect, 1);
}

#[test]
fn a_button_of_an_older_message_answers_nothing_and_goes_to_the_operators() {
    let got = play(menu(), json!([{"type": "message", "button": "pay", "of": "older"}]));
    assert_eq!((got.steps[1].consumed, waiting(&got, 1)), (Some(false), Some("menu")));
    assert!(got.steps[1].sent.is_empty());
}

#[test]
fn a_repeated_message_answers_nothing_again() {
    let repeat = json!({"type": "message", "id": "m1", "text": "не скажу"});
    let got = play(collects_a_phone("retry"), json!([repeat, repeat]));
    assert_eq!(got.report["main"].blocks["ask"].incorrect, 1);
    assert!(got.steps[2].sent.is_empty());
}

#[test]
fn a_question_that_nobody_answers_leaves_through_timeout_once() {
    let document = scenario(
        json!([
            message("ask", json!({"text": "?", "wait": {"expect": "any", "timeout": "PT10M"}})),
            message("late", json!({"text": "Ещё здесь?"}))
        ]),
        json!([{"from": ["ask", "timeout"], "to": "late"}]),
    );
    let got =
        play(document, json!([{"type": "tick", "to": 599}, {"type": "tick", "to": 600}, {"type": "tick", "to": 9000}]));
    assert!(got.steps[1].sent.is_empty());
    assert_eq!((texts(&got, 2), ended(&got, 2)), (vec!["Ещё здесь?"], Some("done")));
    assert!(got.steps[3].sent.is_empty());
}

#[test]
fn a_delay_gives_messages_to_operators_or_ends_with_the_reply() {
    let document = |cancel: bool| {
        scenario(
            json!([{"id": "wait", "type": "delay", "settings": {"for": "PT1H", "cancel_on_reply": cancel}},
            message("next", json!({"text": "Час прошёл"})), message("replied", json!({"text": "Вы здесь"}))]),
            json!([{"from": ["wait", "next"], "to": "next"}, {"from": ["wait", "replied"], "to": "replied"}]),
        )
    };
    let got = play(document(false), json!([said("эй"), {"type": "tick", "to": 3600}]));
    assert_eq!((got.steps[1].consumed, texts(&got, 2)), (Some(false), vec!["Час прошёл"]));
    let got = play(document(true), json!([said("эй"), {"type": "tick", "to": 3600}]));
    assert_eq!((got.steps[1].consumed, texts(&got, 1)), (Some(true), vec!["Вы здесь"]));
    assert!(got.steps[2].sent.is_empty());
}

#[test]
fn a_delay_right_before_a_question_goes_on_into_the_wait() {
    let document = scenario(
        json!([{"id": "wait", "type": "delay", "settings": {"for": "PT5S"}}, message("ask", json!({"text": "?", "wait": {"expect": "text"}})), message("ok", json!({"text": "да"}))]),
        json!([{"from": ["wait", "next"], "to": "ask"}, {"from": ["ask", "correct"], "to": "ok"}]),
    );
    let got = play(document, json!([{"type": "tick", "to": 5}, {"type": "restart"}, said("ответ")]));
    assert_eq!((texts(&got, 1), texts(&got, 3)), (vec!["?"], vec!["да"]));
}

#[test]
fn a_loop_ends_with_its_reason_and_the_entry_that_breaks_it_is_not_counted() {
    let document = scenario(
        json!([message("a", json!({"text": "раз"})), message("b", json!({"text": "два"}))]),
        json!([{"from": ["a", "next"], "to": "b"}, {"from": ["b", "next"], "to": "a"}]),
    );
    let got = play(document, json!([]));
    assert_eq!(ended(&got, 0), Some("loop"));
    let blocks = &got.report["main"].blocks;
    assert_eq!((blocks["a"].visits, blocks["b"].visits), (50, 50));
    assert_eq!(exits(&got, "b"), json!({"next": 50}));
}

#[test]
fn an_operator_stops_the_run_or_holds_it_up() {
    let got = play(collects_a_phone("retry"), json!([{"type": "operator_joined"}, said("89123456789")]));
    assert_eq!((ended(&got, 1), got.steps[2].consumed), (Some("operator"), Some(false)));
    assert_eq!(got.report["main"].blocks["ask"].ended, 1);
    let mut pausing = collects_a_phone("retry");
    pausing["settings"] = json!({"on_operator": "pause"});
    let got = play(
        pausing,
        json!([{"type": "operator_joined"}, said("89123456789"), {"type": "operator_left"}, said("89123456789")]),
    );
    assert_eq!((got.steps[2].consumed, texts(&got, 4)), (Some(false), vec!["Спасибо, +79123456789"]));
}

#[test]
fn a_transfer_holds_the_run_until_somebody_comes_or_nobody_does() {
    let document = scenario(
        json!([{"id": "t", "type": "transfer", "settings": {"text": "Зову человека"}}, message("none", json!({"text": "Никого нет"}))]),
        json!([{"from": ["t", "no_operator"], "to": "none"}]),
    );
    let got = play(document.clone(), json!([said("ау"), {"type": "operator_joined"}]));
    assert_eq!((got.steps[0].effects[0].kind, got.steps[1].consumed), ("transfer", Some(false)));
    assert_eq!(ended(&got, 2), Some("operator"));
    assert_eq!(texts(&play(document, json!([{"type": "no_operator"}])), 1), ["Никого нет"]);
}

#[test]
fn an_answer_of_a_server_fills_fields_by_paths() {
    let document = scenario(
        json!([{"id": "get", "type": "http", "settings": {"request": "order", "url": "https://shop.example/{{phone}}", "save": {"contract": "order.number", "var.none": "a.b"}}},
            message("ok", json!({"text": "Заказ {{contract}}{{var.none}}"})), message("bad", json!({"text": "Сбой"}))]),
        json!([{"from": ["get", "success"], "to": "ok"}, {"from": ["get", "error"], "to": "bad"}]),
    );
    let result = |status: u16| json!([{"type": "http_result", "request": "order", "status": status, "body": {"order": {"number": 17}}}]);
    let got = play(document.clone(), result(200));
    assert_eq!((got.steps[0].effects[0].request.as_deref(), texts(&got, 1)), (Some("order"), vec!["Заказ 17"]));
    assert_eq!(texts(&play(document, result(500)), 1), ["Сбой"]);
}

#[test]
fn a_value_in_an_address_is_neither_a_path_nor_a_host() {
    let document = scenario(
        json!([{"id": "get", "type": "http", "settings": {"url": "https://shop.example/o/{{phone}}?x=1"}}]),
        json!([]),
    );
    let got = run(
        json!({"scenarios": {"main": document}, "contacts": {"c1": {"phone": "../admin?a=b#"}}, "steps": [{"event": {"type": "start", "scenario": "main"}}]}),
    );
    assert_eq!(got.steps[0].effects[0].data["url"], "https://shop.example/o/..%2Fadmin%3Fa%3Db%23?x=1");
}

#[test]
fn a_menu_replaces_what_runs_and_a_mailing_does_not() {
    let scenarios = json!({"main": collects_a_phone("retry"), "other": menu()});
    let script = |trigger: &str| {
        run(json!({"scenarios": scenarios, "steps": [
        {"event": {"type": "start", "scenario": "main"}}, {"event": {"type": "start", "scenario": "other", "trigger": trigger}}]}))
    };
    let got = script("menu");
    assert_eq!((texts(&got, 1), waiting(&got, 1)), (vec!["Чем помочь?"], Some("menu")));
    assert_eq!(got.report["main"].blocks["ask"].ended, 1);
    let got = script("mailing");
    assert_eq!((texts(&got, 1).len(), waiting(&got, 1), got.steps[1].active_runs), (0, Some("ask"), 1));
}

#[test]
fn a_keyword_is_tried_before_the_question_that_waits() {
    let mut other = menu();
    other["launch"] = json!([{"kind": "keyword", "words": ["меню"]}]);
    let got = run(json!({"scenarios": {"main": collects_a_phone("retry"), "other": other}, "steps": [
        {"event": {"type": "start", "scenario": "main"}}, {"event": said("Меню!")}]}));
    assert_eq!((got.steps[1].consumed, texts(&got, 1)), (Some(true), vec!["Чем помочь?"]));
    assert_eq!(got.report["main"].blocks["ask"].incorrect, 0);
}

#[test]
fn a_run_stays_on_its_version_and_new_ones_take_the_newest() {
    let mut newer = collects_a_phone("retry");
    newer["blocks"][3]["settings"]["text"] = json!("Новое спасибо");
    let got = play(
        collects_a_phone("retry"),
        json!([{"type": "publish", "scenario": "main", "document": newer}, said("89123456789"),
        {"type": "start", "scenario": "main"}]),
    );
    assert_eq!(texts(&got, 2), ["Спасибо, +79123456789"]);
    assert_eq!(texts(&got, 3), ["Звоним на +79123456789"]);
}

#[test]
fn a_called_scenario_comes_back_on_the_version_it_was_called_with() {
    let main = scenario(
        json!([{"id": "call", "type": "call", "settings": {"scenario": "sub"}}, message("after", json!({"text": "Дальше"}))]),
        json!([{"from": ["call", "returned"], "to": "after"}]),
    );
    let sub = |text: &str| {
        scenario(
            json!([
                message("q", json!({"text": "?", "wait": {"expect": "any"}})),
                message("end", json!({"text": text}))
            ]),
            json!([{"from": ["q", "correct"], "to": "end"}]),
        )
    };
    let got = run(
        json!({"scenarios": {"main": main, "sub": sub("Старое")}, "steps": [{"event": {"type": "start", "scenario": "main"}},
        {"event": {"type": "publish", "scenario": "sub", "document": sub("Новое")}}, {"event": {"type": "restart"}}, {"event": said("да")}]}),
    );
    assert_eq!(waiting(&got, 0), Some("q"));
    assert_eq!((texts(&got, 3), ended(&got, 3)), (vec!["Старое", "Дальше"], Some("done")));
    assert_eq!(json!(got.report["main"].blocks["call"].exits), json!({"returned": 1}));
}

#[test]
fn a_run_ends_when_the_client_says_nothing_for_its_time_to_live() {
    let mut document = collects_a_phone("retry");
    document["settings"] = json!({"run_ttl": "PT1H"});
    let got = play(
        document,
        json!([{"type": "tick", "to": 1800}, said("нет"), {"type": "tick", "to": 3601}, {"type": "tick", "to": 5400}]),
    );
    assert_eq!((ended(&got, 3), ended(&got, 4)), (None, Some("expired")));
}

#[test]
fn a_failed_message_leaves_through_undelivered_only_while_it_waits() {
    let document = scenario(
        json!([
            message("hi", json!({"text": "Привет"})),
            message("ask", json!({"text": "?", "wait": {"expect": "any"}})),
            message("sorry", json!({"text": "Не дошло"}))
        ]),
        json!([{"from": ["hi", "next"], "to": "ask"}, {"from": ["ask", "undelivered"], "to": "sorry"}]),
    );
    let got = play(
        document,
        json!([{"type": "status", "block": "hi", "status": "failed"}, {"type": "status", "block": "ask", "status": "failed"}]),
    );
    assert!(got.steps[1].sent.is_empty());
    assert_eq!(texts(&got, 2), ["Не дошло"]);
    assert_eq!(got.report["main"].blocks["hi"].recipients["c1"], "failed");
}

#[test]
fn several_short_messages_are_one_answer_within_the_window() {
    let document = scenario(
        json!([
            message(
                "ask",
                json!({"text": "Адрес?", "wait": {"expect": "text", "collect": "PT5S", "save_to": "var.address"}})
            ),
            message("ok", json!({"text": "{{var.address}}"}))
        ]),
        json!([{"from": ["ask", "correct"], "to": "ok"}]),
    );
    let got =
        play(document, json!([said("Ленина 5"), {"type": "tick", "to": 3}, said("кв. 7"), {"type": "tick", "to": 5}]));
    assert_eq!((got.steps[1].consumed, texts(&got, 4)), (Some(true), vec!["Ленина 5\nкв. 7"]));
}

#[test]
fn a_split_gives_a_client_the_same_variant_each_time_and_everybody_by_weight() {
    let document = scenario(
        json!([{"id": "s", "type": "split", "settings": {"variants": [{"id": "a", "percent": 70}, {"id": "b", "percent": 30}]}}]),
        json!([]),
    );
    let starts = |times: usize| {
        (0..times)
            .map(|n| json!({"event": {"type": "start", "scenario": "main", "contact": format!("c{}", n % 300)}}))
            .collect::<Vec<_>>()
    };
    let exits =
        |times: usize| exits(&run(json!({"scenarios": {"main": document.clone()}, "steps": starts(times)})), "s");
    let (once, twice) = (exits(300), exits(600));
    let a = once["a"].as_u64().unwrap();
    assert!((185..235).contains(&a), "{a}");
    assert_eq!(twice["a"], a * 2);
}

#[test]
fn a_script_says_what_differs_and_refuses_what_it_does_not_know() {
    let script = json!({"scenarios": {"main": collects_a_phone("retry")}, "steps": [
        {"event": {"type": "start", "scenario": "main"}, "expect": {"waiting_at": {"c1": "thanks"}, "active_runs": 1}}]});
    let differences = Script::parse(&script.to_string()).unwrap().test().unwrap();
    assert_eq!(differences, ["step 1: waiting_at.c1\n  expected \"thanks\"\n  got      \"ask\""]);
    let mut wrong = collects_a_phone("retry");
    wrong["blocks"][2]["settings"]["wait"]["patience"] = json!(5);
    let fault =
        Script::parse(&json!({"scenarios": {"main": wrong}, "steps": []}).to_string()).unwrap().run().unwrap_err();
    assert!(fault.to_string().contains("patience"), "{fault}");
}

#[test]
fn a_client_s_own_braces_are_never_expanded() {
    let document = scenario(
        json!([
            message("ask", json!({"text": "Имя?", "wait": {"expect": "text", "save_to": "name"}})),
            message("hi", json!({"text": "Привет, {{name}}"}))
        ]),
        json!([{"from": ["ask", "correct"], "to": "hi"}]),
    );
    let got = run(json!({"scenarios": {"main": document}, "contacts": {"c1": {"phone": "+79990000001"}}, "steps": [
        {"event": {"type": "start", "scenario": "main"}}, {"event": said("{{phone}}")}]}));
    assert_eq!(texts(&got, 1), ["Привет, {{phone}}"]);
}

#[test]
fn numbers_days_and_lengths_have_their_bounds() {
    let ask = |wait: Value| scenario(json!([message("ask", json!({"text": "?", "wait": wait}))]), json!([]));
    let taken = |wait: Value, text: &str| exits(&play(ask(wait), json!([said(text)])), "ask") == json!({"correct": 1});
    let number = json!({"expect": "number", "min": 1, "max": 5, "on_incorrect": "exit"});
    assert!(taken(number.clone(), "4,5") && !taken(number.clone(), "6") && !taken(number, "пять"));
    let date = json!({"expect": "date", "min": "2026-01-01", "on_incorrect": "exit"});
    assert!(taken(date.clone(), "28.11.2026") && !taken(date, "31.12.2025"));
    let text = json!({"expect": "text", "min": 3, "on_incorrect": "exit"});
    assert!(taken(text.clone(), "три") && !taken(text, " ё "));
    let pattern = json!({"expect": "pattern", "pattern": "[A-Z]{2}-\\d+", "on_incorrect": "exit"});
    assert!(taken(pattern.clone(), " AB-17 ") && !taken(pattern, "мой AB-17"));
}

#[test]
fn arithmetic_appending_and_clearing_write_fields_and_variables() {
    let set = |id: &str, settings: Value| json!({"id": id, "type": "set", "settings": settings});
    let document = scenario(
        json!([
            set("a", json!({"field": "var.score", "op": "add", "value": 2})),
            set("b", json!({"field": "var.score", "op": "add", "value": "3"})),
            set("c", json!({"field": "score", "value": "{{var.score}}"})),
            set("d", json!({"field": "phone", "value": null})),
            set("e", json!({"field": "city", "op": "append", "value": "Омск"})),
            message("m", json!({"text": "?", "wait": {"expect": "any"}}))
        ]),
        json!([{"from": ["a", "next"], "to": "b"}, {"from": ["b", "next"], "to": "c"}, {"from": ["c", "next"], "to": "d"}, {"from": ["d", "next"], "to": "e"}, {"from": ["e", "next"], "to": "m"}]),
    );
    let got = run(
        json!({"scenarios": {"main": document}, "contacts": {"c1": {"phone": "+79990000001", "city": "Тверь"}}, "steps": [{"event": {"type": "start", "scenario": "main"}}]}),
    );
    assert_eq!(json!(got.steps[0].fields["c1"]), json!({"score": "5", "city": ["Тверь", "Омск"]}));
}

#[test]
fn the_example_of_the_documentation_passes() {
    let script = Script::parse(include_str!("../../../docs/examples/phone.json")).unwrap();
    assert_eq!(script.test().unwrap(), Vec::<String>::new());
}

#[test]
fn a_client_is_subscribed_or_unsubscribed_by_a_block_that_says_which() {
    let blocks = |settings: Value| json!([{"id": "s", "type": "subscribe", "settings": settings}]);
    for mailings in [true, false] {
        let played = play(scenario(blocks(json!({ "mailings": mailings })), json!([])), json!([]));
        let told = &played.steps[0].effects;
        assert_eq!((told.len(), told[0].kind, &told[0].data), (1, "subscribe", &json!(mailings)));
    }
}
