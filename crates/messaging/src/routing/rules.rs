//! Which department a conversation is for: what is known of the client in, a department out. Pure.

use model::{ConnectionId, DepartmentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A rule: whoever meets all of its conditions is for this department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingRule)]
pub struct Rule {
    /// Where it leads.
    pub department_id: DepartmentId,
    /// All of them hold.
    pub when: Vec<Condition>,
}

/// One thing about a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RoutingCondition)]
pub enum Condition {
    /// The visitor's browser speaks it.
    Language {
        /// BCP 47; `en` stands for every English.
        language: String,
    },
    /// A field has this value.
    Field {
        /// Its key.
        field: String,
        /// Upper and lower case are alike.
        value: String,
    },
    /// The client came by this connection.
    Connection {
        /// Which.
        connection_id: ConnectionId,
    },
    /// The visitor is on such a page now.
    Page {
        /// What its address contains; upper and lower case are alike.
        contains: String,
    },
}

/// What is known of a client.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Of the browser, while the visitor is on the site.
    pub language: Option<String>,
    /// Address of the page, while the visitor is on the site.
    pub page: Option<String>,
    /// By which connection.
    pub connection: ConnectionId,
    /// Values by keys.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Condition {
    fn holds(&self, facts: &Facts) -> bool {
        let lower = |text: &str| text.trim().to_lowercase();
        match self {
            Self::Language { language } => facts.language.as_deref().is_some_and(|told| {
                let (told, wanted) = (lower(told), lower(language));
                told.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
            }),
            Self::Field { field, value } => {
                let wanted = lower(value);
                facts.fields.get(field).into_iter().flatten().any(|held| lower(held) == wanted)
            }
            Self::Connection { connection_id } => facts.connection == *connection_id,
            Self::Page { contains } => facts.page.as_deref().is_some_and(|page| lower(page).contains(&lower(contains))),
        }
    }
}

/// The department of the first rule that holds.
pub fn department_for(rules: &[Rule], facts: &Facts) -> Option<DepartmentId> {
    let held = rules.iter().find(|rule| rule.when.iter().all(|condition| condition.holds(facts)));
    held.map(|rule| rule.department_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            language: Some("en-US".into()),
            page: Some("https://shop.example/Delivery/moscow".into()),
            connection: ConnectionId::from_bits(1),
            fields: BTreeMap::from([("city".to_owned(), vec!["Москва".to_owned(), "Тула".to_owned()])]),
        }
    }

    fn rule(n: u128, when: Vec<Condition>) -> Rule {
        Rule { department_id: DepartmentId::from_bits(n), when }
    }

    #[test]
    fn the_first_rule_that_holds_whole_decides() {
        let language = |word: &str| Condition::Language { language: word.into() };
        let page = |word: &str| Condition::Page { contains: word.into() };
        let city = |word: &str| Condition::Field { field: "city".into(), value: word.into() };
        let rules = [
            rule(1, vec![language("en"), page("/prices")]),
            rule(2, vec![language("EN"), page("/delivery")]),
            rule(3, vec![Condition::Connection { connection_id: ConnectionId::from_bits(1) }]),
        ];
        assert_eq!(department_for(&rules, &facts()), Some(DepartmentId::from_bits(2)));
        let gone = Facts { language: None, page: None, ..facts() };
        assert_eq!(
            department_for(&rules, &gone),
            Some(DepartmentId::from_bits(3)),
            "who is not on the site speaks none"
        );
        assert_eq!(department_for(&[rule(1, vec![city("тула")])], &facts()), Some(DepartmentId::from_bits(1)));
        assert_eq!(department_for(&[rule(1, vec![city("Тверь")])], &facts()), None);
        assert_eq!(department_for(&[rule(1, vec![language("e")])], &facts()), None, "a part of a word is no language");
        assert_eq!(department_for(&[], &facts()), None);
    }
}
