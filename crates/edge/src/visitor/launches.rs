//! A visitor presses a menu button that starts a scenario (R31, R70).

use super::{KnownVisitor, Visitor};
use http_kit::ApiError;
use messaging::{Messaging, connections, contacts};
use model::{MenuButtonId, Refusal};
use site::menu_buttons::{self, Pressed};
use std::sync::Arc;

/// Starts it. Whoever has said nothing before is a contact from now on.
pub(super) async fn press(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    client_id: &str,
    button: MenuButtonId,
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
            let pressed = menu_buttons::press(cx, &party, &known.display, &button, &client_id).await?;
            Ok::<_, Refusal>((known, pressed))
        })
    });
    Ok(done.await?)
}
