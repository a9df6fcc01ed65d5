//! Rules: AND inside, OR across (R10-R13).

pub use super::store::rules::{list, preparing};

use model::{RuleId, words};
use serde::{Deserialize, Serialize};

/// A rule of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rule {
    /// Rule id.
    pub id: RuleId,
    /// The row its keys stand under; none when that is not looked up.
    #[serde(skip)]
    pub row: Option<RuleId>,
    /// The caller's own key.
    pub key: String,
    /// Fields that must all coincide.
    pub fields: Vec<String>,
    /// Join, or only propose.
    pub mode: RuleMode,
    /// Works.
    pub enabled: bool,
    /// Takes verified values only.
    pub verified_only: bool,
    /// Its own limit instead of the project's.
    pub hub_limit: Option<u32>,
    /// Place in the list.
    pub position: i64,
}

impl Rule {
    /// The row its keys stand under.
    pub fn row(&self) -> &RuleId {
        self.row.as_ref().unwrap_or(&self.id)
    }
}

/// What a rule does with those it finds (rulings 37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleMode {
    /// Joins.
    #[default]
    AtOnce,
    /// Proposes to the operator.
    Suggest,
}

words!(RuleMode { AtOnce = "at_once", Suggest = "suggest" });
