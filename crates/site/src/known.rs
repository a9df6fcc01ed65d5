//! What buttons, suggests and auto-actions of a project may name, and why what they name may not work any more.

mod store;

use messaging::connections::{self, ConnectionStatus};
use messaging::fields;
use messaging::licences::{self, Feature};
use model::{ChannelKind, Cx, FieldKind, Invalid, ProjectId, Refusal, Result, ScenarioId};
use serde::Serialize;
use std::collections::HashMap;

/// Fields of a form at most.
const MOST_FIELDS: usize = 5;

/// Why something of a site cannot be shown, though it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SiteProblem)]
pub enum Problem {
    /// Its scenario was never published.
    ScenarioUnpublished,
    /// Its scenario was deleted.
    ScenarioGone,
    /// Scenarios run for test users only, as long as Premium is off.
    NoLicence,
    /// The project has no Telegram bot at work.
    ChannelOff,
    /// One of its fields was deleted.
    FieldGone,
}

/// What buttons of a project may name.
pub struct Known {
    /// Scenarios that are there, and whether they were published.
    scenarios: HashMap<ScenarioId, bool>,
    /// Its fields.
    pub fields: Vec<fields::Field>,
    /// It has a Telegram bot at work.
    pub has_telegram: bool,
    /// Scenarios run for everybody.
    runs_scenarios: bool,
}

impl Known {
    /// Of a project.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn load(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Self> {
        let scenarios = store::scenarios(cx.tx, cx.account, project).await?;
        let connections = connections::list(cx.tx, cx.account, project).await?;
        let is_bot = |c: &connections::Connection| {
            c.kind == ChannelKind::Telegram && c.status == ConnectionStatus::Active && !c.is_demo()
        };
        Ok(Self {
            scenarios: scenarios.into_iter().map(|(id, version)| (id, version > 0)).collect(),
            fields: fields::all(cx.tx, cx.account, project).await?,
            has_telegram: connections.iter().any(is_bot),
            runs_scenarios: licences::allows(cx, Feature::ScenarioRuns).await?,
        })
    }

    /// Why a scenario cannot be started by a visitor, if it cannot.
    pub fn scenario_problem(&self, id: &ScenarioId) -> Option<Problem> {
        match self.scenarios.get(id) {
            None => Some(Problem::ScenarioGone),
            Some(false) => Some(Problem::ScenarioUnpublished),
            Some(true) if !self.runs_scenarios => Some(Problem::NoLicence),
            Some(true) => None,
        }
    }

    /// Scenarios that a visitor may start.
    pub fn runnable(&self) -> impl Iterator<Item = &ScenarioId> {
        self.scenarios.iter().filter(|(_, is_published)| **is_published && self.runs_scenarios).map(|(id, _)| id)
    }

    /// Why a form of these fields cannot be shown, if it cannot.
    pub fn form_problem(&self, keys: &[String]) -> Option<Problem> {
        keys.iter().any(|key| self.field(key).is_none()).then_some(Problem::FieldGone)
    }

    /// A field by its key.
    pub fn field(&self, key: &str) -> Option<&fields::Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// A field that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteField {
    /// Key.
    pub key: String,
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: FieldKind,
    /// What may be chosen, where it is a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// The fields of a form, as a page is told of them.
pub(crate) fn form(known: &Known, keys: &[String]) -> Vec<SiteField> {
    let asked = keys.iter().filter_map(|key| known.field(key));
    let told = asked.map(|field| SiteField {
        key: field.key.clone(),
        title: field.title.clone(),
        kind: field.kind,
        options: field.options.clone(),
    });
    told.collect()
}

/// Refuses what is no form of this project.
///
/// # Errors
/// With the place of each wrong field.
pub(crate) fn check_form(known: &Known, keys: &[String]) -> Result<()> {
    if keys.is_empty() || keys.len() > MOST_FIELDS {
        return Err(Refusal::invalid("target.fields", "out_of_range", format!("1 to {MOST_FIELDS} fields")));
    }
    let mut problems = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let path = format!("target.fields.{place}");
        if known.field(key).is_none() {
            problems.push(Invalid::new(&path, "unknown_field", "there is no such field"));
        } else if keys[..place].contains(key) {
            problems.push(Invalid::new(&path, "repeated", "this field is asked for already"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
}

/// Sites take the new configuration, and whoever looks at these settings is told.
pub(crate) async fn site_changed(cx: &mut Cx<'_>, project: &ProjectId, resource: &str) -> Result<()> {
    store::raise_version(cx.tx, cx.account, project).await?;
    events::settings_changed(cx, project, resource).await
}
