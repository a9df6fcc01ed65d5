//! Segments: audiences with a name, which mailings mean by their id. One may name others, which name none: so nothing goes in a circle.

use crate::audience::Audience;
use crate::store::segments as store;
use messaging::fields;
use model::{Cx, Invalid, MailingId, ProjectId, Refusal, Result, SegmentId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What the event of a change calls them.
const RESOURCE: &str = "segments";
/// Of a project at most.
const MOST: usize = 200;
const LONGEST_NAME: usize = 80;

/// An audience with a name.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Segment {
    /// Id.
    pub id: SegmentId,
    /// What it is called.
    pub name: String,
    /// Who is in it.
    #[schema(value_type = Object)]
    pub audience: Audience,
    /// Grows with every change: name the one you saw when you change it.
    pub revision: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// A new one.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSegment)]
pub(crate) struct New {
    name: String,
    #[schema(value_type = Object)]
    audience: Audience,
}

/// One as it is to be.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutSegment)]
pub(crate) struct Put {
    name: String,
    #[schema(value_type = Object)]
    audience: Audience,
    /// The one you saw.
    revision: i64,
}

/// What names a segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentUsage)]
pub(crate) struct Usage {
    /// Mailings that have not ended.
    pub mailings: Vec<Named<MailingId>>,
    /// Other segments.
    pub segments: Vec<Named<SegmentId>>,
}

/// An id with a name.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentUser)]
pub(crate) struct Named<T> {
    /// Id.
    #[schema(value_type = String)]
    pub id: T,
    /// Title.
    pub name: String,
}

/// Those of a project, by name.
pub(crate) async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Segment>> {
    store::all(cx.tx, cx.account, project).await
}

/// One of them.
pub(crate) async fn get(cx: &mut Cx<'_>, project: &ProjectId, id: &SegmentId) -> Result<Segment> {
    let all = store::all(cx.tx, cx.account, project).await?;
    all.into_iter().find(|segment| segment.id == *id).ok_or(Refusal::NotFound)
}

/// Makes one.
pub(crate) async fn create(cx: &mut Cx<'_>, project: &ProjectId, by: &str, new: New) -> Result<Segment> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.len() >= MOST {
        let detail = format!("{MOST} segments at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_segments", detail });
    }
    let segment = Segment {
        id: SegmentId::new(cx.env.ids()),
        name: name(&new.name)?,
        audience: new.audience,
        revision: 1,
        changed_by: by.to_owned(),
        changed_at: cx.env.now(),
    };
    check(cx, project, &all, &segment).await?;
    if !store::insert(cx, project, &segment, &key_of(&segment.name)).await? {
        return Err(taken());
    }
    tell(cx, project).await?;
    Ok(segment)
}

/// Changes one that nobody has changed since it was seen.
pub(crate) async fn update(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    by: &str,
    id: &SegmentId,
    put: Put,
) -> Result<Segment> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let before = all.iter().find(|segment| segment.id == *id).ok_or(Refusal::NotFound)?;
    if before.revision != put.revision {
        let detail = format!("{} has changed this segment since", before.changed_by);
        return Err(Refusal::Conflict { code: "segment_changed", detail });
    }
    let segment = Segment {
        id: *id,
        name: name(&put.name)?,
        audience: put.audience,
        revision: before.revision + 1,
        changed_by: by.to_owned(),
        changed_at: cx.env.now(),
    };
    if all.iter().any(|other| other.id != *id && key_of(&other.name) == key_of(&segment.name)) {
        return Err(taken());
    }
    check(cx, project, &all, &segment).await?;
    // Half of a run would mean other people than its other half.
    let at_work = store::mailings_with(cx.tx, cx.account, project, id).await?;
    if let Some((_, title, _)) = at_work.iter().find(|(_, _, state)| state == "preparing") {
        let detail = format!("the recipients of “{title}” are being written down: try again in a minute");
        return Err(Refusal::Conflict { code: "segment_at_work", detail });
    }
    store::update(cx, &segment, &key_of(&segment.name)).await?;
    tell(cx, project).await?;
    Ok(segment)
}

