//! The project's list of tags (Теги): one way of writing each, a colour, a place. A client's tags stay words: what is in no list is a tag
//! like any other, unless the project wants its operators to keep to the list (ADR 38).

pub mod store;

use crate::contacts::names;
use crate::{Refusal, Result};
use model::{Cx, ProjectId, TagId, Timestamp, words};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// What the event of a change calls them.
pub const RESOURCE: &str = "tags";
/// Tags of a project's list at most.
const MOST: usize = 200;
/// Characters of a tag.
pub const LONGEST: usize = 50;

/// A colour of the palette: each is checked against what is behind it, light and dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TagColour)]
#[allow(missing_docs, reason = "each is what it says")]
pub enum Colour {
    #[default]
    Grey,
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    Blue,
    Indigo,
    Violet,
    Pink,
}

words!(Colour {
    Grey = "grey", Red = "red", Orange = "orange", Yellow = "yellow", Green = "green", Teal = "teal", Blue = "blue",
    Indigo = "indigo", Violet = "violet", Pink = "pink",
});

/// A tag of a project's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tag {
    /// Tag id.
    pub id: TagId,
    /// How it is written.
    pub name: String,
    /// How it looks.
    pub colour: Colour,
    /// Its place among the others, from 0.
    pub position: i64,
    /// Listed since.
    pub created_at: Timestamp,
}

/// A tag to be listed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    /// How it is written: no other of the list is written so, whatever the case.
    pub name: String,
    /// How it looks.
    #[serde(default)]
    pub colour: Colour,
}

/// Some of it, to be changed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTag {
    /// How it is written: clients that have it follow, as a job.
    pub name: Option<String>,
    /// How it looks.
    pub colour: Option<Colour>,
    /// Its place among the others, from 0.
    pub position: Option<i64>,
}

/// A tag as it is compared: one word, however it is written.
pub fn key_of(tag: &str) -> String {
    tag.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// A tag as it may be written; none when nothing of it can be seen, or it is too long.
pub fn clean(tag: &str) -> Option<String> {
    let is_short = tag.trim().chars().count() <= LONGEST;
    names::readable(tag).filter(|_| is_short)
}

/// Tags of a project in their order.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Tag>> {
    store::all(cx.tx, cx.account, project).await
}

/// One of a project.
///
/// # Errors
/// When there is none.
pub async fn get(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId) -> Result<Tag> {
    list(cx, project).await?.into_iter().find(|tag| tag.id == *id).ok_or(Refusal::NotFound)
}

/// Lists one, at the end.
///
/// # Errors
/// For a name of the wrong form or one that is listed; `too_many_tags`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, new: NewTag) -> Result<Tag> {
    events::lock(cx.tx, cx.account).await?;
    let all = list(cx, project).await?;
    if all.len() >= MOST {
        let detail = format!("a project lists {MOST} tags at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_tags", detail });
    }
    let name = checked_name(&new.name, &all, None)?;
    let id = TagId::new(cx.env.ids());
    store::insert(cx, project, &id, &name, new.colour).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    get(cx, project, &id).await
}

/// Changes one; what it was called before. Clients are the caller's to bring up to date.
///
/// # Errors
/// As [`create`]; when there is none.
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId, change: UpdateTag) -> Result<(Tag, String)> {
    events::lock(cx.tx, cx.account).await?;
    let all = list(cx, project).await?;
    let before = all.iter().find(|tag| tag.id == *id).ok_or(Refusal::NotFound)?;
    let name = match &change.name {
        Some(name) => checked_name(name, &all, Some(id))?,
        None => before.name.clone(),
    };
    store::update(cx.tx, cx.account, id, &name, change.colour.unwrap_or(before.colour)).await?;
    if let Some(position) = change.position {
        let mut order: Vec<TagId> = all.iter().map(|tag| tag.id).filter(|other| other != id).collect();
        let place = usize::try_from(position).unwrap_or(0).min(order.len());
        order.insert(place, *id);
        for (place, id) in (0..).zip(&order) {
            store::set_place(cx.tx, cx.account, id, place).await?;
        }
    }
    events::settings_changed(cx, project, RESOURCE).await?;
    Ok((get(cx, project, id).await?, before.name.clone()))
}

/// Takes one out of the list; what it was. Clients keep the word.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId) -> Result<Tag> {
    events::lock(cx.tx, cx.account).await?;
    let tag = get(cx, project, id).await?;
    store::delete(cx.tx, cx.account, id).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    Ok(tag)
}

/// Words as tags are kept: a listed one as the list writes it, another without what nobody sees, each once. What is no tag at all stays, to
/// be refused where it is said.
///
/// # Errors
/// When the storage fails.
pub async fn as_listed(cx: &mut Cx<'_>, project: &ProjectId, tags: &[String]) -> Result<Vec<String>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let listed = store::names(cx.tx, cx.account, project).await?;
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        let word = names::readable(tag).unwrap_or_default();
        let key = key_of(&word);
        let word = listed.iter().find(|name| key_of(name) == key).cloned().unwrap_or(word);
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    Ok(kept)
}

/// Refuses a word that a person adds to a client, where the project keeps to its list.
///
/// # Errors
/// `not_listed`.
pub async fn refuse_unlisted(cx: &mut Cx<'_>, project: &ProjectId, path: &str, added: &[String]) -> Result<()> {
    if added.is_empty() || store::are_free(cx.tx, cx.account, project).await? {
        return Ok(());
    }
    let listed: Vec<String> = store::names(cx.tx, cx.account, project).await?.iter().map(|name| key_of(name)).collect();
    match added.iter().position(|tag| !listed.contains(&key_of(tag.trim()))) {
        Some(index) => {
            let words = "this project keeps to its list of tags: an administrator can add to it";
            Err(Refusal::invalid(&format!("{path}.{index}"), "not_listed", words))
        }
        None => Ok(()),
    }
}

fn checked_name(name: &str, all: &[Tag], own: Option<&TagId>) -> Result<String> {
    let Some(name) = clean(name) else {
        return Err(Refusal::invalid("name", "wrong_form", format!("1 to {LONGEST} characters that can be seen")));
    };
    let key = key_of(&name);
    if all.iter().any(|tag| Some(&tag.id) != own && key_of(&tag.name) == key) {
        return Err(Refusal::invalid("name", "taken", "another tag is written so"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_however_it_is_written() {
        for (one, other) in
            [("VIP", "vip"), ("Счёт", "счет"), ("ОПТ", "опт"), ("ＶＩＰ", "vip"), ("е\u{308}лка", "елка")]
        {
            assert_eq!(key_of(one), key_of(other), "{one} {other}");
        }
        assert_ne!(key_of("опт"), key_of("опт 2"));
    }

    #[test]
    fn what_nobody_can_read_is_no_tag() {
        for tag in ["", " ", "\u{0}", "\u{202E}", "\u{200B}", &"я".repeat(51), &"я".repeat(10_240)] {
            assert_eq!(clean(tag), None, "{tag:?}");
        }
        assert_eq!(clean(" Опт\u{202E}овый\u{0} ").as_deref(), Some("Оптовый"));
        assert_eq!(clean(&"я".repeat(50)), Some("я".repeat(50)));
    }
}
