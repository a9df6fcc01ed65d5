//! Tags that a page gives its visitor (R80). Whoever looks at a page may say anything in its name, so pages take back only what pages gave.

use super::{KnownVisitor, Visitor};
use messaging::contacts::page_tags;
use messaging::{Messaging, connections, contacts};
use model::{Refusal, Result};
use std::sync::Arc;

/// The word that marks a visitor whom the company waits for (`setTarget` of the source product).
const TARGET: &str = "целевой";
/// Characters of a reason that a tag has room for.
const LONGEST_REASON: usize = 30;

/// What a page does with its visitor's tags.
#[derive(Debug, Clone)]
pub(super) struct Tagging {
    /// To be added.
    pub add: Vec<String>,
    /// To be taken away.
    pub remove: Vec<String>,
    /// All that pages gave go first.
    pub clear: bool,
}

impl Tagging {
    /// The visitor is one the company waits for.
    pub(super) fn target(reason: &str) -> Self {
        let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
        let tag = if reason.is_empty() { TARGET.to_owned() } else { format!("{TARGET}: {reason}") };
        Self { add: vec![tag], remove: Vec::new(), clear: false }
    }
}

/// Stores them; the visitor is a contact from now on.
///
/// # Errors
/// For a tag that is none, or too many of them.
pub(super) async fn store(service: &Messaging, visitor: &Arc<Visitor>, tagging: Tagging) -> Result<KnownVisitor> {
    let visitor = visitor.clone();
    let account = visitor.account_id;
    let done = service.write(&account, move |cx| {
        let (visitor, tagging) = (visitor.clone(), tagging.clone());
        Box::pin(async move {
            connections::refuse_off(cx.tx, cx.account, &visitor.connection_id).await?;
            let contact = contacts::upsert(cx, &visitor.new_contact()).await?;
            let change = page_tags::Change { add: &tagging.add, remove: &tagging.remove, clear: tagging.clear };
            page_tags::change(cx, &visitor.project_id, &contact.id, change).await?;
            Ok::<_, Refusal>(KnownVisitor { contact_id: contact.id, display: contact.display })
        })
    });
    done.await
}
