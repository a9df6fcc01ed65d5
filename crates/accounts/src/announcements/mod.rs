//! Announcements (Объявления): news, maintenance with its window and incidents, told by an account to its team, by the installation to
//! everybody, and by the product about itself (R50, R51, R81; ADR 31).

mod channels;
mod feed;
pub mod installation;
mod product;
mod rules;
mod store;
mod writing;

pub(crate) use channels::{PlannedWork, planned};
pub(crate) use feed::{
    CurrentAnnouncements, NEWEST, Reader, current, key, list, mark_all_read, mark_read, one, written,
};
pub use rules::{AnnouncementChange, NewAnnouncement};
pub(crate) use store::forget_orphans;
pub use writing::create_for_demo;
pub(crate) use writing::{Author, Saved, create, delete, end, update};

use http_kit::Role;
use model::{AccountId, AnnouncementId, ChannelKind, ConnectionId, ProjectId, Timestamp, words};
use serde::{Deserialize, Serialize};

/// What an announcement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementKind {
    /// Something to know.
    News,
    /// Planned work, from one moment to another.
    Maintenance,
    /// Something is broken, until somebody says that it is over.
    Incident,
}

words!(AnnouncementKind { News = "news", Maintenance = "maintenance", Incident = "incident" });

/// Who tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementSource {
    /// The account, to its team.
    Account,
    /// The installation's administrator, to every account.
    Installation,
    /// The product, about its own changes.
    Product,
}

/// An announcement, as its reader sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Announcement {
    /// Announcement id.
    pub id: AnnouncementId,
    /// Who tells it.
    pub source: AnnouncementSource,
    /// What it is.
    pub kind: AnnouncementKind,
    /// Title in Russian; empty: the other one is shown.
    pub title_ru: String,
    /// Title in English; empty: the other one is shown.
    pub title_en: String,
    /// Text in Russian, Markdown.
    pub text_ru: String,
    /// Text in English, Markdown.
    pub text_en: String,
    /// Where more is to be read: an https address.
    pub link: Option<String>,
    /// When it begins.
    pub window_from: Option<Timestamp>,
    /// When it ends.
    pub window_to: Option<Timestamp>,
    /// The connected channel that it is about.
    pub connection_id: Option<ConnectionId>,
    /// Its name.
    pub connection_title: Option<String>,
    /// The kind of channel that it is about.
    pub channel: Option<ChannelKind>,
    /// Roles it is for.
    pub roles: Vec<Role>,
    /// Projects whose people it is for; empty for all.
    pub project_ids: Vec<ProjectId>,
    /// Name of who wrote it; empty for the installation's administrator and for the product.
    pub written_by: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is told: null for a draft, ahead for one that waits.
    pub published_at: Option<Timestamp>,
    /// When somebody said that it is over.
    pub ended_at: Option<Timestamp>,
    /// The reader has read it.
    pub read: bool,
    /// The reader has closed the line about what is planned.
    pub hidden: bool,
    /// The reader may change it.
    pub editable: bool,
    /// For people of some projects only, even when none of them is left.
    #[serde(skip)]
    pub some_projects: bool,
}

impl Announcement {
    /// Whether it is told at this moment.
    pub(crate) fn is_out(&self, now: Timestamp) -> bool {
        self.published_at.is_some_and(|at| at <= now)
    }
}

/// Which table an announcement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of an account.
    Account(AccountId),
    /// For all accounts.
    Installation,
}
