//! Phone numbers (ruling 32): conservative on purpose, because a wrong rewriting joins strangers.
//!
//! Only the metadata of the `phonenumber` crate is used, never its parser: the parser strips a national prefix where the number is one
//! with it, too, and its length check reads the wrong list. Rulings 59 say what the metadata decide.

use super::{Why, spreadsheet};
use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};

const MAX_DIGITS: usize = 15;
const MAX_EXTENSION: usize = 6;
/// Numbers without a telephone that a messenger hands out and vouches for; the metadata do not know the code.
const MESSENGER_CODE: &str = "888";
const MIN_ANONYMOUS: usize = 4;
const MAX_ANONYMOUS: usize = 9;
/// Country codes whose numbers have one length for good: North America, Russia and Kazakhstan.
const CLOSED_PLANS: &[u16] = &[1, 7];
/// Shorter ones may lack their area code.
const MIN_DOUBTED: usize = 11;
/// Lower case; the last two are the Latin letter and the Cyrillic letter that looks like it.
const EXTENSION_MARKS: &[&str] = &["доб", "ext", "#", "x", "х"];

/// The number as `+79123456789` or `+79123456789;ext=12`. The text is already clean.
pub(super) fn phone(clean: &str, region: Option<&str>) -> Result<String, Why> {
    let lower = clean.to_lowercase();
    let (main, extension) = match spreadsheet::digits(&lower) {
        Some(digits) => (digits?, None),
        None => split_extension(&lower)?,
    };
    let (has_plus, digits) = digits_of(&main)?;
    let number = if has_plus { digits } else { with_country(&digits, region).ok_or(Why::Invalid)? };
    let number = without_trunk_inside(number);
    let national = national_part(&number).ok_or(Why::Invalid)?;
    if is_one_digit(national) {
        return Err(Why::Garbage);
    }
    Ok(match extension {
        Some(extension) => format!("+{number};ext={extension}"),
        None => format!("+{number}"),
    })
}

/// Whether the metadata knows the region.
pub(super) fn knows_region(region: &str) -> bool {
    DATABASE.by_id(region).is_some()
}

fn split_extension(lower: &str) -> Result<(String, Option<String>), Why> {
    let first_digit = lower.find(is_digit).ok_or(Why::Invalid)?;
    let mark = EXTENSION_MARKS
        .iter()
        .filter_map(|mark| lower[first_digit..].find(mark).map(|at| (first_digit + at, mark.len())))
        .min();
    let Some((at, len)) = mark else { return Ok((lower.to_owned(), None)) };
    let rest = &lower[at + len..];
    if rest.contains('+') || EXTENSION_MARKS.iter().any(|&m| rest.contains(m) && rest.contains(is_digit) && m != "ext")
    {
        return Err(Why::Invalid);
    }
    let (_, extension) = digits_of(rest)?;
    match extension.len() {
        0 => Ok((lower[..at].to_owned(), None)),
        1..=MAX_EXTENSION => Ok((lower[..at].to_owned(), Some(extension))),
        _ => Err(Why::Invalid),
    }
}

/// Whether a plus stands before the first digit, and the digits. Between them only what people part the digits of one number with may
/// stand; words may stand before and after, not at the digits themselves. A plus behind a digit means two numbers.
fn digits_of(text: &str) -> Result<(bool, String), Why> {
    let Some(first) = text.find(is_digit) else { return Ok((text.contains('+'), String::new())) };
    let last = text.rfind(is_digit).unwrap_or(first);
    let end = last + text[last..].chars().next().map_or(1, char::len_utf8);
    let (before, number, after) = (&text[..first], &text[first..end], &text[end..]);
    let is_glued = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_odd = |text: &str| text.chars().any(char::is_numeric);
    if is_glued(before.chars().next_back()) || is_glued(after.chars().next()) || is_odd(before) || is_odd(after) {
        return Err(Why::Invalid);
    }
    if after.contains('+') || number.chars().any(|c| !is_digit(c) && !is_punctuation(c)) {
        return Err(Why::Invalid);
    }
    Ok((before.contains('+'), number.chars().filter_map(digit_value).collect()))
}

/// What parts the digits of one number. The text is in NFKC, so there are few kinds of each.
fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '(' | ')' | '[' | ']' | '.' | '/' | '~' | '\'' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}'
    )
}

