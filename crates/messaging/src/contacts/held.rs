//! What a field of a contact holds: values that people see, and what stands behind an unusable one (ADR 20).

use super::values::{Giver, is_strong};
use crate::fields::{self, Field};
use identity::behind::{Entry, behind};
use identity::normalise::{NormSettings, Normalised};
use model::{FieldValue, Unusable, ValueSource};
use serde::{Deserialize, Serialize};

/// Values of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// As they were given, in their order.
    pub shown: Vec<FieldValue>,
    /// Usable ones that an unusable one stands before: they are compared on.
    pub behind: Vec<FieldValue>,
}

impl Held {
    /// The values as everybody is told of them.
    pub fn told(self) -> Vec<FieldValue> {
        let Self { mut shown, behind } = self;
        let is_cover = |value: &&mut FieldValue| matches!(value.unusable, Some(Unusable::Invalid | Unusable::Garbage));
        if let Some(cover) = shown.iter_mut().find(is_cover) {
            cover.still_compared = behind.into_iter().map(|value| value.value).collect();
        }
        shown
    }

    /// Everything that stands here, what people see first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&FieldValue, bool)> {
        self.shown.iter().map(|value| (value, false)).chain(self.behind.iter().map(|value| (value, true)))
    }

    /// The field with these values instead: an unusable one takes no usable one away.
    pub(super) fn with(&self, field: &Field, shown: Vec<FieldValue>, giver: &Giver, norms: &NormSettings) -> Self {
        let entry = |(value, is_behind): (&FieldValue, bool)| {
            let (norm, why) = fields::normalise(field.kind, &value.value, norms);
            let why = || Normalised::Unusable(fields::why_of(why.unwrap_or("empty")));
            Entry { raw: value.value.clone(), norm: norm.map_or_else(why, Normalised::Usable), is_behind }
        };
        let before: Vec<(&FieldValue, bool)> = self.all().collect();
        let entries: Vec<Entry> = before.iter().copied().map(entry).collect();
        let after: Vec<Entry> = shown.iter().map(|value| entry((value, false))).collect();
        // Such a giver leaves alone what is attested.
        let is_weak = !giver.is_verified || (giver.source == ValueSource::IdentityToken && field.multi);
        let kept = behind(&entries, &after, |place| is_weak && is_strong(before[place].0));
        Self { shown, behind: kept.into_iter().map(|place| before[place].0.clone()).collect() }
    }
}
