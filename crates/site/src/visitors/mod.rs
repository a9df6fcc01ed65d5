//! Visitors (Посетители): who is on the site now, and how the team speaks to them first (R80). What pages tell is soft state of the hub
//! (`events::visitors`); the database adds names and conversations of those who have said something.

mod begin;
mod store;

pub use begin::{Beginning, Begun, begin};

use events::hub::AccountHub;
use messaging::contacts;
use model::{
    ContactId, ConversationId, Cx, PageSeen, ProjectId, Refusal, Result, Timestamp, UserId, VisitorId, VisitorNow,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Whoever has not typed for so long does not type.
const TYPES_FOR_MS: i64 = 6_000;
/// One page is closed before the next is open: whoever has none for so long has left.
const BETWEEN_PAGES_MS: i64 = 4_000;
/// Contacts that are asked for at once.
const AT_ONCE: usize = 500;

/// What a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorStatus)]
pub enum Status {
    /// Looks at pages.
    Browsing,
    /// Has an open conversation.
    Chatting,
    /// Types.
    Typing,
}

/// A visitor of the site who is there now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SiteVisitor)]
pub struct Visitor {
    /// Who.
    pub id: VisitorId,
    /// The contact of one who has said something.
    pub contact_id: Option<ContactId>,
    /// Name.
    pub name: Option<String>,
    /// `Посетитель 48107` and the like.
    pub handle: Option<String>,
    /// What the visitor does.
    pub status: Status,
    /// Has a page open, or is between two of them; otherwise left within the last ten seconds.
    pub is_here: bool,
    /// When the visit began.
    pub since: Timestamp,
    /// The page that is shown.
    pub page: VisitorPage,
    /// Pages seen in this visit.
    pub pages: u32,
    /// Which visit it is.
    pub visits: u32,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// Marks of a campaign: `source`, `medium`, `campaign`, `term`, `content`.
    pub utm: BTreeMap<String, String>,
    /// `desktop`, `phone` or `tablet`.
    pub device: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// ISO 3166, where the installation knows.
    pub country: Option<String>,
    /// What is typed and not sent, where the project shows it.
    pub typed: Option<String>,
    /// The open conversation.
    pub conversation: Option<Talk>,
}

/// A page that is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VisitorPage {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
}

/// A visitor's open conversation.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorTalk)]
pub struct Talk {
    /// Which.
    pub id: ConversationId,
    /// Who has it.
    pub operator: Option<TalkOperator>,
}

/// Who has a conversation.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorOperator)]
pub struct TalkOperator {
    /// Who.
    pub id: UserId,
    /// Name.
    pub name: String,
}

/// A visitor with the way through the site and with what is known.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SiteVisitorDetail)]
pub struct Detail {
    #[serde(flatten)]
    visitor: Visitor,
    /// Pages of this visit, the newest last; 20 at most.
    path: Vec<PageSeen>,
    /// Values of the contact's fields.
    fields: BTreeMap<String, Vec<String>>,
    /// The contact's tags.
    tags: Vec<String>,
}

/// Which visitors.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of a page, a name or a source.
    pub words: Vec<String>,
    /// What they do.
    pub status: Option<Status>,
}

/// Visitors that fit, the newest first.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    cx: &mut Cx<'_>,
    here: Vec<VisitorNow>,
    project: &ProjectId,
    filter: &Filter,
) -> Result<Vec<Visitor>> {
    let now = cx.env.now();
    let known: Vec<ContactId> = here.iter().filter_map(|visitor| visitor.contact_id).collect();
    let (mut called, mut talks) = (HashMap::new(), HashMap::new());
    for some in known.chunks(AT_ONCE) {
        let names = store::called(cx.tx, cx.account, project, some).await?;
        called.extend(names.into_iter().map(|one| (one.id, (one.name, one.handle))));
        for talk in store::talks(cx.tx, cx.account, some).await? {
            let operator = talk.operator.map(|(id, name)| TalkOperator { id, name });
            talks.insert(talk.contact_id, Talk { id: talk.id, operator });
        }
    }
    let mut all: Vec<Visitor> = here
        .into_iter()
        .filter_map(|visitor| {
            let contact = visitor.contact_id;
            let names = contact.and_then(|id| called.get(&id).cloned());
            shown(visitor, names, contact.and_then(|id| talks.get(&id).cloned()), now)
        })
        .filter(|visitor| filter.status.is_none_or(|status| visitor.status == status))
        .filter(|visitor| fits(visitor, &filter.words))
        .collect();
    all.sort_by_key(|visitor| std::cmp::Reverse((visitor.since, visitor.id)));
    Ok(all)
}

/// One who is here.
///
/// # Errors
/// [`Refusal::NotFound`] for one who is not.
pub async fn get(cx: &mut Cx<'_>, hub: &AccountHub, project: &ProjectId, id: &VisitorId) -> Result<Detail> {
    let here = hub.visitor_of(project, id).ok_or(Refusal::NotFound)?;
    let (path, contact) = (here.path.clone(), here.contact_id);
    let visitor = list(cx, vec![here], project, &Filter::default()).await?.pop().ok_or(Refusal::NotFound)?;
    let known = match contact {
        Some(contact) => contacts::known_of(cx.tx, cx.account, &[contact]).await?.remove(&contact).unwrap_or_default(),
        None => Default::default(),
    };
    Ok(Detail { visitor, path, fields: known.fields.into_iter().collect(), tags: known.tags })
}

/// None for a contact of another project, and for one without a page: nothing is made up.
fn shown(
    here: VisitorNow,
    names: Option<(Option<String>, String)>,
    conversation: Option<Talk>,
    now: Timestamp,
) -> Option<Visitor> {
    let PageSeen { url, title, at } = here.page()?.clone();
    let (name, handle) = names.map_or((None, None), |(name, handle)| (name, Some(handle)));
    let typed = here.typed.filter(|typed| now.ms_since(typed.at) < TYPES_FOR_MS);
    let status = match (&typed, &conversation) {
        (Some(_), _) => Status::Typing,
        (None, Some(_)) => Status::Chatting,
        (None, None) => Status::Browsing,
    };
    Some(Visitor {
        id: here.id,
        // A contact that was erased meanwhile is none.
        contact_id: here.contact_id.filter(|_| handle.is_some()),
        name,
        handle,
        status,
        is_here: here.left_at.is_none_or(|left| now.ms_since(left) < BETWEEN_PAGES_MS),
        since: here.since,
        page: VisitorPage { url, title, since: at },
        pages: here.pages,
        visits: here.visits,
        referrer: here.referrer,
        utm: here.utm,
        device: here.device,
        language: here.language,
        country: here.country,
        typed: typed.and_then(|typed| typed.text).filter(|text| !text.is_empty()),
        conversation,
    })
}

/// Every word is somewhere in what the table shows.
fn fits(visitor: &Visitor, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let mut text =
        [Some(&visitor.page.url), Some(&visitor.page.title)].into_iter().flatten().cloned().collect::<Vec<_>>();
    text.extend([&visitor.name, &visitor.handle, &visitor.referrer].into_iter().flatten().cloned());
    text.extend(visitor.utm.values().cloned());
    let text = text.join("\n").to_lowercase();
    words.iter().all(|word| text.contains(word))
}
