//! Clients in and out as CSV (R56, issue 3 point 8).

use crate::jobs::ended;
use crate::multi_contacts::{Dice, groups, would_move};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn import(product: &Product, query: &str, table: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let url = product.url(&product.project(&format!("/contacts/import{query}")));
    let request = product.http.post(url).bearer_auth(&product.account.api_key).header("content-type", "text/csv");
    harness::answer(request.body(table)).await
}

pub async fn imported(product: &Product, query: &str, table: &str) -> Value {
    let (status, job) = import(product, query, table.to_owned()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    let job = ended(product, &job).await;
    assert_eq!(job["state"], "done", "{job}");
    job["result"].clone()
}

fn counts(result: &Value) -> [u64; 5] {
    ["rows", "created", "changed", "unchanged", "refused"].map(|name| result[name].as_u64().unwrap())
}

const TABLE: &str = "\u{feff}external_id;Имя;Мобильный телефон;E-mail;заметка\n\
    p-1;Мария Кравец;8 912 555-01-42;m@x.example;\n\
    p-2;Нина;+7 912 555 01 42;;любит лампы\n\
    p-3;=HYPERLINK(\"x\");;;\n\
    p-4;мало ячеек\n\
    p-5;Пётр;\"8 912 000-00-01\n8 912 000-00-02\";p@x.example;\n";

#[tokio::test]
async fn a_table_is_imported_with_honest_counts_and_joined_by_the_rules() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let tried = imported(&product, "?dry_run=true", TABLE).await;
    assert_eq!(counts(&tried), [5, 4, 0, 0, 1]);
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]), "a dry run stores nothing");
    let result = imported(&product, "", TABLE).await;
    assert_eq!(counts(&result), [5, 4, 0, 0, 1]);
    assert_eq!(result["ignored_columns"], json!(["заметка"]));
    let reasons = result["reasons"].as_array().unwrap();
    let reason = |at: usize| (&reasons[at]["row"], &reasons[at]["code"]);
    assert_eq!(reason(0), (&json!(5), &json!("wrong_number_of_cells")), "as a spreadsheet counts");
    let contacts = product.get(&product.project("/contacts?q=p-5")).await;
    assert_eq!(contacts["items"][0]["fields"]["phone"].as_array().unwrap().len(), 2);
    assert_eq!(contacts["items"][0]["fields"]["phone"][0]["source"], "import");
    assert_eq!(contacts["items"][0]["fields"]["phone"][0]["verified"], false);
    assert_eq!(contacts["items"][0]["last_seen_at"], Value::Null, "a row of a table is no visit");
    let joined = product.get(&product.project("/multi-contacts?min_size=2")).await;
    assert_eq!(joined["items"][0]["contacts"].as_array().unwrap().len(), 2);
    let again = imported(&product, "", TABLE).await;
    assert_eq!(counts(&again), [5, 0, 0, 4, 1], "the same table again changes nothing");
}

