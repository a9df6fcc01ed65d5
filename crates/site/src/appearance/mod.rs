//! How a site looks (Внешний вид, R69): what is edited is a draft, and the site takes what is published. Menu buttons are part of both.

mod store;

use crate::known;
use crate::menu_buttons::{self, Unpublished};
use crate::text::Label;
use accounts::Appearance;
use model::{Cx, MenuButtonId, ProjectId, Refusal, Result, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

/// What the event of a change calls it.
const RESOURCE: &str = "appearance";

/// The appearance of a project: what the site has, and what is edited.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AppearanceDraft)]
pub struct Draft {
    /// What the site has.
    pub published: Appearance,
    /// What is edited; as `published` when nothing is.
    pub draft: Appearance,
    /// Grows with every saving: a saving names the one it was made from.
    pub version: i64,
    /// What of the draft and of the menu buttons is not on the site yet.
    pub changes: Vec<Change>,
    /// When the last draft was published; none before the first.
    pub published_at: Option<Timestamp>,
    /// Who did it.
    pub published_by: Option<String>,
}

/// Something that is not on the site yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
#[schema(as = AppearanceChange)]
pub enum Change {
    /// Of the appearance.
    Appearance {
        /// Its member.
        path: String,
    },
    /// Of a menu button.
    MenuButton {
        /// Which.
        id: MenuButtonId,
        /// What it says.
        label: Label,
        /// What is done with it.
        change: Unpublished,
    },
}

/// The draft of a project beside what its site has.
///
/// # Errors
/// When the storage fails.
pub async fn get(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Draft> {
    let published = accounts::get_project(cx.tx, cx.account, project).await?.appearance;
    let stored = store::get(cx.tx, cx.account, project).await?.unwrap_or_default();
    let draft = stored.document.unwrap_or_else(|| published.clone());
    let mut changes = changed_members(&published, &draft)?;
    for button in menu_buttons::list(cx, project).await? {
        if let Some(change) = button.change {
            changes.push(Change::MenuButton { id: button.id, label: button.settings.label, change });
        }
    }
    Ok(Draft {
        published: published.shown(),
        draft: draft.shown(),
        version: stored.version,
        changes,
        published_at: stored.published_at,
        published_by: stored.published_by,
    })
}

fn changed_members(published: &Appearance, draft: &Appearance) -> Result<Vec<Change>> {
    let members = |appearance: &Appearance| -> Result<Map<String, Value>> {
        let whole = serde_json::to_value(appearance).and_then(serde_json::from_value);
        whole.map_err(|error| Refusal::stored(&error))
    };
    let (published, draft) = (members(published)?, members(draft)?);
    let differ = draft.into_iter().filter(|(name, value)| published.get(name) != Some(value));
    Ok(differ.map(|(path, _)| Change::Appearance { path }).collect())
}

/// Saves the draft over the version that its editor knows.
///
/// # Errors
/// For what would break a site; `draft_changed` when somebody has saved since.
pub async fn save(cx: &mut Cx<'_>, project: &ProjectId, draft: Appearance, version: i64) -> Result<Draft> {
    events::lock(cx.tx, cx.account).await?;
    refuse_changed(cx, project, version).await?;
    let draft = draft.checked(cx, project, "draft").await?;
    store::save(cx, project, &draft).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    get(cx, project).await
}

/// The site takes the draft, and its menu buttons as they are edited.
///
/// # Errors
/// `draft_changed` when somebody has saved since; when a field or a picture of the draft is gone.
pub async fn publish(cx: &mut Cx<'_>, project: &ProjectId, version: Option<i64>, by: &str) -> Result<Draft> {
    events::lock(cx.tx, cx.account).await?;
    if let Some(version) = version {
        refuse_changed(cx, project, version).await?;
    }
    let stored = store::get(cx.tx, cx.account, project).await?.unwrap_or_default();
    if let Some(draft) = stored.document {
        accounts::publish_appearance(cx, project, draft).await?;
    }
    menu_buttons::publish(cx, project).await?;
    store::published(cx, project, by).await?;
    known::site_changed(cx, project, RESOURCE).await?;
    get(cx, project).await
}

/// Throws the draft and the edits of menu buttons away.
///
/// # Errors
/// When the storage fails.
pub async fn revert(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    store::clear(cx.tx, cx.account, project).await?;
    menu_buttons::revert(cx, project).await?;
    events::settings_changed(cx, project, RESOURCE).await
}

async fn refuse_changed(cx: &mut Cx<'_>, project: &ProjectId, version: i64) -> Result<()> {
    let stored = store::get(cx.tx, cx.account, project).await?.unwrap_or_default();
    if stored.version == version {
        return Ok(());
    }
    let detail = "somebody else has changed the appearance since: load it anew".to_owned();
    Err(Refusal::Conflict { code: "draft_changed", detail })
}
