//! Numbers as spreadsheets and programs write them when they take a phone for a quantity (rulings 59).

use super::Why;

/// Digits that the shortest forms of programs keep; a spreadsheet shows fewer and drops the rest of the number.
const ENOUGH_DIGITS: usize = 9;

/// The number in digits when a text is such a form: `79123450001.0`, `7.9123450001E10`. An error when a digit of it is lost.
pub(super) fn digits(lower: &str) -> Option<Result<String, Why>> {
    let (sign, number) = match lower.strip_prefix('+') {
        Some(number) => ("+", number),
        None => ("", lower),
    };
    let (mantissa, exponent) = match number.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix('+').unwrap_or(exponent))),
        None => (number, None),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let Some(exponent) = exponent else {
        let is_form = whole.len() >= ENOUGH_DIGITS && !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
        return is_form.then(|| Ok(format!("{sign}{whole}")));
    };
    let places: usize = exponent.parse().ok().filter(|places| *places <= 15)?;
    let known = whole.len() + fraction.len();
    if fraction.len() > places || known < ENOUGH_DIGITS {
        return Some(Err(Why::Invalid));
    }
    let zeros = "0".repeat(places - fraction.len());
    Some(Ok(format!("{sign}{whole}{fraction}{zeros}")))
}