#[tokio::test]
async fn tables_of_real_spreadsheets_are_read() {
    let product = Product::start().await;
    let utf16 = |text: &str| -> Vec<u8> {
        [vec![0xFF, 0xFE], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
    };
    let marked = |text: &str| -> Vec<u8> { [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat() };
    let tables: [(&str, Vec<u8>); 6] = [
        ("", b"sep=;\r\nexternal_id;phone\r\nr-1;+7 912 555-01-42 (1), \r\n".to_vec()),
        ("", "\n;;\nexternal_id;Имя\nr-2;Нина, Олег\n".as_bytes().to_vec()),
        ("", "external_id;Имя\rr-3;Нина, Олег, Пётр\r".as_bytes().to_vec()),
        ("", utf16("external_id\tИмя\nr-4\tНина\n")),
        ("?encoding=windows-1251", marked("external_id;\u{200b}Имя\nr-5;Нина\n")),
        ("", "external_id,phone\nr-6,8 912 555-01-42 ::: 8 912 555-01-43\n".as_bytes().to_vec()),
    ];
    for (number, (query, table)) in (1..).zip(tables) {
        let (status, job) = import(&product, query, table).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{number}: {job}");
        let job = ended(&product, &job).await;
        assert_eq!(counts(&job["result"]), [1, 1, 0, 0, 0], "{number}: {job}");
        let found = product.get(&product.project(&format!("/contacts?q=r-{number}"))).await;
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{number}: {found}");
    }
    let both = product.get(&product.project("/contacts?q=r-6")).await;
    assert_eq!(
        both["items"][0]["fields"]["phone"].as_array().unwrap().len(),
        2,
        "two numbers in a cell are two values"
    );
    let (status, answer) = import(&product, "", utf16("a,b\n")[2..].to_vec()).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_text")));
}

#[tokio::test]
async fn imports_between_guards_and_decisions_end_as_a_rebuild_would() {
    for seed in 1..=4 {
        let product = Product::start().await;
        product
            .changes(json!([
                { "op": "rule_add", "key": "phone", "fields": ["phone"] },
                { "op": "rule_add", "key": "email", "fields": ["email"] },
                { "op": "settings", "settings": { "hub_limit": 4, "max_group": 6 } },
            ]))
            .await;
        let mut dice = Dice(seed * 104_729);
        let mut rows = 0;
        for round in 0..30 {
            let mut table = "external_id,phone,email\n".to_owned();
            for _ in 0..=dice.roll(6) {
                table.push_str(&format!("i{rows},{},{}\n", phone(&mut dice), email(&mut dice)));
                rows += 1;
            }
            imported(&product, "", &table).await;
            assert_eq!(would_move(&product).await, 0, "seed {seed}, round {round}, after\n{table}");
            let change = meanwhile(&mut dice, rows);
            let body = json!({ "changes": [change] });
            let (status, answer) = product.call(Method::POST, &product.project("/changes"), Some(body)).await;
            assert!(status == StatusCode::OK || status == StatusCode::UNPROCESSABLE_ENTITY, "{change}: {answer}");
            assert_eq!(would_move(&product).await, 0, "seed {seed}, round {round}, after {change}");
        }
        let sizes = groups(&product).await.into_iter().map(|group| group.len()).collect::<BTreeSet<_>>();
        assert!(sizes.len() > 2, "groups of several sizes, not {sizes:?}");
    }
}

fn phone(dice: &mut Dice) -> String {
    if dice.roll(3) == 0 { String::new() } else { format!("+79125550{:03}", dice.roll(14)) }
}

fn email(dice: &mut Dice) -> String {
    if dice.roll(2) == 0 { String::new() } else { format!("e{}@x.example", dice.roll(12)) }
}

fn meanwhile(dice: &mut Dice, rows: u64) -> Value {
    let (name, other) = (format!("i{}", dice.roll(rows)), format!("i{}", dice.roll(rows)));
    match dice.roll(7) {
        0 => json!({ "op": "delete", "external_id": name }),
        1 => json!({ "op": "link", "a": name, "b": other }),
        2 | 3 => json!({ "op": "unlink", "contact": name }),
        4 => json!({ "op": "set", "external_id": name, "fields": { "phone": phone(dice) } }),
        5 => json!({ "op": "set", "external_id": name, "fields": { "email": email(dice) } }),
        _ => json!({ "op": "settings", "settings": { "hub_limit": 3 + dice.roll(3), "max_group": 4 + dice.roll(4) } }),
    }
}

#[tokio::test]
async fn a_mapping_names_columns_and_rows_without_ids_find_their_contact_again() {
    let product = Product::start().await;
    let mapping = "?mapping=%7B%22who%22%3A%22name%22%2C%22tel%22%3A%22phone%22%7D";
    let table = "who,tel,x\nНина,89125550142,1\nПётр,,2\n";
    assert_eq!(counts(&imported(&product, mapping, table).await), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&imported(&product, mapping, table).await), [2, 0, 0, 2, 0]);
}

#[tokio::test]
async fn tables_that_cannot_be_read_are_refused_whole() {
    let product = Product::start().await;
    let code = |query: &'static str, table: Vec<u8>| {
        let product = &product;
        async move {
            let (status, answer) = import(product, query, table).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
            answer["errors"][0]["code"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(code("", Vec::new()).await, "empty");
    assert_eq!(code("", b"name\n\xcc\xe0\xf0\xe8\xff\n".to_vec()).await, "wrong_encoding");
    assert_eq!(code("", b"name\nA\0B\n".to_vec()).await, "not_text");
    assert_eq!(code("?mapping=%7B%22a%22%3A%22name%22%7D", b"b\nx\n".to_vec()).await, "missing_column");
    assert_eq!(code("?mapping=%7B%22b%22%3A%22nick%22%7D", b"b\nx\n".to_vec()).await, "unknown_field");
    assert_eq!(code("", b"unknown\nx\n".to_vec()).await, "nothing_mapped");
    let result = {
        let (status, job) = import(&product, "?encoding=windows-1251", b"name\n\xcc\xe0\xf0\xe8\xff\n".to_vec()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        ended(&product, &job).await
    };
    assert_eq!(counts(&result["result"]), [1, 1, 0, 0, 0]);
    let contacts = product.get(&product.project("/contacts")).await;
    assert_eq!(contacts["items"][0]["name"], "Мария");
    let huge = format!("name,phone\n{},\nНина,89125550142\n", "x".repeat(10 * 1024 * 1024));
    let result = imported(&product, "", &huge).await;
    assert_eq!((counts(&result), &result["reasons"][0]["code"]), ([2, 1, 0, 0, 1], &json!("too_long")));
}

#[tokio::test]
async fn an_export_is_quoted_against_formulas_and_comes_back_the_same() {
    let product = Product::start().await;
    let fields = json!({ "name": "=1+1", "phone": ["+79125550142", "+79125550143"], "email": "x@x.example" });
    product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "k-1", "fields": fields }))
        .await;
    let url = product.url(&product.project("/contacts/export"));
    let response = product.http.get(url).bearer_auth(&product.account.api_key).send().await.unwrap();
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"clients.csv\"");
    let table = response.text().await.unwrap();
    assert!(table.contains("'=1+1") && table.contains("'+79125550142"), "{table}");
    let other = Product::start().await;
    assert_eq!(counts(&imported(&other, "", &table).await), [1, 1, 0, 0, 0]);
    let contacts = other.get(&other.project("/contacts")).await;
    let held = |key: &str| {
        contacts["items"][0]["fields"][key].as_array().unwrap().iter().map(|v| v["value"].clone()).collect()
    };
    let held: [Vec<Value>; 3] = [held("name"), held("phone"), held("email")];
    assert_eq!(
        held,
        [vec![json!("=1+1")], vec![json!("+79125550142"), json!("+79125550143")], vec![json!("x@x.example")]]
    );
}

