//! TIFF 6.0: lists of tags. It may have many pages, so it is not written anew; what tells of its owner is overwritten with zeros where it
//! stands.

/// Description, maker, model, software, time, artist, computer, XMP, IPTC, Photoshop, copyright.
const TELLING: [u16; 11] = [0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x02bc, 0x83bb, 0x8649, 0x8298];
/// Lists of tags of their own: EXIF, GPS. All of them tell.
const TELLING_LISTS: [u16; 2] = [0x8769, 0x8825];
/// Tags of all lists at most.
const MAX_TAGS: usize = 100_000;

/// Whether a file begins as one.
pub(super) fn is_tiff(head: &[u8]) -> bool {
    head.starts_with(b"II*\0") || head.starts_with(b"MM\0*")
}

/// The pages without what tells of their owner; none when the tags make no sense.
pub(super) fn wiped(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file =
        Tiff { bytes, is_little: bytes.starts_with(b"II"), out: bytes.to_vec(), tags: 0, left: 2 * bytes.len() };
    let mut at = file.number(4, 4)?;
    while at != 0 {
        at = file.wipe_list(at, false)?;
    }
    Some(file.out)
}

struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
    out: Vec<u8>,
    /// Seen so far.
    tags: usize,
    /// Bytes that may still be wiped: each once, and room for lists that share some.
    left: usize,
}

impl Tiff<'_> {
    fn number(&self, at: usize, size: usize) -> Option<usize> {
        let digits = self.bytes.get(at..at.checked_add(size)?)?;
        let add = |sum: usize, digit: &u8| sum * 256 + usize::from(*digit);
        Some(if self.is_little { digits.iter().rev().fold(0, add) } else { digits.iter().fold(0, add) })
    }

    /// Wipes what tells in a list, or all of it; answers where the next page's list is.
    fn wipe_list(&mut self, at: usize, tells_all: bool) -> Option<usize> {
        let count = self.number(at, 2)?;
        self.tags += count + 1;
        if self.tags > MAX_TAGS {
            return None;
        }
        for entry in (0..count).map(|n| at + 2 + 12 * n) {
            let tag = u16::try_from(self.number(entry, 2)?).ok()?;
            if TELLING_LISTS.contains(&tag) && !tells_all {
                self.wipe_list(self.number(entry + 8, 4)?, true)?;
            } else if tells_all || TELLING.contains(&tag) {
                self.wipe_value(entry)?;
            }
        }
        self.number(at + 2 + 12 * count, 4)
    }

    fn wipe_value(&mut self, entry: usize) -> Option<()> {
        let unit = match self.number(entry + 2, 2)? {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        let length = self.number(entry + 4, 4)?.checked_mul(unit)?;
        self.left = self.left.checked_sub(length)?;
        let at = if length <= 4 { entry + 8 } else { self.number(entry + 8, 4)? };
        self.out.get_mut(at..at.checked_add(length)?)?.fill(0);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One page: its width, a maker that stands elsewhere, and a list of GPS with one value.
    fn photo() -> Vec<u8> {
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        bytes.extend(3u16.to_le_bytes());
        bytes.extend(entry(0x0100, 4, 1, 640));
        bytes.extend(entry(0x010f, 2, 9, 68));
        bytes.extend(entry(0x8825, 4, 1, 50));
        bytes.extend(0u32.to_le_bytes());
        assert_eq!(bytes.len(), 50);
        bytes.extend(1u16.to_le_bytes());
        bytes.extend(entry(0x0002, 5, 1, 77));
        bytes.extend(0u32.to_le_bytes());
        bytes.extend(b"Telephone");
        bytes.extend(b"LATITUDE");
        bytes.extend(b"PIXELS");
        bytes
    }

    #[test]
    fn maker_and_place_are_zeros_and_the_page_stays() {
        let photo = photo();
        assert!(is_tiff(&photo));
        let wiped = wiped(&photo).unwrap();
        assert_eq!(&wiped[68..], [&[0; 17][..], b"PIXELS"].concat());
        assert_eq!(wiped[..68], photo[..68]);
    }

    #[test]
    fn a_damaged_one_is_refused_and_nothing_panics() {
        let photo = photo();
        for at in 0..photo.len() {
            let _ = wiped(&photo[..at]);
            for value in [0, 8, 255] {
                let mut damaged = photo.clone();
                damaged[at] = value;
                let _ = wiped(&damaged);
            }
        }
        let mut round = photo;
        round[46..50].copy_from_slice(&8u32.to_le_bytes());
        assert!(wiped(&round).is_none(), "a list that is its own next one");
    }
}
