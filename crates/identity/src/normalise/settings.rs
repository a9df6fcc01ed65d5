//! Project settings that normalisation depends on (rulings 32, 33).

use super::{phone, text};
use std::collections::BTreeSet;

/// Version of the rules in this module; stored beside each normalised value so that a change re-normalises.
pub const NORM_VERSION: u32 = 2;

/// Texts that mean "nothing" in every field until a project replaces the list (ruling 33).
pub const DEFAULT_PLACEHOLDERS: &[&str] = &[
    "-",
    "--",
    "---",
    "–",
    "—",
    "-1",
    "?",
    "n/a",
    "none",
    "null",
    "nil",
    "undefined",
    "unknown",
    "anonymous",
    "not set",
    "нет",
    "нету",
    "нет данных",
    "не указан",
    "не указана",
    "не указано",
    "не задано",
    "неизвестно",
    "неизвестен",
    "неизвестна",
    "отсутствует",
    "аноним",
];

/// What normalisation needs to know of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormSettings {
    default_region: Option<String>,
    placeholders: BTreeSet<String>,
    placeholder_phones: BTreeSet<String>,
    version: u32,
}

impl Default for NormSettings {
    /// Region RU and the default placeholder list.
    fn default() -> Self {
        Self::new(Some("RU"), DEFAULT_PLACEHOLDERS.iter().copied())
    }
}

impl NormSettings {
    /// Settings with a default region (`None`: only numbers with a country are phones) and a list of placeholders in any spelling.
    pub fn new<'a>(default_region: Option<&str>, placeholders: impl IntoIterator<Item = &'a str>) -> Self {
        let region = default_region.map(|r| r.trim().to_ascii_uppercase());
        let mut texts = BTreeSet::new();
        let mut phones = BTreeSet::new();
        for raw in placeholders {
            let clean = text::clean(raw);
            if let Ok(number) = phone::phone(&clean, region.as_deref()) {
                phones.insert(number);
            }
            texts.insert(text::fold(&clean));
        }
        texts.remove("");
        Self { default_region: region, placeholders: texts, placeholder_phones: phones, version: NORM_VERSION }
    }

    /// Whether a region of this name has phone rules; anything else is refused by the settings (ruling 23).
    #[must_use]
    pub fn knows_region(region: &str) -> bool {
        phone::knows_region(&region.trim().to_ascii_uppercase())
    }

    /// The region that numbers without a country belong to.
    #[must_use]
    pub fn default_region(&self) -> Option<&str> {
        self.default_region.as_deref()
    }

    /// The placeholders, normalised.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.placeholders.iter().map(String::as_str)
    }

    /// The version of the rules that made the values.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn is_placeholder(&self, folded: &str) -> bool {
        self.placeholders.contains(folded)
    }

    pub(super) fn is_placeholder_phone(&self, number: &str) -> bool {
        self.placeholder_phones.contains(number)
    }
}