#[tokio::test]
async fn an_export_has_titles_and_semicolons_for_people() {
    let product = Product::start().await;
    for (key, title) in [("a", "Скидка"), ("b", "скидка ")] {
        let field = json!({ "key": key, "title": title, "kind": "text" });
        product.post(&product.project("/fields"), field).await;
    }
    let body = json!({ "channel": "api", "external_id": "k-1", "fields": { "name": "Нина; Анна" } });
    product.post(&product.project("/contacts"), body).await;
    let get = async |query: &str| {
        let url = product.url(&product.project(&format!("/contacts/export{query}")));
        product.http.get(url).bearer_auth(&product.account.api_key).send().await.unwrap().text().await.unwrap()
    };
    let people = get("?names=titles&delimiter=semicolon&q=нина").await;
    let header = people.lines().next().unwrap();
    assert!(header.starts_with("\u{feff}external_id;id;channel;") && header.contains(";Имя;"), "{header}");
    assert!(header.contains(";a;b"), "two fields of one title are told apart by their keys: {header}");
    assert!(people.contains(";\"Нина; Анна\";"), "{people}");
    let programs = get("").await;
    assert!(programs.lines().next().unwrap().contains(",name,"), "{programs}");
    let refused = product.call(Method::GET, &product.project("/contacts/export?names=other"), None).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_long_import_is_cancelled_and_what_was_stored_is_said() {
    let product = Product::start().await;
    let rows: String = (0..20_000).map(|n| format!("p-{n},Имя {n}\n")).collect();
    let (_, job) = import(&product, "", format!("external_id,name\n{rows}")).await;
    let path = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    let (status, _) = product.call(Method::POST, &format!("{path}/cancel"), None).await;
    assert_eq!(status, StatusCode::OK);
    let job = ended(&product, &job).await;
    assert_eq!(job["state"], "cancelled");
    let stored = job["result"]["created"].as_u64().unwrap_or(0);
    assert!(stored < 20_000, "{job}");
    let (status, answer) = product.call(Method::POST, &format!("{path}/cancel"), None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("ended")));
}