/// Takes one away that nothing names.
pub(crate) async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &SegmentId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let used = usage(cx, project, id).await?;
    let names: Vec<&str> = used
        .mailings
        .iter()
        .map(|one| one.name.as_str())
        .chain(used.segments.iter().map(|one| one.name.as_str()))
        .collect();
    if !names.is_empty() {
        return Err(Refusal::Conflict { code: "segment_in_use", detail: names.join(", ") });
    }
    store::delete(cx, id).await?;
    tell(cx, project).await
}

/// What names one.
pub(crate) async fn usage(cx: &mut Cx<'_>, project: &ProjectId, id: &SegmentId) -> Result<Usage> {
    let all = store::all(cx.tx, cx.account, project).await?;
    if !all.iter().any(|segment| segment.id == *id) {
        return Err(Refusal::NotFound);
    }
    let mailings = store::mailings_with(cx.tx, cx.account, project, id).await?;
    let segments = all.iter().filter(|segment| segment.audience.segments().contains(id));
    Ok(Usage {
        mailings: mailings.into_iter().map(|(id, name, _)| Named { id, name }).collect(),
        segments: segments.map(|segment| Named { id: segment.id, name: segment.name.clone() }).collect(),
    })
}

/// Puts what segments mean now into an audience that names some. Answers those that are no more.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn expand(cx: &mut Cx<'_>, project: &ProjectId, audience: &mut Audience) -> Result<Vec<SegmentId>> {
    let named = audience.segments();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let all = store::all(cx.tx, cx.account, project).await?;
    let bare: HashMap<SegmentId, Arc<Audience>> =
        all.into_iter().map(|segment| (segment.id, Arc::new(segment.audience))).collect();
    // Those that a segment names name none: one more round is all.
    let whole: HashMap<SegmentId, Arc<Audience>> = bare
        .iter()
        .map(|(id, audience)| {
            let mut audience = (**audience).clone();
            audience.expand(&bare);
            (*id, Arc::new(audience))
        })
        .collect();
    audience.expand(&whole);
    Ok(named.into_iter().filter(|id| !whole.contains_key(id)).collect())
}

/// Whether an audience may be kept: its form, its fields, the segments that it names.
async fn check(cx: &mut Cx<'_>, project: &ProjectId, all: &[Segment], segment: &Segment) -> Result<()> {
    let mut problems = segment.audience.problems();
    let known = fields::all(cx.tx, cx.account, project).await?;
    for (path, leaf) in segment.audience.leaves() {
        if leaf.field.as_ref().is_some_and(|key| !known.iter().any(|field| field.key == *key)) {
            problems.push(Invalid::new(&path, "unknown_field", "this project has no such field"));
        }
        let Some(named) = leaf.segment_id else { continue };
        if named == segment.id {
            problems.push(Invalid::new(&path, "segment_circle", "a segment cannot name itself"));
            continue;
        }
        match all.iter().find(|other| other.id == named) {
            None => problems.push(Invalid::new(&path, "segment_gone", "this project has no such segment")),
            Some(other) if !other.audience.segments().is_empty() => {
                problems.push(Invalid::new(
                    &path,
                    "segment_too_deep",
                    "this segment names others itself: segments nest one level deep",
                ));
            }
            Some(_) => {}
        }
    }
    let names_some = !segment.audience.segments().is_empty();
    if names_some && all.iter().any(|other| other.id != segment.id && other.audience.segments().contains(&segment.id)) {
        problems.push(Invalid::new(
            "audience",
            "segment_too_deep",
            "other segments name this one: segments nest one level deep",
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
}

fn name(given: &str) -> Result<String> {
    let name = given.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains('\0') {
        return Err(Refusal::invalid("name", "wrong_form", format!("1 to {LONGEST_NAME} characters")));
    }
    Ok(name)
}

fn key_of(name: &str) -> String {
    name.to_lowercase().replace('ё', "е")
}

fn taken() -> Refusal {
    Refusal::Conflict { code: "segment_name_taken", detail: "a segment has this name already".to_owned() }
}

async fn tell(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::settings_changed(cx, project, RESOURCE).await
}
