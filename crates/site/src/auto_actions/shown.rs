//! What a page is told: the rules in a compact form, the suggests they show, and what is known of its own visitor.

use super::explain::{has_open_dialog, shown_to};
use super::project::{Project, facts_of, moment};
use super::{ready, store};
use crate::suggests::{self, SiteSuggest};
use model::{ContactId, Cx, ProjectId, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use site_rules::compile::CompiledRule;
use site_rules::{Facts, compile};
use std::collections::BTreeSet;

/// What every page of a site is told.
#[derive(Debug, Serialize)]
pub struct SiteRules {
    /// The project's clock, as `site_rules::Compiled` has it.
    pub zone: Vec<[i64; 2]>,
    /// Those that can act, whoever goes first first.
    pub rules: Vec<CompiledRule>,
    /// What they show.
    pub suggests: Vec<SiteSuggest>,
}

/// What a page is told of its visitor.
#[derive(Debug, Default, Serialize)]
pub struct OfVisitor {
    /// Fields and tags that a rule asks for, ready to be compared.
    pub facts: Map<String, Value>,
    /// What was shown, and when (RFC 3339).
    pub shown: Vec<SiteShown>,
    /// Whether a dialog is open.
    pub open_dialog: bool,
}

/// One that was shown.
#[derive(Debug, Serialize)]
pub struct SiteShown {
    /// Which.
    pub id: String,
    /// When.
    pub at: String,
}

/// Whether there is anything to load.
///
/// # Errors
/// When the storage fails.
pub async fn has_rules(cx: &mut Cx<'_>, project: &ProjectId) -> Result<bool> {
    store::has_any(cx.tx, cx.account, project).await
}

/// The rules of a site.
///
/// # Errors
/// When the storage fails.
pub async fn rules(cx: &mut Cx<'_>, project: &ProjectId) -> Result<SiteRules> {
    let about = Project::load(cx, project).await?;
    let compiled = compile(&ready(cx, project, &about).await?, &about.zone, moment(cx.env.now()));
    let suggests = suggests::of_site(cx, project).await?;
    Ok(SiteRules { zone: compiled.zone, rules: compiled.rules, suggests })
}

/// What the rules need to know of a visitor; nothing that none of them asks for is told.
///
/// # Errors
/// When the storage fails.
pub async fn of_visitor(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    visitor: &str,
    contact: Option<&ContactId>,
) -> Result<OfVisitor> {
    let shown = shown_to(cx, project, visitor).await?;
    let shown = shown.into_iter().map(|shown| SiteShown { id: shown.id, at: shown.at.to_string() }).collect();
    let Some(contact) = contact else { return Ok(OfVisitor { shown, ..OfVisitor::default() }) };
    let about = Project::load(cx, project).await?;
    let asked: BTreeSet<String> = ready(cx, project, &about).await?.iter().flat_map(site_rules::Rule::facts).collect();
    let held = Facts::read(&facts_of(cx, contact).await?, &about.known).unwrap_or_default();
    let open_dialog = has_open_dialog(cx, contact).await?;
    Ok(OfVisitor { facts: held.for_browser(&asked), shown, open_dialog })
}
