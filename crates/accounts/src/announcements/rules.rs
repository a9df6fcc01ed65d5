//! What may be announced.

use super::{Announcement, AnnouncementKind, AnnouncementSource};
use http_kit::{Role, given};
use model::{AnnouncementId, ChannelKind, ConnectionId, Invalid, ProjectId, Refusal, Result, Timestamp};
use serde::Deserialize;

const LONGEST_TITLE: usize = 120;
const LONGEST_TEXT: usize = 5_000;
const LONGEST_LINK: usize = 500;

/// A new announcement.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnouncement {
    /// `news`, `maintenance` or `incident`.
    pub kind: AnnouncementKind,
    /// Title in Russian; one of both is needed.
    #[serde(default)]
    pub title_ru: String,
    /// Title in English.
    #[serde(default)]
    pub title_en: String,
    /// Text in Russian, Markdown.
    #[serde(default)]
    pub text_ru: String,
    /// Text in English, Markdown.
    #[serde(default)]
    pub text_en: String,
    /// Where more is to be read: an https address.
    pub link: Option<String>,
    /// When it begins: maintenance needs it.
    pub window_from: Option<Timestamp>,
    /// When it ends: maintenance needs it.
    pub window_to: Option<Timestamp>,
    /// A connected channel of the account that it is about.
    pub connection_id: Option<ConnectionId>,
    /// The kind of channel that an announcement for all accounts is about.
    pub channel: Option<ChannelKind>,
    /// Roles it is for; all when missing.
    pub roles: Option<Vec<Role>>,
    /// Projects whose people it is for; all when missing or empty.
    pub project_ids: Option<Vec<ProjectId>>,
    /// Keep it to the authors.
    #[serde(default)]
    pub draft: bool,
    /// When to tell it; at once when missing or past.
    pub publish_at: Option<Timestamp>,
    /// For every account of the installation: only its administrator writes such ones.
    #[serde(default)]
    pub for_all_accounts: bool,
}

/// A change of an announcement: what is missing stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateAnnouncement)]
pub struct AnnouncementChange {
    kind: Option<AnnouncementKind>,
    title_ru: Option<String>,
    title_en: Option<String>,
    text_ru: Option<String>,
    text_en: Option<String>,
    #[serde(default, deserialize_with = "given")]
    link: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    window_from: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "given")]
    window_to: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "given")]
    connection_id: Option<Option<ConnectionId>>,
    #[serde(default, deserialize_with = "given")]
    channel: Option<Option<ChannelKind>>,
    roles: Option<Vec<Role>>,
    project_ids: Option<Vec<ProjectId>>,
    /// True takes it back, false tells it.
    draft: Option<bool>,
    /// When to tell it; only while it is not told yet.
    publish_at: Option<Timestamp>,
}

impl From<NewAnnouncement> for AnnouncementChange {
    fn from(new: NewAnnouncement) -> Self {
        Self {
            kind: Some(new.kind),
            title_ru: Some(new.title_ru),
            title_en: Some(new.title_en),
            text_ru: Some(new.text_ru),
            text_en: Some(new.text_en),
            link: Some(new.link),
            window_from: Some(new.window_from),
            window_to: Some(new.window_to),
            connection_id: Some(new.connection_id),
            channel: Some(new.channel),
            roles: new.roles,
            project_ids: new.project_ids,
            draft: Some(new.draft),
            publish_at: new.publish_at,
        }
    }
}

/// Nothing written yet, for everybody.
pub(super) fn blank(id: AnnouncementId, source: AnnouncementSource, by: &str, now: Timestamp) -> Announcement {
    Announcement {
        id,
        source,
        kind: AnnouncementKind::News,
        title_ru: String::new(),
        title_en: String::new(),
        text_ru: String::new(),
        text_en: String::new(),
        link: None,
        window_from: None,
        window_to: None,
        connection_id: None,
        connection_title: None,
        channel: None,
        roles: Role::ALL.to_vec(),
        project_ids: Vec::new(),
        written_by: by.to_owned(),
        created_at: now,
        published_at: None,
        ended_at: None,
        read: false,
        hidden: false,
        editable: true,
        some_projects: false,
    }
}

