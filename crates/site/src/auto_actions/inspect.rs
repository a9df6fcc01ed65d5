//! The checker live in a page: an administrator opens the site by a link that shows which auto-action acts there now, and what stops each
//! other one (R77, «Почему не показано» where it happens). The link is good for an hour and for one project.

use super::explain::{Asking, explain};
use super::store;
use model::{Cx, Env, ProjectId, Refusal, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use site_rules::Item;
use std::collections::HashMap;

const PURPOSE: &str = "inspect";
const GOOD_FOR_MS: i64 = 60 * 60 * 1000;
/// What the widget looks for in a page's address.
const MARK: &str = "otklik-inspect";

/// A link with the checker in it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = InspectLink)]
pub struct Link {
    /// The page with the pass behind `#`: it is sent to no server of the site's.
    pub url: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// What a page asks for its inspector.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    /// From the link.
    pub pass: String,
    /// What the page knows.
    #[serde(default)]
    pub facts: Map<String, Value>,
}

/// One auto-action as the inspector shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Inspected {
    /// Its title.
    title: String,
    #[serde(flatten)]
    item: Item,
}

/// A link to a page with the inspector open.
///
/// # Errors
/// For an address that is no page of the web.
pub fn link(env: &Env, project: &ProjectId, url: &str) -> Result<Link> {
    let page = url.split('#').next().unwrap_or_default().trim();
    let is_page = ["https://", "http://"].iter().any(|scheme| page.starts_with(scheme) && page.len() > scheme.len());
    if !is_page || page.len() > 2_000 || page.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refusal::invalid("url", "wrong_form", "the address of a page: https://shop.example/"));
    }
    let until = env.now().plus_ms(GOOD_FOR_MS);
    let pass = format!("{}.{}", until.0, env.vault().mark(PURPOSE, &marked(project, until)));
    Ok(Link { url: format!("{page}#{MARK}={pass}"), until })
}

/// What each auto-action of the project does for the visitor of a page now.
///
/// # Errors
/// `inspect_ended` for a pass that is not good any more, or never was; for facts of the wrong form.
pub async fn look(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    visitor: Option<String>,
    looking: Looking,
) -> Result<Vec<Inspected>> {
    refuse_pass(cx.env, project, &looking.pass)?;
    let mut facts = looking.facts;
    facts.insert("operators_online".to_owned(), json!(cx.env.has_operators(cx.account, project)));
    let items = explain(cx, project, Asking::of_page(visitor, facts), None).await?;
    let stored = store::all(cx.tx, cx.account, project).await?;
    let mut titles: HashMap<String, String> =
        stored.into_iter().map(|one| (one.id.to_string(), one.document.title)).collect();
    let named =
        |item: Item| Inspected { title: item.id.as_ref().and_then(|id| titles.remove(id)).unwrap_or_default(), item };
    Ok(items.into_iter().map(named).collect())
}

fn refuse_pass(env: &Env, project: &ProjectId, pass: &str) -> Result<()> {
    let until = pass.split_once('.').and_then(|(until, mark)| {
        let until = Timestamp(until.parse().ok()?);
        env.vault().is_marked(PURPOSE, &marked(project, until), mark).then_some(until)
    });
    match until {
        Some(until) if until > env.now() => Ok(()),
        _ => {
            let detail = "the link to the inspector is not good any more: make another one in the settings".to_owned();
            Err(Refusal::Conflict { code: "inspect_ended", detail })
        }
    }
}

fn marked(project: &ProjectId, until: Timestamp) -> String {
    format!("{project} {}", until.0)
}
