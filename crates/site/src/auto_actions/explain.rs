//! Which auto-action would act, and what stops each of the others (section 4 of `site.md`). Nothing is stored.

use super::project::{Project, facts_of, moment};
use super::{ready, refused, store};
use jiff::Timestamp;
use messaging::contacts;
use messaging::conversations;
use model::{ChannelKind, ContactId, Cx, ProjectId, Refusal, Result, VisitorId, VisitorNow};
use serde::Deserialize;
use serde_json::{Map, Value};
use site_rules::{Facts, Item, Rule, Shown, Situation, choose};

/// A dialog is open for so long after its last message.
pub(super) const OPEN_FOR_MS: i64 = 30 * 60 * 1000;

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExplainAutoActions)]
pub struct Asking {
    /// The moment, RFC 3339; now unless told.
    #[serde(default)]
    at: Option<String>,
    /// A contact of the site, a visitor who is there now, or what a visitor is known by: their facts, limits and open dialog are taken.
    #[serde(default)]
    pub(crate) visitor_id: Option<String>,
    /// Facts by their names; they stand above the visitor's own.
    #[serde(default)]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
    /// Whether a dialog is open.
    #[serde(default)]
    open_dialog: Option<bool>,
    /// Documents to be asked; the project's own unless told.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    auto_actions: Option<Vec<Value>>,
}

impl Asking {
    /// What a page knows, and who looks at it.
    pub(super) fn of_page(visitor_id: Option<String>, facts: Map<String, Value>) -> Self {
        Self { visitor_id, facts, ..Self::default() }
    }
}

/// A visitor as the server knows him.
pub(super) struct Known {
    pub visitor: String,
    pub contact: Option<ContactId>,
}

/// What the page of a visitor who is there tells, as facts. How long and how far somebody looks at it is known to the page alone.
fn facts_of_page(here: VisitorNow) -> Map<String, Value> {
    let mut facts = Map::new();
    if let Some(page) = here.page() {
        facts.insert("page_url".to_owned(), page.url.clone().into());
        facts.insert("page_title".to_owned(), page.title.clone().into());
    }
    facts.insert("pages_viewed".to_owned(), here.pages.into());
    facts.insert("visits".to_owned(), here.visits.into());
    facts.insert("returning".to_owned(), (here.visits > 1).into());
    let told =
        [("referrer", here.referrer), ("device", here.device), ("language", here.language), ("country", here.country)];
    facts.extend(told.into_iter().filter_map(|(fact, value)| Some((fact.to_owned(), value?.into()))));
    facts.extend(here.utm.into_iter().map(|(name, value)| (format!("utm_{name}"), value.into())));
    facts
}

/// Answers for each auto-action whether it fires, whether it is the one that acts, and what stopped it.
///
/// # Errors
/// For a moment, fact or document of the wrong form; when there is no such visitor.
pub async fn explain(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    asking: Asking,
    here: Option<VisitorNow>,
) -> Result<Vec<Item>> {
    let about = Project::load(cx, project).await?;
    let now = match &asking.at {
        None => about.clock(cx.env.now()),
        Some(text) => {
            let at: Timestamp =
                text.parse().map_err(|_| Refusal::invalid("at", "wrong_form", "a moment like 2026-11-28T12:00:00Z"))?;
            at.to_zoned(about.zone.clone())
        }
    };
    let known = match &asking.visitor_id {
        Some(id) => Some(visitor(cx, project, id).await?),
        None => None,
    };
    let mut facts = here.map(facts_of_page).unwrap_or_default();
    let (mut shown, mut open_dialog) = (Vec::new(), false);
    if let Some(known) = &known {
        shown = shown_to(cx, project, &known.visitor).await?;
        if let Some(contact) = &known.contact {
            facts.extend(facts_of(cx, contact).await?);
            open_dialog = has_open_dialog(cx, contact).await?;
        }
    }
    facts.extend(asking.facts);
    let rules = match asking.auto_actions {
        None => ready(cx, project, &about).await?,
        Some(documents) => read_all(&documents, &about)?,
    };
    let facts = Facts::read(&facts, &about.known).map_err(|problems| refused("facts", problems))?.with_page();
    let facts = match known {
        Some(known) => facts.of_visitor(known.visitor),
        None => facts,
    };
    let open_dialog = asking.open_dialog.unwrap_or(open_dialog);
    let situation = Situation { now: &now, start: None, open_dialog, visit_since: None, shown: &shown };
    Ok(choose(&rules, &facts, &situation))
}

fn read_all(documents: &[Value], about: &Project) -> Result<Vec<Rule>> {
    let read = |(at, document): (usize, &Value)| {
        let read = site_rules::read(document, &about.known);
        read.map_err(|problems| refused(&format!("auto_actions.{at}"), problems))
    };
    let documents = documents.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
    Ok(documents.into_iter().map(|document| Rule::of(document, &about.known)).collect())
}

async fn visitor(cx: &mut Cx<'_>, project: &ProjectId, id: &str) -> Result<Known> {
    if let Ok(contact) = id.parse::<ContactId>() {
        let found = contacts::get_in(cx.tx, cx.account, project, &contact).await?;
        return Ok(Known { visitor: found.external_id, contact: Some(contact) });
    }
    let id = id.parse::<VisitorId>().map_or_else(|_| id.to_owned(), |now| format!("{:032x}", now.bits()));
    let site = messaging::connections::of_kind(cx.tx, cx.account, project, ChannelKind::Site).await?;
    let contact = contacts::find(cx.tx, cx.account, &site.id, &id).await?;
    Ok(Known { visitor: id, contact })
}

pub(super) async fn shown_to(cx: &mut Cx<'_>, project: &ProjectId, visitor: &str) -> Result<Vec<Shown>> {
    let shown = store::shown_to(cx.tx, cx.account, project, visitor).await?;
    Ok(shown.into_iter().map(|(id, at)| Shown { id: id.to_string(), at: moment(model::Timestamp(at)) }).collect())
}

/// A conversation that is not closed, with a message of the client or an operator in the last half hour.
pub(super) async fn has_open_dialog(cx: &mut Cx<'_>, contact: &ContactId) -> Result<bool> {
    let Some(place) = conversations::open_place(cx.tx, cx.account, contact).await? else { return Ok(false) };
    let since = cx.env.now().plus_ms(-OPEN_FOR_MS);
    messaging::messages::is_dialog_since(cx.tx, cx.account, &place.conversation_id, since).await
}
