//! What buttons of a site say, and addresses that they lead to.

use messaging::contacts::names::readable;
use messaging::messages;
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};

/// Characters of a label at most.
const LONGEST_LABEL: usize = 40;
/// Characters of an address at most.
const LONGEST_ADDRESS: usize = 2_000;

/// What a button says, in the visitor's language; Russian where there is no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In Russian.
    pub ru: String,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// A label as it is kept.
///
/// # Errors
/// When nothing of it can be seen, or it is too long.
pub(crate) fn label(label: Label) -> Result<Label> {
    let en = label.en.filter(|text| !text.trim().is_empty());
    Ok(Label { ru: words("label.ru", &label.ru)?, en: en.map(|text| words("label.en", &text)).transpose()? })
}

/// A word as it is kept.
///
/// # Errors
/// As [`label`].
pub(crate) fn words(path: &str, text: &str) -> Result<String> {
    let is_short = text.chars().count() <= LONGEST_LABEL && !text.contains('\0');
    let wrong = || Refusal::invalid(path, "wrong_form", format!("1 to {LONGEST_LABEL} characters that can be seen"));
    readable(text).filter(|_| is_short).ok_or_else(wrong)
}

/// An address that opens something and runs nothing.
///
/// # Errors
/// For another one.
pub(crate) fn address(path: &str, url: &mut String) -> Result<()> {
    *url = url.trim().to_owned();
    let is_long = url.chars().count() > LONGEST_ADDRESS || url.contains(char::is_control);
    if is_long || !messages::is_safe_address(url) {
        let text = "an address that begins with https://, http://, mailto: or tel:";
        return Err(Refusal::invalid(path, "wrong_form", text));
    }
    Ok(())
}