#[tokio::test]
async fn a_table_whose_quote_is_never_closed_fails_and_says_where_and_what_was_stored() {
    let product = Product::start().await;
    let endless = "слово за словом, строка за строкой\n".repeat(300_000);
    let table = format!("name,phone\nНина,89125550142\nПётр,89125550143\n\"{endless}");
    for (query, stored) in [("?dry_run=true", 0), ("", 2)] {
        let (status, job) = import(&product, query, table.clone()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        let job = ended(&product, &job).await;
        assert_eq!((&job["state"], counts(&job["result"])), (&json!("failed"), [2, 2, 0, 0, 0]), "{job}");
        let words = job["error"].as_str().unwrap();
        assert!(words.contains("after row 3") && words.contains("quote"), "{words}");
        let contacts = product.get(&product.project("/contacts")).await;
        assert_eq!(contacts["items"].as_array().unwrap().len(), stored);
    }
    let (status, answer) = import(&product, "", format!("\"name,phone\n{endless}")).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unreadable")));
}

pub async fn exported(product: &Product) -> String {
    let url = product.url(&product.project("/contacts/export"));
    product.http.get(url).bearer_auth(&product.account.api_key).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn our_own_export_comes_back_to_the_clients_it_came_from() {
    let product = Product::start().await;
    product.post(&product.project("/fields"), json!({ "key": "note", "title": "Заметка", "kind": "long_text" })).await;
    let mut visitor = product.visitor().await;
    let said = json!({ "name": "Нина", "phone": "8 912 555-01-42", "note": "две\nстроки" });
    visitor.send(json!({ "type": "fields", "fields": said, "client_id": "c-1" })).await;
    let visitor_id = visitor.expect("fields").await["contact_id"].as_str().unwrap().to_owned();
    let fields = json!({ "name": "Пётр", "email": "p@x.example" });
    product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "k-1", "fields": fields }))
        .await;
    let table = exported(&product).await;
    for query in ["?dry_run=true", ""] {
        assert_eq!(counts(&imported(&product, query, &table).await), [2, 0, 0, 2, 0], "{query}");
    }
    let edited = table.replace("Нина", "Нина Ким");
    assert_eq!(counts(&imported(&product, "", &edited).await), [2, 0, 1, 1, 0]);
    let contact = product.get(&product.project(&format!("/contacts/{visitor_id}"))).await;
    assert_eq!((&contact["name"], &contact["channel"]), (&json!("Нина Ким"), &json!("site")));
    assert_eq!(product.get(&product.project("/contacts")).await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_row_that_names_no_client_of_this_project_is_refused() {
    let product = Product::start().await;
    let made = product.post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "k-1" })).await;
    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let foreign = product
        .post(
            &format!("/api/v1/projects/{}/contacts", other["id"].as_str().unwrap()),
            json!({ "channel": "api", "external_id": "k-2" }),
        )
        .await;
    let (own, foreign) = (made["id"].as_str().unwrap(), foreign["id"].as_str().unwrap());
    let table = format!("client,name\n{own},Нина\n{foreign},Пётр\nнет,Яна\n,Ася\n{own},Нина К\n");
    let mapping = "mapping=%7B%22client%22%3A%22id%22%2C%22name%22%3A%22name%22%7D";
    for query in [format!("?dry_run=true&{mapping}"), format!("?{mapping}")] {
        let result = imported(&product, &query, &table).await;
        assert_eq!(counts(&result), [5, 1, 2, 0, 2], "{query}");
        let reasons: Vec<_> = result["reasons"].as_array().unwrap().iter().map(|r| (&r["row"], &r["code"])).collect();
        assert_eq!(reasons, [(&json!(3), &json!("unknown_contact")), (&json!(4), &json!("unknown_contact"))]);
        assert_eq!(result["reasons"][0]["column"], "client");
    }
    assert_eq!(product.get(&product.project(&format!("/contacts/{own}"))).await["name"], "Нина К");
    // A column that is only called so names those it can: the rest of the row says who it is.
    let table = format!("external_id,id,name\nk-9,{foreign},Пётр\nk-8,17,Яна\n,{own},Нина\n");
    assert_eq!(counts(&imported(&product, "", &table).await), [3, 2, 1, 0, 0]);
}

