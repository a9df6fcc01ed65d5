//! What a step may ask about, read anew for each event.

use super::RunRow;
use super::shelf::Shelf;
use crate::contacts::KnownOf;
use crate::conversations::Place;
use crate::{Result, contacts, multi_contacts};
use ::scenario::Facts;
use identity::normalise::NormSettings;
use model::{ContactId, Cx, ProjectId};
use std::collections::HashMap;

/// What is known of the clients of some runs, read at once.
#[derive(Default)]
pub(super) struct Read {
    clients: HashMap<ContactId, KnownOf>,
    norms: HashMap<ProjectId, NormSettings>,
}

impl Read {
    /// Of these clients. A field that holds only what cannot be compared counts as empty (ADR 20).
    pub async fn of(cx: &mut Cx<'_>, clients: &[ContactId]) -> Result<Self> {
        let clients = contacts::known_of(cx.tx, cx.account, clients).await?;
        Ok(Self { clients, norms: HashMap::new() })
    }

    /// What a step of this run may ask about.
    pub async fn facts(&mut self, cx: &mut Cx<'_>, place: &Place, row: &RunRow, shelf: &Shelf) -> Result<Facts> {
        let known = self.clients.remove(&place.contact_id).unwrap_or_default();
        let reading = match self.norms.get(&place.project_id) {
            Some(norms) => norms.clone(),
            None => {
                let read = multi_contacts::settings(cx.tx, cx.account, &place.project_id).await?.norms();
                self.norms.insert(place.project_id, read.clone());
                read
            }
        };
        Ok(Facts {
            contact: place.contact_id.to_string(),
            fields: known.fields,
            tags: known.tags,
            channel: place.channel.as_str().to_owned(),
            has_buttons: channels::adapter(place.channel).capabilities().has_buttons,
            operators_online: cx.env.has_operators(cx.account, &place.project_id),
            is_new: row.is_new_client,
            utc_offset: offset(shelf.own().time_zone.as_deref(), cx.env.now().0),
            reading,
        })
    }
}

/// What a step of one run may ask about.
pub(super) async fn load(cx: &mut Cx<'_>, place: &Place, row: &RunRow, shelf: &Shelf) -> Result<Facts> {
    Read::of(cx, &[place.contact_id]).await?.facts(cx, place, row, shelf).await
}

/// Minutes that a time zone is ahead of UTC at a moment; none for one that this machine does not know.
pub(super) fn offset(zone: Option<&str>, now: i64) -> i32 {
    let Some(zone) = zone.and_then(|zone| jiff::tz::TimeZone::get(zone).ok()) else { return 0 };
    let moment = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_offset(moment).seconds() / 60
}
