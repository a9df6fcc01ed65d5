//! Documents of every kind of block.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A block of any type with settings that can be read, its exits led anywhere.
fn block(at: usize, kind: u8, number: u8) -> Value {
    let id = format!("b{at}");
    let target = format!("b{}", number % 12);
    let (kind, settings) = match kind % 14 {
        0 | 1 => ("message", json!({"text": "Скажите {{name}}"})),
        2 => (
            "message",
            json!({"text": "?", "wait": {"expect": "phone", "save_to": "phone", "error_text": "нет", "max_attempts": 2, "timeout": "PT30S"}}),
        ),
        3 => ("message", json!({"text": "?", "buttons": [{"id": "x", "label": "Да"}, {"id": "y", "label": "Нет"}]})),
        4 => ("message", json!({"text": "?", "wait": {"expect": "any", "collect": "PT5S", "save_to": "var.x"}})),
        5 => (
            "condition",
            json!({"branches": [{"id": "f", "all": [{"field": "phone", "op": "filled"}]}, {"id": "g", "any": [{"field": "var.x", "op": "eq", "value": "да"}]}]}),
        ),
        6 => ("delay", json!({"for": format!("PT{}S", number % 20), "cancel_on_reply": number.is_multiple_of(2)})),
        7 => ("set", json!({"field": "name", "value": "{{phone}}!"})),
        8 => ("http", json!({"request": "r", "url": "https://a.example/", "save": {"name": "n"}})),
        9 => ("transfer", json!({"timeout": "PT40S"})),
        10 => ("split", json!({"variants": [{"id": "v", "percent": 50}, {"id": "w", "percent": 50}]})),
        11 => ("jump", json!({"target": target})),
        12 => ("call", json!({"scenario": if number.is_multiple_of(3) { "main" } else { "sub" }})),
        _ => ("end", json!({})),
    };
    json!({"id": id, "type": kind, "settings": settings})
}

const EXITS: [&str; 18] = [
    "next",
    "correct",
    "incorrect",
    "timeout",
    "undelivered",
    "button:x",
    "f",
    "g",
    "else",
    "replied",
    "success",
    "error",
    "no_operator",
    "v",
    "w",
    "returned",
    "jump",
    "nonsense",
];

/// Any document of up to twelve blocks.
pub fn document() -> impl Strategy<Value = Value> {
    let blocks = proptest::collection::vec((any::<u8>(), any::<u8>()), 1..12);
    let edges = proptest::collection::vec((0_u8..12, 0..EXITS.len(), 0_u8..13), 0..40);
    (blocks, edges).prop_map(|(blocks, edges)| {
        let blocks: Vec<Value> = blocks.iter().enumerate().map(|(at, (kind, number))| block(at, *kind, *number)).collect();
        let edges: Vec<Value> = edges.iter().map(|(from, exit, to)| json!({"from": [format!("b{from}"), EXITS[*exit]], "to": format!("b{to}")})).collect();
        json!({"schema": 1, "launch": [{"kind": "menu_button", "to": "b0"}], "blocks": blocks, "edges": edges, "settings": {"step_limit": 30}})
    })
}
