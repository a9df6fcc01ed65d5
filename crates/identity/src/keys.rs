//! Rules and the keys they give a contact (R11-R13, rulings 25, 26, 30, 37).
//!
//! A key is one rule applied to one contact: the tuple of its normalised values. Two contacts with the same key are
//! joined by the rule, unless a guard suspends the key.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// How many combinations of values one rule uses per contact (ruling 30).
pub const MAX_COMBINATIONS: usize = 16;

/// What a rule does with a pair it finds (ruling 37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Joins the pair.
    #[default]
    AtOnce,
    /// Only proposes the pair to the operator.
    Suggest,
}

/// The hub limit of one rule (ruling 37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubLimit {
    /// The project's limit.
    #[default]
    Project,
    /// No limit.
    Off,
    /// Keys with more live contacts than this link nobody.
    At(u32),
}

/// One line of the list of rules (R10-R15, ruling 37).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// The name the caller chose; unique in the project.
    pub key: String,
    /// Field keys; all must coincide (R12). Order and repetition do not matter.
    pub fields: Vec<String>,
    /// Place in the list; decides ties.
    pub position: i64,
    /// A disabled rule has no effect.
    pub enabled: bool,
    /// Only verified values count (ruling 35).
    pub verified_only: bool,
    /// Joins or only proposes.
    pub mode: Mode,
    /// Own hub limit.
    pub hub_limit: HubLimit,
}

impl Rule {
    /// An enabled rule that joins at once, without limits of its own.
    #[must_use]
    pub fn new(key: &str, fields: &[&str], position: i64) -> Self {
        Self {
            key: key.to_owned(),
            fields: fields.iter().map(|&f| f.to_owned()).collect(),
            position,
            enabled: true,
            verified_only: false,
            mode: Mode::AtOnce,
            hub_limit: HubLimit::Project,
        }
    }

    /// Whether keys of the rule join contacts: enabled and at once (rulings 25, 37).
    #[must_use]
    pub fn joins(&self) -> bool {
        self.enabled && self.mode == Mode::AtOnce
    }

    /// The hub limit in force, given the project's (ruling 37).
    #[must_use]
    pub fn limit(&self, project: Option<u32>) -> Option<u32> {
        match self.hub_limit {
            HubLimit::Project => project,
            HubLimit::Off => None,
            HubLimit::At(limit) => Some(limit),
        }
    }

    /// The fields in the order in which keys list their values.
    #[must_use]
    pub fn key_fields(&self) -> Vec<&str> {
        let unique: BTreeSet<&str> = self.fields.iter().map(String::as_str).collect();
        unique.into_iter().collect()
    }

    /// Order of the list of rules: position, then key.
    #[must_use]
    pub fn cmp_place(&self, other: &Self) -> Ordering {
        self.position.cmp(&other.position).then_with(|| self.key.cmp(&other.key))
    }
}

/// A usable value of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Value {
    /// Normalised text.
    pub norm: String,
    /// Attested by a provider, a signed token, an operator or an API key (ruling 35).
    pub verified: bool,
}

/// The usable values of one contact by field key.
pub type Values = BTreeMap<String, Vec<Value>>;

/// (field key, normalised value) pairs: the block list or the allow list (ruling 26).
pub type ValueSet = BTreeSet<(String, String)>;

/// One rule applied to one contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleKey {
    /// Key of the rule.
    pub rule: String,
    /// 32 hex digits: the first half of the SHA-256 of `text`. Visitors choose values, so a fast hash would not do.
    pub hash: String,
    /// The values with their lengths, as `12:+79123456789,6:x@y.ru,`; see [`parse_key_text`].
    pub text: String,
}

impl RuleKey {
    /// The key of a rule for one tuple of values in the order of [`Rule::key_fields`].
    #[must_use]
    pub fn new(rule: &str, values: &[&str]) -> Self {
        let text = text_of(values);
        let hash = hash_hex(hash_of(&text));
        Self { rule: rule.to_owned(), hash, text }
    }

    /// The values in the order of [`Rule::key_fields`].
    #[must_use]
    pub fn values(&self) -> Vec<&str> {
        parse_key_text(&self.text).unwrap_or_default()
    }

    /// Order of keys in ties: by values (ruling 27).
    #[must_use]
    pub fn cmp_text(&self, other: &Self) -> Ordering {
        self.values().cmp(&other.values())
    }
}

fn text_of(values: &[&str]) -> String {
    let mut text = String::with_capacity(values.iter().map(|value| value.len() + 5).sum());
    for value in values {
        text.push_str(&value.len().to_string());
        text.push(':');
        text.push_str(value);
        text.push(',');
    }
    text
}

