//! The table of searches with what they find (`queries.txt`).

use crate::support::{hits, indexed, marked};
use harness::{Product, Socket};
use serde_json::json;
use std::collections::HashMap;

const TABLE: &str = include_str!("queries.txt");

fn lines(start: &str) -> Vec<Vec<&str>> {
    let own = TABLE.lines().filter_map(|line| line.strip_prefix(start));
    own.map(|line| line.split('|').map(str::trim).collect()).collect()
}

#[tokio::test]
async fn every_search_of_the_table_finds_what_it_says() {
    let product = Product::start().await;
    let mut clients: HashMap<&str, Socket> = HashMap::new();
    let mut names: HashMap<String, &str> = HashMap::new();
    for client in lines("CLIENT ") {
        let mut visitor = product.visitor().await;
        let fields = json!({ "name": client[1], "phone": client[2], "email": client[3] });
        visitor.send(json!({ "type": "fields", "fields": fields })).await;
        visitor.expect("fields").await;
        clients.insert(client[0], visitor);
    }
    for message in lines("MESSAGE ") {
        let said = clients.get_mut(message[1]).unwrap().say(message[0], message[2]).await;
        let id = said["id"].as_str().unwrap_or_else(|| panic!("{said}"));
        names.insert(id.to_owned(), message[0]);
        let owner = product.get(&product.project("/contacts")).await;
        let own = owner["items"].as_array().unwrap().iter().find(|contact| contact["name"] == name_of(message[1]));
        names.insert(own.unwrap()["id"].as_str().unwrap().to_owned(), message[1]);
    }
    indexed(&product).await;
    let mut wrong = Vec::new();
    let asked: Vec<(&str, &str, &str)> = TABLE.lines().filter_map(asked).collect();
    assert!(asked.len() >= 60, "{}", asked.len());
    for (sort, q, wanted) in asked {
        let kind = match sort {
            "m" => "message",
            "c" => "contact",
            _ => "conversation",
        };
        let found = hits(&product, &[("q", q), ("kinds", kind)]).await;
        let id = |hit: &serde_json::Value| {
            hit[if kind == "message" { "id" } else { "contact_id" }].as_str().unwrap().to_owned()
        };
        let ids: Vec<&str> = found.iter().map(|hit| names.get(&id(hit)).copied().unwrap_or("?")).collect();
        if ids.join(" ") != wanted {
            wrong.push(format!("{sort}: {q} => {} and not {wanted}", ids.join(" ")));
        }
        for hit in &found {
            assert!(!marked(hit).is_empty(), "{q}: {hit}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn name_of(client: &str) -> &'static str {
    lines("CLIENT ").into_iter().find(|line| line[0] == client).unwrap()[1]
}

fn asked(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (sort, rest) = line.split_once(": ").filter(|(sort, _)| ["m", "c", "v"].contains(sort))?;
    let (q, wanted) = rest.split_once("=>")?;
    Some((sort, q.trim(), wanted.trim()))
}
