//! What a colleague says of himself: whether he takes what comes.

use crate::words;
use serde::{Deserialize, Serialize};

/// A colleague's own word on it, kept over reloads and devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Takes what comes (В сети).
    Available,
    /// Is here, and given nothing new (Занят).
    Busy,
    /// Is not at the desk: visitors are told so when everybody is (Нет на месте).
    Away,
}

words!(Availability { Available = "available", Busy = "busy", Away = "away" });
