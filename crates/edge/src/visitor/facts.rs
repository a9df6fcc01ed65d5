//! What a page says about its visitor: claims, and what its server attests with a token.

use super::{KnownVisitor, Visitor, identity};
use db::Tx;
use messaging::contacts::values::{Given, Giver};
use messaging::{Messaging, connections, contacts, fields, intake};
use model::{Cx, Refusal, Result, ValueSource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Code of a token that names somebody else.
pub(super) const ANOTHER_PERSON: &str = "another_person";

/// A browser that two people sign in with, one after the other: what was proven of the first is compared, never written over, and the second
/// reads nothing of the first.
async fn refuse_another_person(tx: &mut Tx, visitor: &Visitor, attested: &Given) -> Result<()> {
    let Some(known) = visitor.known.get() else { return Ok(()) };
    let contact = contacts::get(tx, &visitor.account_id, &known.contact_id).await?;
    let proven = contact.fields.get(identity::PERSON).into_iter().flatten().filter(|value| value.verified);
    let proven: Vec<&str> = proven.map(|value| value.value.as_str()).collect();
    let is_same = |person: &String| proven.contains(&person.as_str());
    if proven.is_empty() || attested.get(identity::PERSON).into_iter().flatten().all(is_same) {
        return Ok(());
    }
    let detail = "this visitor was proven to be somebody else: begin anew without visitor_token".to_owned();
    Err(Refusal::Conflict { code: ANOTHER_PERSON, detail })
}

/// Stores claimed fields and those of a token. The contact is made by the first of them (rulings 36).
///
/// # Errors
/// When a claimed field is unknown or has the wrong form, the token proves nothing, or it names somebody else than the visitor was proven to
/// be ([`ANOTHER_PERSON`]); then nothing is stored.
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
            connections::refuse_off(tx, account, &visitor.connection_id).await?;
            let mut parts = Vec::new();
            if let Some(token) = identity_token {
                let project = accounts::get_project(tx, account, &visitor.project_id).await?;
                let known = fields::all(tx, account, &visitor.project_id).await?;
                let attested = identity::fields_of(&env, &project, &known, &token)?;
                refuse_another_person(tx, &visitor, &attested).await?;
                parts.push((attested, ValueSource::IdentityToken));
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
