//! Tags that a page gives its visitor (R80). Anybody may say anything in a page's name: it adds tags and takes back what pages gave, and never
//! what an operator, a bot or a key did (rulings 35).

mod store;

use super::{get_in, set_tags};
use crate::{Refusal, Result};
use model::{ContactId, Cx, ProjectId};

/// Tags that pages give one visitor at most.
const MOST: usize = 20;

/// What a page does with its visitor's tags.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// To be added.
    pub add: &'a [String],
    /// To be taken away.
    pub remove: &'a [String],
    /// All that pages gave go first.
    pub clear: bool,
}

/// Does it. Where nothing differs, nothing is written.
///
/// # Errors
/// `too_many` tags; for a tag that is none.
pub async fn change(cx: &mut Cx<'_>, project: &ProjectId, contact: &ContactId, change: Change<'_>) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let mut tags = get_in(cx.tx, cx.account, project, contact).await?.tags;
    let mut own = store::of(cx.tx, cx.account, contact).await?;
    let remove = crate::tags::as_listed(cx, project, change.remove).await?;
    let goes = |tag: &String| change.clear || remove.contains(tag);
    let gone: Vec<String> = own.iter().filter(|tag| goes(tag)).cloned().collect();
    own.retain(|tag| !gone.contains(tag));
    tags.retain(|tag| !gone.contains(tag));
    let mut new: Vec<String> = Vec::new();
    let add = crate::tags::as_listed(cx, project, change.add).await?;
    for tag in add {
        if !tags.contains(&tag) && !new.contains(&tag) {
            new.push(tag);
        }
    }
    if own.len() + new.len() > MOST {
        return Err(Refusal::invalid("add", "too_many", format!("pages give a visitor {MOST} tags at most")));
    }
    tags.extend(new.iter().cloned());
    set_tags(cx, project, contact, &tags).await?;
    store::forget(cx.tx, cx.account, contact, &gone).await?;
    store::note(cx.tx, cx.account, contact, &new).await
}
