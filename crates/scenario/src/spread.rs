//! Bodies of requests with values in them: in JSON each value stays inside its text, whatever it holds.

use crate::facts::Lookup;
use crate::template::Template;
use serde_json::{Map, Value};

/// A body taken apart at its `{{ }}`.
#[derive(Debug)]
pub(crate) enum Spread {
    /// Text as it is.
    Text(Template),
    /// JSON.
    Json(Json),
}

#[derive(Debug)]
pub(crate) enum Json {
    Text(Template),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    Plain(Value),
}

impl Spread {
    /// A body of a document: a text that is JSON, or JSON itself, or any other text.
    pub fn of(body: &Value) -> Self {
        let Value::String(text) = body else { return Self::Json(Json::of(body)) };
        match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => Self::Json(Json::of(&json)),
            _ => Self::Text(Template::parse(text)),
        }
    }

    /// The keys it names.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.keys().collect(),
            Self::Json(json) => json.keys(),
        }
    }

    /// With values in their places, and whether it is JSON.
    pub fn expand(&self, from: &impl Lookup) -> (String, bool) {
        match self {
            Self::Text(text) => (text.expand(from).into_owned(), false),
            Self::Json(json) => (json.expand(from).to_string(), true),
        }
    }
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(Template::parse(text)),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => Self::Object(map.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect()),
            other => Self::Plain(other.clone()),
        }
    }

    fn keys(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.keys().collect(),
            Self::List(items) => items.iter().flat_map(Self::keys).collect(),
            Self::Object(map) => map.iter().flat_map(|(_, value)| value.keys()).collect(),
            Self::Plain(_) => Vec::new(),
        }
    }

    fn expand(&self, from: &impl Lookup) -> Value {
        match self {
            Self::Text(text) => Value::String(text.expand(from).into_owned()),
            Self::List(items) => Value::Array(items.iter().map(|item| item.expand(from)).collect()),
            Self::Object(map) => {
                let pairs = map.iter().map(|(key, value)| (key.clone(), value.expand(from)));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            Self::Plain(value) => value.clone(),
        }
    }
}

/// The value that a path (`order.items.0.name`) leads to, as text; `None` when nothing is there (ruling 54).
pub(crate) fn value_at(body: &Value, path: &[String]) -> Option<String> {
    let mut here = body;
    for step in path {
        here = match here {
            Value::Object(map) => map.get(step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    crate::graph::plain(here)
}

#[cfg(test)]
mod tests {
    use super::{Spread, value_at};
    use serde_json::json;

    #[test]
    fn a_value_cannot_leave_its_text_in_json() {
        let from = |_: &str| Some("\", \"admin\": true, \"x\": \"".to_owned());
        let (body, is_json) = Spread::of(&json!("{\"name\": \"{{name}}\", \"n\": 1}")).expand(&from);
        assert!(is_json);
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read, json!({"name": "\", \"admin\": true, \"x\": \"", "n": 1}));
    }

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let body = json!({"order": {"items": [{"name": "лампа", "price": 5}]}});
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(value_at(&body, &path("order.items.0.name")), Some("лампа".to_owned()));
        assert_eq!(value_at(&body, &path("order.items.0.price")), Some("5".to_owned()));
        assert_eq!(value_at(&body, &path("order.nothing")), None);
    }
}
