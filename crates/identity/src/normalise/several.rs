//! Several values in one cell (rulings 59).

use super::{FieldKind, NormSettings, normalise};

/// The values that a cell of a table or a form holds: several when each of its pieces can be compared by itself, else the cell as it is.
#[must_use]
pub fn several<'a>(kind: FieldKind, raw: &'a str, settings: &NormSettings) -> Vec<&'a str> {
    if !matches!(kind, FieldKind::Phone | FieldKind::Email) || normalise(kind, raw, settings).usable().is_some() {
        return vec![raw];
    }
    // Address books part the values of one cell by ":::".
    let lists = || raw.split(":::").flat_map(|part| part.split([',', ';', '|', '\n', '\r']));
    let pieces = || lists().map(str::trim).filter(|piece| !piece.is_empty());
    let of = |pieces: &mut dyn Iterator<Item = &'a str>| -> Option<Vec<&'a str>> {
        let pieces: Vec<&str> = pieces.collect();
        let are_usable = pieces.iter().all(|piece| normalise(kind, piece, settings).usable().is_some());
        (pieces.len() > 1 && are_usable).then_some(pieces)
    };
    let found = of(&mut pieces());
    // A slash parts digits of one number, too, so it parts numbers only where nothing else does.
    let found = found.or_else(|| of(&mut raw.split('/').map(str::trim).filter(|piece| !piece.is_empty())));
    found.unwrap_or_else(|| vec![raw])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_in_a_cell_are_two_values() {
        let split = |raw| several(FieldKind::Phone, raw, &NormSettings::default());
        assert_eq!(split("8 912 345-67-89, +7 913 345-67-89"), ["8 912 345-67-89", "+7 913 345-67-89"]);
        assert_eq!(split("89123456789 / 89133456789"), ["89123456789", "89133456789"]);
        assert_eq!(split("89123456789\n89133456789 доб. 5;"), ["89123456789", "89133456789 доб. 5"]);
        assert_eq!(split("+7 912 345-67-89 ::: +7 913 345-67-89"), ["+7 912 345-67-89", "+7 913 345-67-89"]);
        for whole in ["8 912 345/67/89", "3-12-45; 3-12-46", "8 912 345 67 89, Олег", "нет"] {
            assert_eq!(split(whole), [whole], "{whole}");
        }
        let mails = several(FieldKind::Email, "a@b.ru, Олег <c@d.ru>", &NormSettings::default());
        assert_eq!(mails, ["a@b.ru", "Олег <c@d.ru>"]);
    }
}
