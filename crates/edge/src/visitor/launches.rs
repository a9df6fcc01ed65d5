//! A visitor presses what starts a scenario: a menu button or a suggest (R31, R32).

use super::{KnownVisitor, Visitor};
use http_kit::ApiError;
use messaging::{Messaging, connections, contacts};
use model::Refusal;
use site::press::{self, Pressed, Pressing};
use std::sync::Arc;

/// Starts it. Whoever has said nothing before is a contact from now on.
pub(super) async fn press(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    client_id: &str,
    pressing: Pressing,
) -> Result<(KnownVisitor, Pressed), ApiError> {
    super::check_client_id(client_id)?;
    let (presser, client_id) = (visitor.clone(), client_id.to_owned());
    let done = service.write(&visitor.account_id, move |cx| {
        Box::pin(async move {
            connections::refuse_off(cx.tx, cx.account, &presser.connection_id).await?;
            let known = match presser.known.get() {
                Some(known) => known.clone(),
                None => {
                    let made = contacts::upsert(cx, &presser.new_contact()).await?;
                    KnownVisitor { contact_id: made.id, display: made.display }
                }
            };
            let party = presser.party(&known.contact_id);
            let pressed = press::press(cx, &party, &known.display, pressing, &client_id).await?;
            Ok::<_, Refusal>((known, pressed))
        })
    });
    Ok(done.await?)
}
