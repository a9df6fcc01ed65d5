//! A moment that may not have come yet, to be named with `#[serde(with = "model::never")]`: the storage keeps the first of all moments, so
//! that lists in order of time need no case of their own, and JSON says null.

use crate::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Before everything.
pub const NEVER: Timestamp = Timestamp(0);

/// Null for [`NEVER`].
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    (*moment != NEVER).then_some(moment).serialize(serializer)
}

/// [`NEVER`] for null.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(NEVER))
}