fn hash_of(text: &str) -> u128 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// The hash of a key as [`RuleKey::hash`] spells it.
#[must_use]
pub fn hash_hex(hash: u128) -> String {
    format!("{hash:032x}")
}

/// The values inside a key text; `None` if it is not one.
#[must_use]
pub fn parse_key_text(text: &str) -> Option<Vec<&str>> {
    let mut values = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (length, tail) = rest.split_once(':')?;
        let length: usize = length.parse().ok()?;
        let value = tail.get(..length)?;
        rest = tail[length..].strip_prefix(',')?;
        values.push(value);
    }
    Some(values)
}

/// The keys one rule gives a contact, in order of their values: one per combination, the first 16 (ruling 30). Blocked
/// values act as empty (ruling 26), unverified ones too where the rule says so. None when any field is empty (R6, R12).
///
/// Keys do not depend on `enabled` or `mode`, so a caller may keep them while a rule is switched off.
#[must_use]
pub fn rule_keys(rule: &Rule, values: &Values, blocked: &ValueSet) -> Vec<RuleKey> {
    tuples(rule, values, blocked).iter().map(|tuple| RuleKey::new(&rule.key, tuple)).collect()
}

/// One of those keys in passing: nothing of it is kept.
#[derive(Clone, Copy, Debug)]
pub struct PassingKey<'k> {
    /// [`RuleKey::hash`] as bits.
    pub hash: u128,
    /// [`RuleKey::text`].
    pub text: &'k str,
    /// [`RuleKey::values`].
    pub values: &'k [&'k str],
}

/// Those keys one after the other, for whole projects.
pub fn each_rule_key(rule: &Rule, values: &Values, blocked: &ValueSet, mut take: impl FnMut(PassingKey<'_>)) {
    let mut pass = |values: &[&str]| {
        let text = text_of(values);
        take(PassingKey { hash: hash_of(&text), text: &text, values });
    };
    // One value of one field is what nearly every contact has.
    if let [field] = rule.fields.as_slice() {
        match values.get(field).map(Vec::as_slice).unwrap_or_default() {
            [] => return,
            [value] if !is_usable(rule, field, value, blocked) => return,
            [value] => return pass(&[&value.norm]),
            _ => {}
        }
    }
    tuples(rule, values, blocked).iter().for_each(|tuple| pass(tuple));
}

fn is_usable(rule: &Rule, field: &str, value: &Value, blocked: &ValueSet) -> bool {
    let is_blocked = || blocked.contains(&(field.to_owned(), value.norm.clone()));
    (value.verified || !rule.verified_only) && (blocked.is_empty() || !is_blocked())
}

fn tuples<'v>(rule: &Rule, values: &'v Values, blocked: &ValueSet) -> Vec<Vec<&'v str>> {
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for field in rule.key_fields() {
        let held = values.get(field).map(Vec::as_slice).unwrap_or_default();
        let column: BTreeSet<&str> = held
            .iter()
            .filter(|value| is_usable(rule, field, value, blocked))
            .map(|value| value.norm.as_str())
            .collect();
        columns.push(column.into_iter().collect());
    }
    combinations(&columns)
}

/// The first 16 tuples of sorted columns, in order, the last column turning fastest. None if a column is empty.
pub(crate) fn combinations<T: Copy>(columns: &[Vec<T>]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    if columns.is_empty() || columns.iter().any(Vec::is_empty) {
        return found;
    }
    let mut at = vec![0usize; columns.len()];
    while found.len() < MAX_COMBINATIONS {
        found.push(at.iter().zip(columns).map(|(&i, column)| column[i]).collect());
        let Some(turn) = (0..columns.len()).rev().find(|&i| at[i] + 1 < columns[i].len()) else { break };
        at[turn] += 1;
        at[turn + 1..].fill(0);
    }
    found
}

/// Whether a key holds an allowed value, which exempts it from the hub limit (ruling 26).
#[must_use]
pub fn is_exempt(rule: &Rule, key: &RuleKey, allowed: &ValueSet) -> bool {
    !allowed.is_empty() && holds_allowed(rule, &key.values(), allowed)
}