fn is_digit(c: char) -> bool {
    digit_value(c).is_some()
}

/// Decimal digits of the scripts people type phones in.
fn digit_value(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6F0}'..='\u{6F9}' => 0x6F0,
        '\u{966}'..='\u{96F}' => 0x966,
        _ => return None,
    };
    char::from_digit(c as u32 - zero, 10)
}

/// Country and number of digits written without a plus.
fn with_country(digits: &str, region: Option<&str>) -> Option<String> {
    match region {
        Some("RU" | "KZ") => {
            let starts_like_trunk = digits.starts_with(['7', '8']);
            match digits.len() {
                11 if starts_like_trunk => return Some(format!("7{}", &digits[1..])),
                10 => return Some(format!("7{digits}")),
                13.. if digits.starts_with("810") => return Some(digits[3..].to_owned()),
                _ => {}
            }
            after_double_zero(digits)
        }
        Some(region) => after_double_zero(digits).or_else(|| by_metadata(digits, region)),
        None => after_double_zero(digits),
    }
}

fn after_double_zero(digits: &str) -> Option<String> {
    let is_international = digits.len() >= 12 && digits.starts_with("00");
    is_international.then(|| digits[2..].to_owned())
}

/// Regions without a table of their own: trunk prefix, bare national number, or country code, as the metadata read them.
fn by_metadata(digits: &str, region: &str) -> Option<String> {
    let meta = DATABASE.by_id(region)?;
    let code = meta.country_code().to_string();
    let is_viable = meta.descriptors().general().is_match(digits);
    if let Some(national) = without_trunk(meta, digits)
        && (meta.descriptors().general().is_match(&national) || (!is_viable && has_possible_length(meta, &national)))
    {
        return Some(format!("{code}{national}"));
    }
    if has_possible_length(meta, digits) {
        return Some(format!("{code}{digits}"));
    }
    let national = digits.strip_prefix(&code)?;
    has_possible_length(meta, national).then(|| digits.to_owned())
}

/// The national number behind a trunk prefix, as `nationalPrefixForParsing` of the metadata cuts it; none when there is no such prefix.
fn without_trunk(meta: &Metadata, digits: &str) -> Option<String> {
    let Some(parsing) = meta.national_prefix_for_parsing() else {
        let rest = digits.strip_prefix(meta.national_prefix()?)?;
        return (!rest.is_empty()).then(|| rest.to_owned());
    };
    let found = parsing.find(digits).filter(|found| found.start() == 0)?;
    let captures = parsing.captures(digits)?;
    let is_caught = captures.len() > 1 && captures.get(captures.len() - 1).is_some();
    let rest = match meta.national_prefix_transform_rule().filter(|_| is_caught) {
        Some(rule) => parsing.replace(digits, rule).into_owned(),
        None => digits[found.end()..].to_owned(),
    };
    (!rest.is_empty() && rest != digits).then_some(rest)
}

/// A number with its country code, without a trunk prefix that stands behind the code all the same: `+49 (0)171...`. What is a number of
/// that country as it stands stays as it is.
fn without_trunk_inside(number: String) -> String {
    let Some((meta, national)) = country_of(&number) else { return number };
    let general = meta.descriptors().general();
    if general.is_match(national) {
        return number;
    }
    match without_trunk(meta, national).filter(|rest| general.is_match(rest)) {
        Some(rest) => format!("{}{rest}", meta.country_code()),
        None => number,
    }
}

/// The digits after the country code, when the whole is a possible number.
fn national_part(number: &str) -> Option<&str> {
    if number.len() > MAX_DIGITS {
        return None;
    }
    if let Some(anonymous) = number.strip_prefix(MESSENGER_CODE) {
        return (MIN_ANONYMOUS..=MAX_ANONYMOUS).contains(&anonymous.len()).then_some(anonymous);
    }
    let (main, national) = country_of(number)?;
    (has_possible_length(main, national) || is_doubted(main, number)).then_some(national)
}

/// A number that the metadata doubt, and that can match only itself, letter for letter: numbering plans change, and old forms live on in
/// address books and messengers (`+521...`). Where a plan is closed, nothing is left to doubt.
fn is_doubted(main: &Metadata, number: &str) -> bool {
    !CLOSED_PLANS.contains(&main.country_code()) && number.len() >= MIN_DOUBTED
}

