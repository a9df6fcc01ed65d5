//! Lists of clients: what narrows them, and the words they are searched with.

use harness::Product;
use serde_json::json;

#[tokio::test]
async fn a_phone_is_found_in_any_spelling_and_a_name_without_its_dots_wherever_people_look() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "здравствуйте").await;
    visitor.send(json!({ "type": "fields", "fields": { "phone": "8 (912) 555\u{2011}01\u{2011}42 доб. 3", "name": "Ёжов Пётр" } })).await;
    visitor.expect("fields").await;
    let lists = ["/contacts?q=", "/multi-contacts?q=", "/conversations?q="];
    for list in lists {
        for words in
            ["%2B79125550142", "8912555", "912%20555-01", "8%20912%20555.01.42", "Ежов", "ёжов%20петр", "Е\u{308}жов"]
        {
            let found = product.get(&product.project(&format!("{list}{words}"))).await;
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{list}{words}: {found}");
        }
        for words in ["79125550143", "Ёлкин"] {
            let found = product.get(&product.project(&format!("{list}{words}"))).await;
            assert_eq!(found["items"], json!([]), "{list}{words}");
        }
    }
}

#[tokio::test]
async fn lists_are_filtered_by_channel_tag_and_field() {
    let product = Product::start().await;
    let create =
        |name: &str, phone: &str| json!({ "channel": "api", "external_id": name, "fields": { "phone": phone } });
    product.post(&product.project("/contacts"), create("a", "8 912 555-01-42")).await;
    product.post(&product.project("/contacts"), create("b", "")).await;
    let found = |query: &'static str| {
        let product = &product;
        async move {
            let answer = product.get(&product.project(&format!("/contacts?{query}"))).await;
            answer["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["external_id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(found("channel=api").await.len(), 2);
    assert!(found("channel=telegram").await.is_empty());
    assert_eq!(found("field=phone").await, ["a"]);
    assert_eq!(found("field=phone&value=%2B79125550142").await, ["a"]);
    assert_eq!(found("field=phone&value=8%20(912)%20555-01-42").await, ["a"], "as rules compare");
    assert!(found("field=phone&value=8%20(912)%20555-01-43").await.is_empty());
    product.post(&product.project("/contacts"), create("c", "позвоните")).await;
    assert_eq!(found("field=phone&value=позвоните").await, ["c"], "what cannot match is compared as given");
    assert_eq!(found("field=phone").await, ["c", "a"]);
    assert!(found("field=email").await.is_empty());
    assert!(found("tag=vip").await.is_empty());
}
