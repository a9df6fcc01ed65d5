//! On which side of a `share` a visitor falls.

/// A number from 0 to 99 that hangs on the visitor and the auto-action alone.
///
/// FNV-1a of 32 bits, because both languages have it in one line: over the UTF-16 units of `visitor:action`, which for ids are their bytes.
/// Its low bits hang on the low bits of the letters alone, so one auto-action's half of the visitors would be another's; the last step of
/// Murmur3 stirs them.
pub(crate) fn share(visitor: &str, action: &str) -> u32 {
    let letters = visitor.encode_utf16().chain([u16::from(b':')]).chain(action.encode_utf16());
    let mut hash = letters.fold(0x811c_9dc5_u32, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193));
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)) % 100
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn visitors_fall_evenly_and_two_auto_actions_part_them_independently() {
        let (mut first, mut both) = (0, 0);
        for number in 0..20_000 {
            let visitor = format!("vis_{number:032x}");
            let (one, other) = (share(&visitor, "aut_1") < 50, share(&visitor, "aut_2") < 50);
            first += i32::from(one);
            both += i32::from(one && other);
        }
        assert!((9_700..10_300).contains(&first), "{first}");
        assert!((4_700..5_300).contains(&both), "{both}");
    }

    #[test]
    fn a_visitor_always_falls_on_the_same_side() {
        assert_eq!(share("vis_1", "aut_1"), share("vis_1", "aut_1"));
        let sides: Vec<u32> = ["vis_1", "vis_2", "vis_3"].iter().map(|visitor| share(visitor, "aut_1")).collect();
        assert_eq!(sides, SIDES, "the browser counts the same");
    }

    const SIDES: [u32; 3] = [47, 66, 57];
}