#[tokio::test]
async fn jobs_of_a_project_are_listed_newest_first() {
    let product = Product::start().await;
    let (_, first) = import(&product, "?dry_run=true", "name\nНина\n").await;
    ended(&product, &first).await;
    let apply = json!({ "rules": [{ "fields": ["phone"] }] });
    let second = product.post(&product.project("/multi-contact-rules/apply"), apply).await;
    ended(&product, &second).await;
    let (_, third) = import(&product, "", "name\nНина\n").await;
    let third = ended(&product, &third).await;
    let list = |query: &'static str| {
        let product = &product;
        async move { product.get(&product.project(&format!("/jobs{query}"))).await }
    };
    let ids = |answer: &Value| answer["items"].as_array().unwrap().iter().map(|j| j["id"].clone()).collect::<Vec<_>>();
    let all = list("").await;
    assert_eq!(ids(&all), [&third["id"], &second["id"], &first["id"]].map(Clone::clone));
    assert_eq!((&all["items"][0], &all["next_cursor"]), (&third, &Value::Null));
    assert_eq!(ids(&list("?kind=import").await), [&third["id"], &first["id"]].map(Clone::clone));
    assert_eq!(ids(&list("?kind=apply_rules&state=done").await), [second["id"].clone()]);
    assert!(ids(&list("?state=running").await).is_empty());
    let mut walked = Vec::new();
    let mut page = list("?limit=1").await;
    loop {
        walked.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = product.get(&product.project(&format!("/jobs?limit=1&cursor={cursor}"))).await;
    }
    assert_eq!(walked, ids(&all));
    for wrong in ["state=asleep", "cursor=zz", "who=me", "limit=0"] {
        let (status, _) = product.call(Method::GET, &product.project(&format!("/jobs?{wrong}")), None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let path = format!("/api/v1/projects/{}/jobs", other["id"].as_str().unwrap());
    assert_eq!(product.get(&path).await["items"], json!([]));
}

#[tokio::test]
async fn a_claim_beside_a_stronger_value_is_kept_in_the_history_and_counted() {
    let product = Product::start().await;
    let fields = json!({ "name": "Мария", "contract": "ОПТ-1" });
    let made = product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "k-1", "fields": fields }))
        .await;
    let path = product.project(&format!("/contacts/{}", made["id"].as_str().unwrap()));
    let table = "external_id,name\nk-1,Маша\n";
    for query in ["?dry_run=true", "", ""] {
        let result = imported(&product, query, table).await;
        assert_eq!((counts(&result), &result["kept"]), ([1, 0, 0, 0, 0], &json!(1)), "{query}");
    }
    assert_eq!(product.get(&path).await["name"], "Мария");
    let history = product.get(&format!("{path}/fields/name/history")).await;
    let lines = history["items"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "the same claim again adds nothing: {history}");
    assert_eq!((&lines[0]["values"], &lines[0]["taken"]), (&json!(["Мария"]), &json!(true)));
    let claim = json!({ "what": "claimed", "taken": false, "values": ["Маша"], "source": "import" });
    for (key, value) in claim.as_object().unwrap() {
        assert_eq!(&lines[1][key], value, "{key}");
    }
    let same = imported(&product, "", "external_id,name,contract\nk-1,Мария,опт-1\n").await;
    assert_eq!((counts(&same), &same["kept"]), ([1, 0, 0, 1, 0], &json!(0)), "it says what stands");
    let partly = imported(&product, "", "external_id,name,email\nk-1,Маня,m@x.example\n").await;
    assert_eq!((counts(&partly), &partly["kept"]), ([1, 0, 1, 0, 0], &json!(0)));
    let history = product.get(&format!("{path}/fields/name/history")).await;
    assert_eq!(history["items"][1]["values"], json!(["Маня"]));
}