/// The announcement as the change makes it.
///
/// # Errors
/// When that may not be announced, with every reason.
pub(super) fn changed(mut it: Announcement, change: AnnouncementChange, now: Timestamp) -> Result<Announcement> {
    it.kind = change.kind.unwrap_or(it.kind);
    it.title_ru = change.title_ru.map_or(it.title_ru, |title| title.trim().to_owned());
    it.title_en = change.title_en.map_or(it.title_en, |title| title.trim().to_owned());
    it.text_ru = change.text_ru.map_or(it.text_ru, |text| text.trim().to_owned());
    it.text_en = change.text_en.map_or(it.text_en, |text| text.trim().to_owned());
    let given_link = change.link.map(|link| link.map(|link| link.trim().to_owned()).filter(|link| !link.is_empty()));
    it.link = given_link.unwrap_or(it.link);
    it.window_from = change.window_from.unwrap_or(it.window_from);
    it.window_to = change.window_to.unwrap_or(it.window_to);
    it.connection_id = change.connection_id.unwrap_or(it.connection_id);
    if it.source == AnnouncementSource::Installation {
        it.channel = change.channel.unwrap_or(it.channel);
    } else if let Some(Some(_)) = change.channel {
        return Err(Refusal::invalid("channel", "not_allowed", "an account names a connected channel: connection_id"));
    }
    it.roles = change.roles.unwrap_or(it.roles);
    it.roles.sort();
    it.roles.dedup();
    if let Some(mut projects) = change.project_ids {
        projects.sort();
        projects.dedup();
        it.some_projects = !projects.is_empty();
        it.project_ids = projects;
    }
    it.published_at = published(&it, change.draft, change.publish_at, now)?;
    let problems = problems(&it);
    if problems.is_empty() { Ok(it) } else { Err(Refusal::Invalid(problems)) }
}

/// When it is told, after a change.
fn published(
    it: &Announcement,
    draft: Option<bool>,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let at_or_now = at.filter(|at| *at > now).unwrap_or(now);
    match (draft, it.is_out(now)) {
        (Some(true), _) => Ok(None),
        (_, true) if at.is_some() => {
            Err(Refusal::invalid("publish_at", "already_published", "it is told already: take it back first"))
        }
        (_, true) => Ok(it.published_at),
        (Some(false), false) => Ok(Some(at.map_or(it.published_at.unwrap_or(now), |_| at_or_now))),
        (None, false) => Ok(if it.published_at.is_some() && at.is_some() { Some(at_or_now) } else { it.published_at }),
    }
}

fn problems(it: &Announcement) -> Vec<Invalid> {
    let mut problems = Vec::new();
    if it.title_ru.is_empty() && it.title_en.is_empty() {
        problems.push(Invalid::new("title_ru", "empty", "a title in one of the languages"));
    }
    let texts = [
        ("title_ru", &it.title_ru, LONGEST_TITLE),
        ("title_en", &it.title_en, LONGEST_TITLE),
        ("text_ru", &it.text_ru, LONGEST_TEXT),
        ("text_en", &it.text_en, LONGEST_TEXT),
    ];
    for (path, text, longest) in texts {
        if text.chars().count() > longest {
            problems.push(Invalid::new(path, "too_long", format!("at most {longest} characters")));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            problems.push(Invalid::new(path, "bad_character", "only characters that can be seen"));
        }
    }
    if it.link.as_deref().is_some_and(|link| !is_https(link)) {
        problems.push(Invalid::new("link", "wrong_form", "an address that begins with https://"));
    }
    if it.roles.is_empty() {
        problems.push(Invalid::new("roles", "empty", "at least one role"));
    }
    if it.kind == AnnouncementKind::News && (it.connection_id.is_some() || it.channel.is_some()) {
        problems.push(Invalid::new("connection_id", "not_allowed", "news is about no interruption of a channel"));
    }
    if it.source == AnnouncementSource::Installation && (it.connection_id.is_some() || it.some_projects) {
        problems.push(Invalid::new(
            "connection_id",
            "not_allowed",
            "all accounts have no channel or project in common",
        ));
    }
    problems.extend(problems_of_window(it));
    problems
}

fn problems_of_window(it: &Announcement) -> Vec<Invalid> {
    let (from, to) = (it.window_from, it.window_to);
    match it.kind {
        AnnouncementKind::News if from.is_some() || to.is_some() => {
            vec![Invalid::new("window_from", "not_allowed", "news has no window: choose maintenance or incident")]
        }
        AnnouncementKind::Maintenance if from.is_none() || to.is_none() => {
            let path = if from.is_none() { "window_from" } else { "window_to" };
            vec![Invalid::new(path, "missing", "maintenance says when it begins and when it ends")]
        }
        _ if from.zip(to).is_some_and(|(from, to)| to <= from) => {
            vec![Invalid::new("window_to", "wrong_order", "the end comes after the beginning")]
        }
        _ => Vec::new(),
    }
}

