//! What a page says about its visitor: claims, and what its server attests with a token.

use super::{KnownVisitor, Visitor, identity};
use messaging::contacts::values::Giver;
use messaging::{Messaging, contacts, fields, intake};
use model::{Cx, Refusal, Result, ValueSource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Stores claimed fields and those of a token. The contact is made by the first of them (rulings 36).
///
/// # Errors
/// When a claimed field is unknown or has the wrong form, or the token proves nothing; then nothing is stored.
pub(super) async fn store(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    claimed: BTreeMap<String, Value>,
    identity_token: Option<String>,
) -> Result<KnownVisitor> {
    let (env, visitor) = (service.env.clone(), visitor.clone());
    let account = visitor.account_id;
    let written = service.db.write(account, move |tx| {
        Box::pin(async move {
            let account = &visitor.account_id;
            let mut parts = Vec::new();
            if let Some(token) = identity_token {
                let project = accounts::get_project(tx, account, &visitor.project_id).await?;
                let known = fields::all(tx, account, &visitor.project_id).await?;
                parts.push((identity::fields_of(&env, &project, &known, &token)?, ValueSource::IdentityToken));
            }
            if !claimed.is_empty() || parts.is_empty() {
                // What a page says without a token is a claim (rulings 2, 35).
                parts.push((contacts::values::given_from_json(&claimed)?, ValueSource::Javascript));
            }
            let mut id = None;
            for (given, source) in parts {
                let giver = Giver { source, set_by: None, is_verified: source.is_verified() };
                let new = visitor.new_contact();
                id = Some(intake::fields_from_client(&mut Cx::new(tx, &env, account), &new, &given, &giver).await?.id);
            }
            let id = id.ok_or(Refusal::NotFound)?;
            let contact = contacts::get(tx, account, &id).await?;
            Ok::<_, Refusal>(KnownVisitor { contact_id: id, display: contact.name.unwrap_or(contact.handle) })
        })
    });
    written.await
}
