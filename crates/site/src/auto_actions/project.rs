//! What of its project an auto-action may name, and what is known of a client there.

use crate::suggests;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use messaging::{contacts, fields, multi_contacts};
use model::{ContactId, Cx, ProjectId, Result};
use serde_json::{Map, Value, json};
use site_rules::Known;

/// A project, as far as auto-actions look at it.
pub(super) struct Project {
    pub known: Known,
    pub zone: TimeZone,
}

impl Project {
    pub(super) async fn load(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Self> {
        let fields = fields::all(cx.tx, cx.account, project).await?;
        let about = crate::known::Known::load(cx, project).await?;
        let suggests = suggests::list(cx, project).await?;
        let fit = suggests.iter().filter(|suggest| suggest.problem.is_none());
        let known = Known {
            fields: Some(fields.into_iter().map(|field| (field.key, fields::core_kind(field.kind))).collect()),
            // Any word may become a tag.
            tags: None,
            scenarios: Some(about.runnable().map(ToString::to_string).collect()),
            suggests: Some(fit.map(|suggest| suggest.id.to_string()).collect()),
            reading: multi_contacts::settings(cx.tx, cx.account, project).await?.norms(),
        };
        let zone = super::store::time_zone(cx.tx, cx.account, project).await?;
        Ok(Self { known, zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC) })
    }

    /// A moment on the project's clock.
    pub(super) fn clock(&self, at: model::Timestamp) -> Zoned {
        moment(at).to_zoned(self.zone.clone())
    }
}

pub(super) fn moment(at: model::Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Fields and tags of a client, as facts.
pub(super) async fn facts_of(cx: &mut Cx<'_>, contact: &ContactId) -> Result<Map<String, Value>> {
    let known = contacts::known_of(cx.tx, cx.account, &[*contact]).await?.remove(contact).unwrap_or_default();
    let mut facts: Map<String, Value> =
        known.fields.into_iter().map(|(key, values)| (format!("field.{key}"), json!(values))).collect();
    facts.insert("tag".to_owned(), json!(known.tags));
    Ok(facts)
}
