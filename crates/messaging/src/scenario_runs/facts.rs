//! What a step may ask about, read anew for each event.

use super::RunRow;
use super::shelf::Shelf;
use crate::conversations::Place;
use crate::{Result, contacts, multi_contacts};
use ::scenario::Facts;
use model::Cx;

pub(super) async fn load(cx: &mut Cx<'_>, place: &Place, row: &RunRow, shelf: &Shelf) -> Result<Facts> {
    let contact = contacts::get(cx.tx, cx.account, &place.contact_id).await?;
    // What cannot be compared says nothing of the client: a field that holds only such counts as empty (ADR 20).
    let told = |values: Vec<model::FieldValue>| {
        values.into_iter().filter(|value| value.unusable.is_none()).map(|value| value.value)
    };
    let fields = contact.fields.into_iter().map(|(key, values)| (key, told(values).collect())).collect();
    let reading = multi_contacts::settings(cx.tx, cx.account, &place.project_id).await?.norms();
    Ok(Facts {
        contact: place.contact_id.to_string(),
        fields,
        tags: contact.tags,
        channel: place.channel.as_str().to_owned(),
        has_buttons: channels::adapter(place.channel).capabilities().has_buttons,
        operators_online: cx.env.has_operators(cx.account, &place.project_id),
        is_new: row.is_new_client,
        utc_offset: offset(shelf.own().time_zone.as_deref(), cx.env.now().0),
        reading,
    })
}

/// Minutes that a time zone is ahead of UTC at a moment; none for one that this machine does not know.
pub(super) fn offset(zone: Option<&str>, now: i64) -> i32 {
    let Some(zone) = zone.and_then(|zone| jiff::tz::TimeZone::get(zone).ok()) else { return 0 };
    let moment = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_offset(moment).seconds() / 60
}
