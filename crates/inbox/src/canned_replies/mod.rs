//! Canned replies (Быстрые ответы): what operators say often, with `{{fields}}` that are filled in for the open client when one is put into
//! the field of the answer. Shared ones are the project's settings; own ones are their owner's, whom alone they are shown to.

mod store;

use crate::mine::{Denied, Reader};
use messaging::fields;
use messaging::template::Template;
use model::{CannedReplyId, Cx, ProjectId, Refusal, Result, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What the event of a change calls them.
const RESOURCE: &str = "canned_replies";
/// Shared ones of a project at most.
const MOST_SHARED: usize = 500;
/// Own ones of one person in a project at most.
const MOST_OWN: usize = 200;
const LONGEST_SHORTCUT: usize = 32;
const LONGEST_TITLE: usize = 100;
const LONGEST_FOLDER: usize = 60;
const LONGEST_TEXT: usize = 4_000;
/// The name of whoever puts it into an answer.
const OPERATOR_NAME: &str = "operator.name";

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CannedReply {
    /// Id.
    pub id: CannedReplyId,
    /// What is typed after a slash to find it; empty when it has none.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// What it says, with `{{key}}` or `{{key|instead}}` for fields of the client and `{{operator.name}}`.
    pub text: String,
    /// The folder it stands in; empty for none.
    pub folder: String,
    /// Everybody's in the project; else yours alone.
    pub shared: bool,
    /// Fields that it names and that are no more: they are filled in by hand.
    pub gone_fields: Vec<String>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
    #[serde(skip)]
    owner: Option<UserId>,
}

/// What a person says of one.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCannedReply)]
pub(crate) struct New {
    /// Without the slash: letters, digits, `-` and `_`.
    #[serde(default)]
    shortcut: String,
    title: String,
    text: String,
    #[serde(default)]
    folder: String,
    /// Everybody's, for whoever may change settings; else yours alone.
    #[serde(default)]
    shared: bool,
}

/// Some of it, to be changed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateCannedReply)]
pub(crate) struct Change {
    shortcut: Option<String>,
    title: Option<String>,
    text: Option<String>,
    folder: Option<String>,
    shared: Option<bool>,
}

/// Shared ones and the reader's own, by folder and title.
pub(crate) async fn list(cx: &mut Cx<'_>, project: &ProjectId, reader: Reader) -> Result<Vec<CannedReply>> {
    let known = known_keys(cx, project).await?;
    let mut all = store::all(cx.tx, cx.account, project).await?;
    all.retain(|reply| reader.sees(reply.owner));
    for reply in &mut all {
        reply.gone_fields = gone(&reply.text, &known);
    }
    all.sort_by_cached_key(|reply| (reply.folder.to_lowercase(), reply.title.to_lowercase(), reply.id));
    Ok(all)
}

fn gone(text: &str, known: &HashSet<String>) -> Vec<String> {
    let mut gone: Vec<String> = Vec::new();
    for key in Template::parse(text).keys() {
        if !known.contains(key) && !gone.iter().any(|one| one == key) {
            gone.push(key.to_owned());
        }
    }
    gone
}

/// Makes one.
pub(crate) async fn create(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    reader: Reader,
    new: New,
) -> std::result::Result<CannedReply, Denied> {
    let owner = reader.owner_of(new.shared)?;
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    refuse_too_many(&all, owner)?;
    let now = cx.env.now();
    let reply = CannedReply {
        id: CannedReplyId::new(cx.env.ids()),
        shortcut: new.shortcut,
        title: new.title,
        text: new.text,
        folder: new.folder,
        shared: owner.is_none(),
        gone_fields: Vec::new(),
        created_at: now,
        updated_at: now,
        owner,
    };
    let reply = checked(cx, project, &all, reply, "").await?;
    store::insert(cx, project, &reply).await?;
    tell(cx, project).await?;
    Ok(reply)
}

/// Changes one.
pub(crate) async fn update(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    reader: Reader,
    id: &CannedReplyId,
    change: Change,
) -> std::result::Result<CannedReply, Denied> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let mut reply = writable(&all, reader, id)?.clone();
    let former = reply.text.clone();
    if let Some(shared) = change.shared.filter(|shared| *shared != reply.shared) {
        reply.owner = reader.owner_of(shared)?;
        reply.shared = shared;
        refuse_too_many(&all, reply.owner)?;
    }
    reply.shortcut = change.shortcut.unwrap_or(reply.shortcut);
    reply.title = change.title.unwrap_or(reply.title);
    reply.folder = change.folder.unwrap_or(reply.folder);
    reply.text = change.text.unwrap_or(reply.text);
    reply.updated_at = cx.env.now();
    let reply = checked(cx, project, &all, reply, &former).await?;
    store::update(cx, &reply).await?;
    tell(cx, project).await?;
    Ok(reply)
}

/// Takes one away.
pub(crate) async fn delete(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    reader: Reader,
    id: &CannedReplyId,
) -> std::result::Result<(), Denied> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    writable(&all, reader, id)?;
    store::delete(cx.tx, cx.account, project, id).await?;
    Ok(tell(cx, project).await?)
}

