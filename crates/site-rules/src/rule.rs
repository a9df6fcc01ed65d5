//! An auto-action, ready to be asked, and what its conditions answer.

use crate::address::Form;
use crate::check::{Check, Compare, Test};
use crate::clock;
use crate::document::{Conditions, Document, Group, Leaf, Member};
use crate::fact::{Kind, kind_of};
use crate::facts::Facts;
use crate::known::Known;
use crate::read::{Problem, problems};
use crate::text::matches;
use jiff::Zoned;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A document, ready to be asked many times.
#[derive(Debug, Clone)]
pub struct Rule {
    /// As it was saved.
    pub document: Document,
    /// What keeps it from holding for anybody: something that it names is gone.
    pub problems: Vec<Problem>,
    pub(crate) tree: Node,
    leaves: Vec<Ready>,
}

#[derive(Debug, Clone)]
struct Ready {
    path: String,
    leaf: Leaf,
    check: Option<Check>,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    /// The leaf with this number.
    Leaf(usize),
}

/// What conditions answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether they hold.
    pub holds: bool,
    /// Each leaf, in the order of the document.
    pub conditions: Vec<Line>,
}

/// What one leaf answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Where it stands: `all.0`, `all.1.any.2`.
    pub path: String,
    /// Its fact.
    pub fact: String,
    /// Its operator.
    pub op: crate::document::Op,
    /// Its value as it was saved.
    pub value: Value,
    /// What the fact is; `null` when it is unknown.
    pub actual: Value,
    /// Whether it holds.
    pub holds: bool,
}

impl Rule {
    /// Makes a document ready.
    #[must_use]
    pub fn of(document: Document, known: &Known) -> Self {
        let problems = problems(&document, known);
        let mut leaves = Leaves { known, ready: Vec::new() };
        let tree = match &document.conditions {
            Conditions::All(members) => Node::All(leaves.members("all", members)),
            Conditions::Any(members) => Node::Any(leaves.members("any", members)),
        };
        let leaves = leaves.ready;
        Self { document, problems, tree, leaves }
    }

    /// Asks the conditions. What is broken holds for nobody.
    #[must_use]
    pub fn verdict(&self, facts: &Facts, now: &Zoned) -> Verdict {
        let action = self.document.id.as_deref();
        let answers: Vec<bool> = self.leaves.iter().map(|ready| ready.holds(facts, now, action)).collect();
        let lines = self.leaves.iter().zip(&answers).map(|(ready, holds)| ready.line(*holds, facts, now, action));
        Verdict { holds: self.problems.is_empty() && self.tree.holds(&answers), conditions: lines.collect() }
    }

    /// Names of the facts that the conditions ask.
    #[must_use]
    pub fn facts(&self) -> BTreeSet<String> {
        self.leaves.iter().map(|ready| ready.leaf.fact.clone()).collect()
    }

    /// The conditions as the browser asks them; nothing of what is broken.
    pub(crate) fn compiled(&self, node: &Node) -> Option<Value> {
        let list = |nodes: &[Node]| nodes.iter().map(|node| self.compiled(node)).collect::<Option<Vec<_>>>();
        Some(match node {
            Node::All(nodes) => json!({ "all": list(nodes)? }),
            Node::Any(nodes) => json!({ "any": list(nodes)? }),
            Node::Leaf(number) => self.leaves.get(*number)?.check.as_ref()?.compiled(),
        })
    }
}

/// Leaves as they are met, in the order of the document.
struct Leaves<'k> {
    known: &'k Known,
    ready: Vec<Ready>,
}

impl Leaves<'_> {
    fn members(&mut self, path: &str, members: &[Member]) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (at, member) in members.iter().enumerate() {
            nodes.push(match member {
                Member::Leaf(leaf) => self.leaf(format!("{path}.{at}"), leaf),
                Member::Group(Group::All(leaves)) => Node::All(self.leaves(&format!("{path}.{at}.all"), leaves)),
                Member::Group(Group::Any(leaves)) => Node::Any(self.leaves(&format!("{path}.{at}.any"), leaves)),
            });
        }
        nodes
    }

    fn leaves(&mut self, path: &str, leaves: &[Leaf]) -> Vec<Node> {
        leaves.iter().enumerate().map(|(at, leaf)| self.leaf(format!("{path}.{at}"), leaf)).collect()
    }

    fn leaf(&mut self, path: String, leaf: &Leaf) -> Node {
        self.ready.push(Ready { path, leaf: leaf.clone(), check: Check::of(leaf, self.known).ok() });
        Node::Leaf(self.ready.len() - 1)
    }
}

/// Asks a document's conditions once.
#[must_use]
pub fn evaluate(document: &Document, facts: &Facts, now: &Zoned, known: &Known) -> Verdict {
    Rule::of(document.clone(), known).verdict(facts, now)
}

impl Node {
    fn holds(&self, answers: &[bool]) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(answers)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(answers)),
            Self::Leaf(number) => answers.get(*number).copied().unwrap_or_default(),
        }
    }
}

impl Ready {
    fn holds(&self, facts: &Facts, now: &Zoned, action: Option<&str>) -> bool {
        let Some(check) = &self.check else { return false };
        check.is_negative != check.test.holds(&check.fact, Form::default(), facts, now, action)
    }

    fn line(&self, holds: bool, facts: &Facts, now: &Zoned, action: Option<&str>) -> Line {
        let Leaf { fact, op, value } = self.leaf.clone();
        let actual = match kind_of(&fact) {
            Some(Kind::Clock) => json!(clock::shown(now)),
            _ => facts.actual(&fact, action),
        };
        Line { path: self.path.clone(), fact, op, value, actual, holds }
    }
}

impl Test {
    /// Whether one value in one of its readings passes. An unknown fact has none, so that nothing passes.
    fn holds(&self, fact: &str, form: Form, facts: &Facts, now: &Zoned, action: Option<&str>) -> bool {
        let one = |test: &dyn Fn(&str) -> bool| facts.texts(fact, form).iter().any(|text| test(text));
        match self {
            Self::Equals(values) => one(&|text| values.iter().any(|value| value == text)),
            Self::Contains(values) => one(&|text| values.iter().any(|value| text.contains(value.as_str()))),
            Self::Starts(values) => one(&|text| values.iter().any(|value| text.starts_with(value.as_str()))),
            Self::Ends(values) => one(&|text| values.iter().any(|value| text.ends_with(value.as_str()))),
            Self::Matches(pieces) => one(&|text| matches(text, pieces)),
            Self::Filled => one(&|_| true),
            Self::Language(tags) => one(&|text| tags.iter().any(|tag| speaks(text, tag))),
            Self::Number(compare, value) => {
                facts.numbers(fact, action).iter().any(|number| compare.holds(*number, *value))
            }
            Self::Flag(value) => facts.flag(fact) == Some(*value),
            Self::Within(span) => span.holds(now),
            Self::Address(form, test) => test.holds(fact, *form, facts, now, action),
            Self::Either(tests) => tests.iter().any(|test| test.holds(fact, form, facts, now, action)),
        }
    }
}

impl Compare {
    fn holds(self, number: f64, value: f64) -> bool {
        match self {
            Self::Equal => number == value,
            Self::AtLeast => number >= value,
            Self::AtMost => number <= value,
            Self::Below => number < value,
        }
    }
}

/// `ru` holds for `ru-ru`, `ru-ru` not for `ru`.
fn speaks(tag: &str, wanted: &str) -> bool {
    tag.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
