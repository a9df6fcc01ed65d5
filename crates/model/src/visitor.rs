//! Who is on a site now (R80). Never stored: nodes tell it each other, and it is gone with the last of a visitor's pages.

use crate::{ContactId, ProjectId, Timestamp, VisitorId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A visitor who is on the site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitorNow {
    /// Who.
    pub id: VisitorId,
    /// On whose site.
    pub project_id: ProjectId,
    /// The contact, once there is one.
    pub contact_id: Option<ContactId>,
    /// When this visit began.
    pub since: Timestamp,
    /// Pages of this visit, the newest last; never empty.
    pub path: Vec<PageSeen>,
    /// How many pages were seen in this visit.
    pub pages: u32,
    /// Which visit it is.
    pub visits: u32,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// Marks of a campaign: `source`, `medium`, `campaign`, `term`, `content`.
    pub utm: BTreeMap<String, String>,
    /// `desktop`, `phone` or `tablet`.
    pub device: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// ISO 3166, where the installation knows.
    #[serde(default)]
    pub country: Option<String>,
    /// No page is open since then.
    pub left_at: Option<Timestamp>,
    /// What was typed last.
    pub typed: Option<TypedText>,
}

/// A page that a visitor has looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PageSeen {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Since when.
    pub at: Timestamp,
}

/// Something that is being typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypedText {
    /// When it was told.
    pub at: Timestamp,
    /// What, where the project shows it.
    pub text: Option<String>,
}

impl VisitorNow {
    /// The page that is shown now.
    pub fn page(&self) -> Option<&PageSeen> {
        self.path.last()
    }
}