/// What one may not see does not exist; what one may see and not change is forbidden.
fn writable<'r>(
    all: &'r [CannedReply],
    reader: Reader,
    id: &CannedReplyId,
) -> std::result::Result<&'r CannedReply, Denied> {
    let found = all.iter().find(|reply| reply.id == *id && reader.sees(reply.owner));
    let found = found.ok_or(Refusal::NotFound)?;
    if reader.may_write(found.owner) { Ok(found) } else { Err(Denied::Forbidden) }
}

fn refuse_too_many(all: &[CannedReply], owner: Option<UserId>) -> Result<()> {
    let most = if owner.is_none() { MOST_SHARED } else { MOST_OWN };
    if all.iter().filter(|reply| reply.owner == owner).count() < most {
        return Ok(());
    }
    let detail = format!("{most} canned replies at most; delete one first");
    Err(Refusal::Conflict { code: "too_many_canned_replies", detail })
}

/// In the form it is kept in. A text that stays as it was may name what is gone: it can be put into another folder all the same.
async fn checked(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    all: &[CannedReply],
    mut reply: CannedReply,
    former_text: &str,
) -> Result<CannedReply> {
    let known = known_keys(cx, project).await?;
    reply.shortcut = shortcut(&reply.shortcut)?;
    reply.title = line("title", &reply.title, LONGEST_TITLE)?;
    if reply.title.is_empty() {
        return Err(Refusal::invalid("title", "missing", "say what it is called"));
    }
    reply.folder = line("folder", &reply.folder, LONGEST_FOLDER)?;
    if reply.text != former_text || former_text.is_empty() {
        check_text(&reply.text, &known)?;
    }
    let is_taken =
        |other: &CannedReply| other.id != reply.id && other.owner == reply.owner && other.shortcut == reply.shortcut;
    if !reply.shortcut.is_empty() && all.iter().any(is_taken) {
        let detail = format!("/{} is another reply's", reply.shortcut);
        return Err(Refusal::invalid("shortcut", "taken", detail));
    }
    reply.gone_fields = gone(&reply.text, &known);
    Ok(reply)
}

fn shortcut(given: &str) -> Result<String> {
    let text = given.trim().trim_start_matches('/').to_lowercase();
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if is_plain && text.chars().count() <= LONGEST_SHORTCUT {
        return Ok(text);
    }
    let detail = format!("letters, digits, - and _, {LONGEST_SHORTCUT} at most");
    Err(Refusal::invalid("shortcut", "wrong_form", detail))
}

/// A text of one line.
fn line(path: &str, given: &str, longest: usize) -> Result<String> {
    let text = given.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > longest || text.contains('\0') {
        return Err(Refusal::invalid(path, "too_long", format!("at most {longest} characters")));
    }
    Ok(text)
}

/// Refuses a field that nobody knows, saying where it stands.
fn check_text(text: &str, known: &HashSet<String>) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text", "empty", "say something"));
    }
    if text.chars().count() > LONGEST_TEXT || text.contains('\0') {
        return Err(Refusal::invalid("text", "too_long", format!("at most {LONGEST_TEXT} characters")));
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let place = text.chars().count() - rest.chars().count() + before.chars().count() + 1;
        let Some((inner, behind)) = after.split_once("}}") else {
            let detail = format!("{{{{ of character {place} has no end");
            return Err(Refusal::invalid("text", "open_braces", detail));
        };
        let key = inner.split_once('|').map_or(inner, |(key, _)| key).trim();
        if !known.contains(key) {
            let detail = format!("there is no field \"{key}\" (character {place})");
            return Err(Refusal::invalid("text", "unknown_field", detail));
        }
        rest = behind;
    }
    Ok(())
}

async fn known_keys(cx: &mut Cx<'_>, project: &ProjectId) -> Result<HashSet<String>> {
    let all = fields::all(cx.tx, cx.account, project).await?;
    Ok(all.into_iter().map(|field| field.key).chain([OPERATOR_NAME.to_owned()]).collect())
}

async fn tell(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::settings_changed(cx, project, RESOURCE).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let known = HashSet::from(["name".to_owned(), OPERATOR_NAME.to_owned()]);
        match check_text(text, &known) {
            Err(Refusal::Invalid(problems)) => format!("{}: {}", problems[0].code, problems[0].message),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_field_that_is_none_is_refused_with_its_place() {
        assert_eq!(refused("Да, {{name|друг}}, это {{ operator.name }}"), "Ok(())");
        assert_eq!(refused("Это «{{city}}»"), "unknown_field: there is no field \"city\" (character 6)");
        assert_eq!(refused("{{name}} и {{name"), "open_braces: {{ of character 12 has no end");
        assert_eq!(refused(" \n"), "empty: say something");
    }

    #[test]
    fn a_shortcut_is_one_plain_word_in_small_letters() {
        assert_eq!(shortcut(" /Оплата-1 ").unwrap(), "оплата-1");
        assert_eq!(shortcut("").unwrap(), "");
        assert!(shortcut("a b").is_err() && shortcut("a/b").is_err());
        assert!(shortcut(&"я".repeat(33)).is_err());
    }
}
