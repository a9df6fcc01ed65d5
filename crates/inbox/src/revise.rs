//! An operator changes what he said, or takes it away: the rules, the channel outside any transaction, and then what is kept.

use crate::mentions;
use http_kit::{Principal, Role};
use messaging::Messaging;
use messaging::messages::revise::{self, Reviser, Revision};
use model::{Message, MessageId, ProjectId, Refusal, Result};

/// Does it; the message as it is shown.
///
/// # Errors
/// As [`revise::begin`], [`revise::through_channel`] and [`revise::finish`].
pub(crate) async fn revise(
    service: &Messaging,
    by: &Principal,
    project: &ProjectId,
    id: MessageId,
    revision: Revision,
) -> Result<Message> {
    let reviser = Reviser { id: by.id(), name: by.name().to_owned(), may_all: by.role() >= Role::Admin };
    let (of, who, what) = (*project, reviser.clone(), revision.clone());
    let begun = service.read(&by.account_id, move |cx| {
        Box::pin(async move {
            let way = revise::begin(cx, &of, &id, &who, &what).await?;
            let now = revise::planned(cx, &id, &who, &what).await?;
            Ok::<_, Refusal>((way, now))
        })
    });
    let (way, now) = begun.await?;
    if let Some(way) = &way {
        revise::through_channel(service, way, &revision, &now).await?;
    }
    let done = service.write(&by.account_id, move |cx| {
        let (reviser, revision) = (reviser.clone(), revision.clone());
        Box::pin(async move {
            let message = revise::finish(cx, &id, &reviser, &revision).await?;
            if revision == Revision::Delete {
                mentions::forget(cx, &id).await?;
            }
            Ok::<_, Refusal>(message)
        })
    });
    done.await.map(|message| message.shown(&service.env, by.links()))
}
