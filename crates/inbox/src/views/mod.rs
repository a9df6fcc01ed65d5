//! Saved views of the list of conversations: a filter and an order under a name. Shared ones are the project's settings; own ones are their
//! owner's. Who edits one that somebody has changed since hears so, and nothing is overwritten.

mod store;

use crate::conversations::{self, After, Filter, Folder, Holder, Narrowed, Order};
use crate::mine::{Denied, Reader};
use http_kit::Principal;
use model::{Cx, DepartmentId, ProjectId, Refusal, Result, SavedViewId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What the event of a change calls them.
const RESOURCE: &str = "saved_views";
/// Shared ones of a project, and own ones of one person in it, at most.
const MOST: usize = 50;
const LONGEST_NAME: usize = 60;
const LONGEST_WORD: usize = 200;

/// What a view lists: the parameters of the list of conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SavedViewQuery)]
pub struct ViewQuery {
    /// Folder.
    pub folder: Folder,
    /// Order.
    pub order: Order,
    /// Kind of the channel; empty for all.
    pub channel: String,
    /// Tag; empty for all.
    pub tag: String,
    /// A user's id, `me` for whoever looks, `nobody`; empty for all.
    pub assignee: String,
    /// Whose clients wait so many minutes, or longer.
    pub waiting_minutes: Option<i64>,
    /// Key of a field; empty for all.
    pub field: String,
    /// Its value; empty for any.
    pub value: String,
    /// Department; none for all.
    pub department_id: Option<DepartmentId>,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SavedView {
    /// Id.
    pub id: SavedViewId,
    /// What it is called.
    pub name: String,
    /// Everybody's in the project; else yours alone.
    pub shared: bool,
    /// What it lists.
    pub query: ViewQuery,
    /// Grows with every change: name the one you saw when you change it.
    pub revision: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    #[serde(skip)]
    owner: Option<UserId>,
}

/// A new one.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSavedView)]
pub(crate) struct New {
    name: String,
    query: ViewQuery,
    /// Everybody's, for whoever may change settings; else yours alone.
    #[serde(default)]
    shared: bool,
}

/// One as it is to be.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutSavedView)]
pub(crate) struct Put {
    name: String,
    query: ViewQuery,
    shared: bool,
    /// The one you saw.
    revision: i64,
}

/// Shared ones and the reader's own, by name.
pub(crate) async fn list(cx: &mut Cx<'_>, project: &ProjectId, reader: Reader) -> Result<Vec<SavedView>> {
    let mut all = store::all(cx.tx, cx.account, project).await?;
    all.retain(|view| reader.sees(view.owner));
    all.sort_by_cached_key(|view| (!view.shared, view.name.to_lowercase(), view.id));
    Ok(all)
}

/// How many conversations a view holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SavedViewCount)]
pub struct ViewCount {
    /// The view.
    pub id: SavedViewId,
    /// 100 at most: counted no further.
    pub count: i64,
    /// There may be more: it was counted to 100, or among the 5,000 conversations that were looked at.
    pub has_more: bool,
}

/// Counts of the views that a reader sees.
pub(crate) async fn counts(cx: &mut Cx<'_>, project: &ProjectId, by: &Principal) -> Result<Vec<ViewCount>> {
    let mut counts = Vec::new();
    for view in list(cx, project, Reader::of(by)).await? {
        let filter = view.query.filter(by, cx.env.now());
        let (count, has_more) = conversations::count(cx.tx, cx.account, project, by.id(), &filter).await?;
        counts.push(ViewCount { id: view.id, count, has_more });
    }
    Ok(counts)
}

impl ViewQuery {
    /// As the list would be asked by this reader now.
    fn filter(&self, by: &Principal, now: Timestamp) -> Filter {
        let holder = match self.assignee.as_str() {
            "" => Holder::Any,
            "nobody" => Holder::Nobody,
            "me" => Holder::User(by.user_id()),
            id => id.parse().map_or(Holder::Any, Holder::User),
        };
        let narrowed = Narrowed {
            channel: self.channel.clone(),
            tag: self.tag.clone(),
            holder,
            waiting_since: self.waiting_minutes.map(|minutes| now.plus_ms(-minutes * 60_000)),
            field: self.field.clone(),
            value: self.value.clone(),
            department: self.department_id,
        };
        Filter { folder: self.folder, words: String::new(), narrowed, after: After::Newest(i64::MAX), limit: 0 }
    }
}

/// Makes one.
pub(crate) async fn create(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    by: &Principal,
    new: New,
) -> std::result::Result<SavedView, Denied> {
    let owner = Reader::of(by).owner_of(new.shared)?;
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    refuse_too_many(&all, owner)?;
    let view = SavedView {
        id: SavedViewId::new(cx.env.ids()),
        name: name(&new.name)?,
        shared: new.shared,
        query: checked(new.query)?,
        revision: 1,
        changed_by: by.name().to_owned(),
        changed_at: cx.env.now(),
        owner,
    };
    store::insert(cx, project, &view).await?;
    tell(cx, project).await?;
    Ok(view)
}

/// Changes one that nobody has changed since it was seen.
pub(crate) async fn update(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    by: &Principal,
    id: &SavedViewId,
    put: Put,
) -> std::result::Result<SavedView, Denied> {
    let reader = Reader::of(by);
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let before = writable(&all, reader, id)?;
    if before.revision != put.revision {
        let detail = format!("{} has changed this view since", before.changed_by);
        return Err(Refusal::Conflict { code: "view_changed", detail }.into());
    }
    let owner = if put.shared == before.shared { before.owner } else { reader.owner_of(put.shared)? };
    if owner != before.owner {
        refuse_too_many(&all, owner)?;
    }
    let view = SavedView {
        id: *id,
        name: name(&put.name)?,
        shared: put.shared,
        query: checked(put.query)?,
        revision: before.revision + 1,
        changed_by: by.name().to_owned(),
        changed_at: cx.env.now(),
        owner,
    };
    store::update(cx, &view).await?;
    tell(cx, project).await?;
    Ok(view)
}

/// Takes one away.
pub(crate) async fn delete(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    reader: Reader,
    id: &SavedViewId,
) -> std::result::Result<(), Denied> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    writable(&all, reader, id)?;
    store::delete(cx.tx, cx.account, project, id).await?;
    Ok(tell(cx, project).await?)
}

fn writable<'v>(all: &'v [SavedView], reader: Reader, id: &SavedViewId) -> std::result::Result<&'v SavedView, Denied> {
    let found = all.iter().find(|view| view.id == *id && reader.sees(view.owner)).ok_or(Refusal::NotFound)?;
    if reader.may_write(found.owner) { Ok(found) } else { Err(Denied::Forbidden) }
}