/// Whether a tuple of values, in the order of [`Rule::key_fields`], holds an allowed one.
#[must_use]
pub fn holds_allowed(rule: &Rule, values: &[&str], allowed: &ValueSet) -> bool {
    if allowed.is_empty() {
        return false;
    }
    let mut pairs = rule.key_fields().into_iter().zip(values);
    pairs.any(|(field, value)| allowed.contains(&(field.to_owned(), (*value).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&str, &[&str])]) -> Values {
        let value = |norm: &&str| Value { norm: (*norm).to_owned(), verified: !norm.starts_with('u') };
        list.iter().map(|(field, norms)| ((*field).to_owned(), norms.iter().map(value).collect())).collect()
    }

    fn texts(rule: &Rule, values: &Values) -> Vec<String> {
        rule_keys(rule, values, &ValueSet::new()).into_iter().map(|key| key.text).collect()
    }

    #[test]
    fn one_key_per_combination_in_order() {
        let rule = Rule::new("r", &["b", "a"], 0);
        let held = values(&[("a", &["2", "1"]), ("b", &["y", "x", "x"])]);
        assert_eq!(texts(&rule, &held), ["1:1,1:x,", "1:1,1:y,", "1:2,1:x,", "1:2,1:y,"]);
    }

    #[test]
    fn an_empty_field_gives_no_key() {
        let rule = Rule::new("r", &["a", "b"], 0);
        assert!(texts(&rule, &values(&[("a", &["1"])])).is_empty());
        assert!(texts(&rule, &values(&[("a", &["1"]), ("b", &[])])).is_empty());
        assert!(texts(&Rule::new("r", &[], 0), &values(&[("a", &["1"])])).is_empty());
    }

    #[test]
    fn sixteen_combinations_at_most() {
        let rule = Rule::new("r", &["a", "b"], 0);
        let held = values(&[("a", &["1", "2", "3", "4", "5"]), ("b", &["1", "2", "3", "4", "5"])]);
        let found = texts(&rule, &held);
        assert_eq!(found.len(), 16);
        assert_eq!(found.last().map(String::as_str), Some("1:4,1:1,"));
    }

    #[test]
    fn length_prefix_keeps_tuples_apart() {
        assert_ne!(RuleKey::new("r", &["ab", "c"]).hash, RuleKey::new("r", &["a", "bc"]).hash);
        assert_ne!(RuleKey::new("r", &["a,1:b"]).text, RuleKey::new("r", &["a", "b"]).text);
        assert_eq!(RuleKey::new("r", &["я,1:", ""]).values(), ["я,1:", ""]);
        assert_eq!(RuleKey::new("r", &["a"]).hash.len(), 32);
        assert_eq!(parse_key_text("5:abc,"), None);
        assert_eq!(parse_key_text("1:я,"), None);
    }

    #[test]
    fn passing_keys_are_the_keys() {
        let held = values(&[("a", &["2", "1"]), ("b", &["y", "x"]), ("c", &["v8"]), ("d", &["u9"])]);
        let blocked = ValueSet::from([("b".to_owned(), "x".to_owned())]);
        for fields in [&["b", "a"][..], &["a"], &["b"], &["c"], &["d"], &["e"], &["c", "d"]] {
            for verified_only in [false, true] {
                let rule = Rule { verified_only, ..Rule::new("r", fields, 0) };
                let mut found = Vec::new();
                each_rule_key(&rule, &held, &blocked, |key| {
                    let made = RuleKey { rule: "r".into(), hash: hash_hex(key.hash), text: key.text.to_owned() };
                    assert_eq!(made.values(), key.values);
                    found.push(made);
                });
                assert_eq!(found, rule_keys(&rule, &held, &blocked), "{fields:?}");
            }
        }
    }

    #[test]
    fn blocked_and_unverified_values_act_as_empty() {
        let mut rule = Rule::new("r", &["a"], 0);
        let held = values(&[("a", &["u1", "v2"])]);
        let blocked = ValueSet::from([("a".to_owned(), "v2".to_owned())]);
        assert_eq!(rule_keys(&rule, &held, &blocked).len(), 1);
        rule.verified_only = true;
        assert_eq!(texts(&rule, &held), ["2:v2,"]);
        assert!(rule_keys(&rule, &held, &blocked).is_empty());
    }

    #[test]
    fn an_allowed_value_exempts_in_its_own_field_only() {
        let rule = Rule::new("r", &["b", "a"], 0);
        let key = RuleKey::new("r", &["1", "2"]);
        let allowed = |field: &str, value: &str| ValueSet::from([(field.to_owned(), value.to_owned())]);
        assert!(is_exempt(&rule, &key, &allowed("a", "1")));
        assert!(is_exempt(&rule, &key, &allowed("b", "2")));
        assert!(!is_exempt(&rule, &key, &allowed("b", "1")));
        assert!(!is_exempt(&rule, &key, &ValueSet::new()));
    }

    #[test]
    fn ties_follow_values_not_their_lengths() {
        assert_eq!(RuleKey::new("r", &["10"]).cmp_text(&RuleKey::new("r", &["9"])), Ordering::Less);
        assert_eq!(RuleKey::new("r", &["aaaaaaaaaa"]).cmp_text(&RuleKey::new("r", &["b"])), Ordering::Less);
    }
}