/// The main region of a number's country code, and the digits after the code.
fn country_of(number: &str) -> Option<(&'static Metadata, &str)> {
    for code_len in 1..=3.min(number.len()) {
        let (code, national) = number.split_at(code_len);
        if code.starts_with('0') {
            return None;
        }
        let regions = DATABASE.by_code(&code.parse().ok()?);
        // codes are prefix free: the first that exists is the only one; its main region comes first
        if let Some(main) = regions.and_then(|all| all.first().copied()) {
            return Some((main, national));
        }
    }
    None
}

/// Length as of some dialable kind of number of the region. Local-only lengths are not enough.
fn has_possible_length(meta: &Metadata, national: &str) -> bool {
    let Ok(length) = u16::try_from(national.len()) else { return false };
    let all = meta.descriptors();
    let kinds = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ];
    let fits = |kind: &Descriptor| kind.possible_length().contains(&length);
    fits(all.general()) || kinds.into_iter().flatten().any(fits)
}

fn is_one_digit(national: &str) -> bool {
    let mut digits = national.chars();
    let first = digits.next();
    digits.all(|d| Some(d) == first)
}

#[cfg(test)]
mod tests {
    use crate::normalise::{FieldKind, NormSettings, Normalised, Why, normalise};

    fn norm(raw: &str) -> Normalised {
        normalise(FieldKind::Phone, raw, &NormSettings::default())
    }