fn refuse_too_many(all: &[SavedView], owner: Option<UserId>) -> Result<()> {
    if all.iter().filter(|view| view.owner == owner).count() < MOST {
        return Ok(());
    }
    let detail = format!("{MOST} views at most; delete one first");
    Err(Refusal::Conflict { code: "too_many_views", detail })
}

fn name(given: &str) -> Result<String> {
    let name = given.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains('\0') {
        return Err(Refusal::invalid("name", "wrong_form", format!("1 to {LONGEST_NAME} characters")));
    }
    Ok(name)
}

fn checked(query: ViewQuery) -> Result<ViewQuery> {
    let words = [
        ("query.channel", &query.channel),
        ("query.tag", &query.tag),
        ("query.assignee", &query.assignee),
        ("query.field", &query.field),
        ("query.value", &query.value),
    ];
    for (path, word) in words {
        if word.chars().count() > LONGEST_WORD || word.contains('\0') {
            return Err(Refusal::invalid(path, "too_long", format!("at most {LONGEST_WORD} characters")));
        }
    }
    let is_holder = matches!(query.assignee.as_str(), "" | "me" | "nobody") || query.assignee.parse::<UserId>().is_ok();
    if !is_holder {
        return Err(Refusal::invalid("query.assignee", "wrong_form", "a user's id, `me` or `nobody`"));
    }
    if query.waiting_minutes.is_some_and(|minutes| !(1..=525_600).contains(&minutes)) {
        return Err(Refusal::invalid("query.waiting_minutes", "out_of_range", "1 to 525600"));
    }
    Ok(query)
}

async fn tell(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::settings_changed(cx, project, RESOURCE).await
}