fn is_https(link: &str) -> bool {
    let host = link.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let is_plain = !link.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\'));
    !host.is_empty() && !host.contains('@') && is_plain && link.len() <= LONGEST_LINK
}

#[cfg(test)]
mod tests {
    use super::{AnnouncementChange, AnnouncementKind, AnnouncementSource, blank, changed, is_https};
    use crate::announcements::Announcement;
    use model::{AnnouncementId, Refusal, Timestamp};

    fn news() -> Announcement {
        let it = blank(AnnouncementId::from_bits(1), AnnouncementSource::Account, "Анна", Timestamp(0));
        Announcement { title_ru: "Склад переехал".into(), ..it }
    }

    fn places(it: Announcement) -> Vec<String> {
        match changed(it, AnnouncementChange::default(), Timestamp(100)) {
            Err(Refusal::Invalid(problems)) => problems.into_iter().map(|p| format!("{} {}", p.path, p.code)).collect(),
            Ok(_) => Vec::new(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_reason_is_said_at_its_place() {
        assert!(places(news()).is_empty());
        assert_eq!(places(Announcement { title_ru: String::new(), ..news() }), ["title_ru empty"]);
        assert_eq!(places(Announcement { text_en: "x".repeat(5_001), ..news() }), ["text_en too_long"]);
        assert_eq!(places(Announcement { title_ru: "a\0".into(), ..news() }), ["title_ru bad_character"]);
        assert_eq!(places(Announcement { roles: Vec::new(), ..news() }), ["roles empty"]);
        let at = |ms| Some(Timestamp(ms));
        assert_eq!(places(Announcement { window_from: at(1), ..news() }), ["window_from not_allowed"]);
        let work = Announcement { kind: AnnouncementKind::Maintenance, ..news() };
        assert_eq!(places(work.clone()), ["window_from missing"]);
        assert_eq!(places(Announcement { window_from: at(1), ..work.clone() }), ["window_to missing"]);
        let backwards = Announcement { window_from: at(2), window_to: at(1), ..work.clone() };
        assert_eq!(places(backwards), ["window_to wrong_order"]);
        assert!(places(Announcement { window_from: at(1), window_to: at(2), ..work }).is_empty());
        assert!(places(Announcement { kind: AnnouncementKind::Incident, ..news() }).is_empty());
    }

    #[test]
    fn a_link_is_an_https_address() {
        for good in ["https://status.example/", "https://a.example/x?y=1#z"] {
            assert!(is_https(good), "{good}");
        }
        for bad in
            ["http://a.example", "javascript:alert(1)", "https://", "https:///x", "https://a@b.example", "https://a b"]
        {
            assert!(!is_https(bad), "{bad}");
        }
    }

    #[test]
    fn a_draft_is_told_now_or_later_and_can_be_taken_back() {
        let now = Timestamp(100);
        let change = |draft, publish_at: Option<i64>| AnnouncementChange {
            draft,
            publish_at: publish_at.map(Timestamp),
            ..AnnouncementChange::default()
        };
        let told = |it: Announcement, draft, at| changed(it, change(draft, at), now).map(|it| it.published_at);
        let draft = news();
        assert_eq!(told(draft.clone(), Some(true), None).unwrap(), None);
        assert_eq!(told(draft.clone(), None, None).unwrap(), None, "a draft stays one");
        assert_eq!(told(draft.clone(), Some(false), None).unwrap(), Some(now));
        assert_eq!(told(draft.clone(), Some(false), Some(50)).unwrap(), Some(now), "not in the past");
        assert_eq!(told(draft.clone(), Some(false), Some(150)).unwrap(), Some(Timestamp(150)));
        let waiting = Announcement { published_at: Some(Timestamp(150)), ..draft.clone() };
        assert_eq!(told(waiting.clone(), None, Some(170)).unwrap(), Some(Timestamp(170)));
        assert_eq!(told(waiting.clone(), Some(false), None).unwrap(), Some(Timestamp(150)), "it waits on");
        let out = Announcement { published_at: Some(Timestamp(50)), ..draft };
        assert_eq!(told(out.clone(), Some(false), None).unwrap(), Some(Timestamp(50)));
        assert!(told(out.clone(), Some(false), Some(150)).is_err());
        assert_eq!(told(out, Some(true), None).unwrap(), None);
    }
}