    #[test]
    fn spellings_with_region_ru() {
        let table = [
            ("+7 (912) 345-67-89", "+79123456789"),
            ("8 (912) 345-67-89", "+79123456789"),
            ("79123456789", "+79123456789"),
            ("9123456789", "+79123456789"),
            ("8-912-345-67-89", "+79123456789"),
            ("８９１２３４５６７８９", "+79123456789"),
            ("٨٩١٢٣٤٥٦٧٨٩", "+79123456789"),
            ("\u{202a}+7\u{a0}912 345 67 89\u{202c}", "+79123456789"),
            ("тел. 8 912 345 67 89", "+79123456789"),
            ("tel:+79123456789", "+79123456789"),
            ("(+7) 912 345 67 89", "+79123456789"),
            ("007 912 345 67 89", "+79123456789"),
            ("810 7 912 345 67 89", "+79123456789"),
            ("810 49 30 1234567", "+49301234567"),
            ("00 49 30 1234567", "+49301234567"),
            ("+49 30 1234567", "+49301234567"),
            ("+1 702 555 12 34", "+17025551234"),
            ("702 555 12 34", "+77025551234"),
            ("+380 44 123 45 67", "+380441234567"),
            ("+375291234567", "+375291234567"),
            ("8 800 555 35 35", "+78005553535"),
            ("8 495 123 45 67 доб. 12", "+74951234567;ext=12"),
            ("8 495 123 45 67 доб 12", "+74951234567;ext=12"),
            ("8 495 123 45 67 Добавочный: 12", "+74951234567;ext=12"),
            ("+7 495 1234567 ext. 12", "+74951234567;ext=12"),
            ("+7 495 1234567 extension 12", "+74951234567;ext=12"),
            ("+7 495 1234567;ext=12", "+74951234567;ext=12"),
            ("+7 495 1234567x12", "+74951234567;ext=12"),
            ("+7 495 1234567 х 12", "+74951234567;ext=12"),
            ("+7 495 1234567 #123456", "+74951234567;ext=123456"),
            ("+7 495 1234567 доб.", "+74951234567"),
            ("8 912 345 67 89 (моб.)", "+79123456789"),
            ("Олег: 8 912 345\u{2011}67\u{2011}89", "+79123456789"),
            ("8 912 345/67/89", "+79123456789"),
            ("=\"+79123456789\"", "+79123456789"),
            ("79123450001.0", "+79123450001"),
            ("7.9123450001E10", "+79123450001"),
            ("7,9123450001E+10", "+79123450001"),
            ("+49 (0)171 123 45 67", "+491711234567"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+375 (0)29 123 45 67", "+375291234567"),
            ("+39 06 1234 5678", "+390612345678"),
            ("+52 1 55 1234 5678", "+5215512345678"),
            ("+888 0123 4567", "+88801234567"),
        ];
        for (raw, want) in table {
            assert_eq!(norm(raw), Normalised::Usable(want.into()), "{raw}");
        }
    }

    #[test]
    fn unusable_with_region_ru() {
        let table = [
            ("+8 912 345 67 89", Why::Invalid),
            ("+0 912 345 67 89", Why::Invalid),
            ("912 345 67", Why::Invalid),
            ("345-67-89", Why::Invalid),
            ("112", Why::Invalid),
            ("abc", Why::Invalid),
            ("+", Why::Invalid),
            ("6 912 345 67 89", Why::Invalid),
            ("17025551234", Why::Invalid),
            ("+7 912 345 67 8", Why::Invalid),
            ("+7 912 345 67 89 0", Why::Invalid),
            ("8 912 345 67 89, 8 913 345 67 89", Why::Invalid),
            ("+79123456789 +79133456789", Why::Invalid),
            ("+7 495 1234567 доб. 1234567", Why::Invalid),
            ("(530) 583-6985 x302/x2303", Why::Invalid),
            ("+1 555 1234", Why::Invalid),
            ("+999 123 456 789", Why::Invalid),
            ("9.12346E+9", Why::Invalid),
            ("9.12345678E9x", Why::Invalid),
            ("7.91234500012E10", Why::Invalid),
            ("3-12-45; 3-12-46", Why::Invalid),
            ("8 912 345 и 67 89", Why::Invalid),
            ("a89123456789", Why::Invalid),
            ("89123456789b", Why::Invalid),
            ("8 912 345: 67 89", Why::Invalid),
            ("8 999 999 99 99", Why::Garbage),
            ("+7 000 000 00 00", Why::Garbage),
            ("7777777777", Why::Garbage),
            ("88888888888", Why::Garbage),
            ("", Why::Empty),
            (" \u{200b} ", Why::Empty),
            ("-", Why::Placeholder),
            ("Нет", Why::Placeholder),
            ("N/A", Why::Placeholder),
        ];
        for (raw, why) in table {
            assert_eq!(norm(raw), Normalised::Unusable(why), "{raw}");
        }
    }

    #[test]
    fn the_tail_is_never_compared() {
        assert_ne!(norm("+1 702 345 67 89"), norm("+7 702 345 67 89"));
        assert_ne!(norm("+7 495 1234567 доб. 1"), norm("+7 495 1234567"));
    }

    #[test]
    fn other_regions_use_their_own_trunk_prefix() {
        let table = [
            ("US", "(702) 555-1234", "+17025551234"),
            ("US", "1 702 555 1234", "+17025551234"),
            ("GB", "020 7946 0958", "+442079460958"),
            ("DE", "030 1234567", "+49301234567"),
            ("IT", "06 1234 5678", "+390612345678"),
            ("KZ", "8 702 345 67 89", "+77023456789"),
            ("BY", "8 (029) 123-45-67", "+375291234567"),
            ("BY", "029 123 45 67", "+375291234567"),
            ("BY", "29 123 45 67", "+375291234567"),
            ("BY", "375 29 123 45 67", "+375291234567"),
            ("UA", "067 123 45 67", "+380671234567"),
            ("AR", "011 15 1234 5678", "+5491112345678"),
            ("HU", "06 20 123 4567", "+36201234567"),
        ];
        for (region, raw, want) in table {
            let settings = NormSettings::new(Some(region), []);
            assert_eq!(normalise(FieldKind::Phone, raw, &settings), Normalised::Usable(want.into()), "{region} {raw}");
        }
    }

    #[test]
    fn without_a_region_only_numbers_with_a_country_count() {
        let settings = NormSettings::new(None, []);
        assert_eq!(normalise(FieldKind::Phone, "89123456789", &settings), Normalised::Unusable(Why::Invalid));
        assert_eq!(normalise(FieldKind::Phone, "+79123456789", &settings), Normalised::Usable("+79123456789".into()));
    }

    #[test]
    fn a_phone_on_the_placeholder_list_is_one_in_any_spelling() {
        let settings = NormSettings::new(Some("RU"), ["+7 912 345 67 89"]);
        assert_eq!(normalise(FieldKind::Phone, "8(912)3456789", &settings), Normalised::Unusable(Why::Placeholder));
    }
}
