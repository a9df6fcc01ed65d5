//! AVIF and HEIC (ISO 14496-12, 23008-12): boxes of boxes. What tells of the owner (EXIF, XMP, user data) is overwritten with zeros where
//! it stands, so that every place in the file stays what it was.

/// Brands of pictures, and the type each is served as.
const BRANDS: [(&[u8; 4], &str); 9] = [
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"heim", "image/heic"),
    (b"heis", "image/heic"),
    (b"hevc", "image/heic"),
    (b"mif1", "image/heic"),
    (b"msf1", "image/heic"),
];

/// Whether a file begins as such a picture.
pub(super) fn is_picture(head: &[u8]) -> bool {
    mime_of(head).is_some()
}

fn mime_of(head: &[u8]) -> Option<&'static str> {
    let brand = head.get(4..8).filter(|kind| kind == b"ftyp").and_then(|_| head.get(8..12))?;
    BRANDS.iter().find(|(known, _)| *known == brand).map(|(_, mime)| *mime)
}

/// The picture without what tells of its owner, and its type; none when its boxes make no sense.
pub(super) fn wiped(bytes: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let mime = mime_of(bytes)?;
    let mut out = bytes.to_vec();
    for (kind, from, to) in boxes(bytes, 0, bytes.len())? {
        match &kind {
            b"meta" => wipe_items(bytes, &mut out, from, to)?,
            b"moov" => wipe_user_data(bytes, &mut out, from, to)?,
            b"uuid" | b"udta" => out[from..to].fill(0),
            _ => {}
        }
    }
    Some((out, mime))
}

type Found = ([u8; 4], usize, usize);

/// The boxes between two places: kind, and where the content begins and ends.
fn boxes(bytes: &[u8], from: usize, to: usize) -> Option<Vec<Found>> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let (length, kind) = (number(bytes, at, 4)?, bytes.get(at + 4..at + 8)?.try_into().ok()?);
        let (head, length) = match length {
            0 => (8, to - at),
            1 => (16, number(bytes, at + 8, 8)?),
            length => (8, length),
        };
        let end = at.checked_add(length).filter(|end| *end <= to && length >= head)?;
        found.push((kind, at + head, end));
        at = end;
    }
    Some(found)
}

/// A big-endian number of so many bytes; 0 of none.
fn number(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(count)?)?;
    digits.iter().try_fold(0usize, |sum, digit| sum.checked_mul(256)?.checked_add(usize::from(*digit)))
}

fn wipe_user_data(bytes: &[u8], out: &mut [u8], from: usize, to: usize) -> Option<()> {
    for (kind, from, to) in boxes(bytes, from, to)? {
        match &kind {
            b"udta" | b"meta" | b"uuid" => out[from..to].fill(0),
            b"trak" => wipe_user_data(bytes, out, from, to)?,
            _ => {}
        }
    }
    Some(())
}

/// Wipes the items of a `meta` box that are no picture: EXIF, and XMP (`mime`).
fn wipe_items(bytes: &[u8], out: &mut [u8], from: usize, to: usize) -> Option<()> {
    let inside = boxes(bytes, from + 4, to)?;
    let of = |wanted: &[u8; 4]| inside.iter().find(|(kind, ..)| kind == wanted).map(|(_, from, to)| (*from, *to));
    let Some((info, info_end)) = of(b"iinf") else { return Some(()) };
    let told = items_that_tell(bytes, info, info_end)?;
    if told.is_empty() {
        return Some(());
    }
    let (places, _) = of(b"iloc")?;
    let data = of(b"idat").map_or(0, |(from, _)| from);
    // Each byte once, and room for items that share some: a file may not ask for more work than it is long.
    let mut left = 2 * bytes.len();
    for (start, length) in places_of(bytes, places, data, &told)? {
        left = left.checked_sub(length)?;
        out.get_mut(start..start.checked_add(length)?)?.fill(0);
    }
    Some(())
}

fn items_that_tell(bytes: &[u8], from: usize, to: usize) -> Option<Vec<usize>> {
    let count_size = if bytes[from] == 0 { 2 } else { 4 };
    let mut told = Vec::new();
    for (kind, at, _) in boxes(bytes, from + 4 + count_size, to)? {
        let id_size = match (&kind, *bytes.get(at)?) {
            (b"infe", 2) => 2,
            (b"infe", 3) => 4,
            _ => continue,
        };
        let of = bytes.get(at + 4 + id_size + 2..at + 4 + id_size + 6)?;
        if of == b"Exif" || of == b"mime" {
            told.push(number(bytes, at + 4, id_size)?);
        }
    }
    Some(told)
}

/// Where the bytes of some items are.
fn places_of(bytes: &[u8], at: usize, data: usize, wanted: &[usize]) -> Option<Vec<(usize, usize)>> {
    let version = *bytes.get(at)?;
    let nibble = |at: usize, shift: u8| bytes.get(at).map(|byte| usize::from(byte >> shift & 15));
    let (offset_size, length_size, base_size) = (nibble(at + 4, 4)?, nibble(at + 4, 0)?, nibble(at + 5, 4)?);
    if offset_size + length_size == 0 {
        // Places without bytes of their own: as many as one likes.
        return None;
    }
    let index_size = if version == 0 { 0 } else { nibble(at + 5, 0)? };
    let id_size = if version < 2 { 2 } else { 4 };
    let items = number(bytes, at + 6, id_size)?;
    let mut reader = Numbers { bytes, at: at + 6 + id_size };
    let mut places = Vec::new();
    for _ in 0..items {
        let id = reader.next(id_size)?;
        let method = if version == 0 { 0 } else { reader.next(2)? & 15 };
        reader.next(2)?;
        let base = reader.next(base_size)?;
        for _ in 0..reader.next(2)? {
            reader.next(index_size)?;
            let (offset, length) = (reader.next(offset_size)?, reader.next(length_size)?);
            if wanted.contains(&id) {
                let begin = if method == 1 { data } else { 0 };
                places.push((begin.checked_add(base)?.checked_add(offset)?, length));
            }
        }
    }
    Some(places)
}

struct Numbers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Numbers<'_> {
    fn next(&mut self, size: usize) -> Option<usize> {
        let found = number(self.bytes, self.at, size)?;
        self.at += size;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes()[..], kind, content].concat()
    }

    /// An AVIF of one picture item (1) and one of EXIF (2), whose bytes stand at the end.
    fn photo() -> Vec<u8> {
        let entry = |id: u8, kind: &[u8; 4]| boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], &[0]].concat());
        let info = boxed(b"iinf", &[&[0, 0, 0, 0, 0, 2], &entry(1, b"av01")[..], &entry(2, b"Exif")].concat());
        let place = |id: u8, offset: u32, length: u32| {
            [&[0, id, 0, 0, 0, 1][..], &offset.to_be_bytes(), &length.to_be_bytes()].concat()
        };
        let made = |at: u32| {
            let places = [&[0, 0, 0, 0, 0x44, 0, 0, 2][..], &place(1, at, 6), &place(2, at + 6, 6)].concat();
            let meta = boxed(b"meta", &[&[0, 0, 0, 0][..], &info, &boxed(b"iloc", &places)].concat());
            [boxed(b"ftyp", b"avif\0\0\0\0avif"), meta, boxed(b"mdat", b"PIXELSSECRET")].concat()
        };
        let length = u32::try_from(made(0).len()).unwrap();
        made(length - 12)
    }

    #[test]
    fn what_tells_of_the_owner_is_zeros_and_the_rest_stays_where_it_was() {
        let photo = photo();
        let (wiped, mime) = wiped(&photo).unwrap();
        assert_eq!((mime, wiped.len()), ("image/avif", photo.len()));
        let (pixels, told) = wiped[wiped.len() - 12..].split_at(6);
        assert_eq!((pixels, told), (&b"PIXELS"[..], &[0u8; 6][..]));
        assert_eq!(wiped[..wiped.len() - 6], photo[..photo.len() - 6]);
    }

    #[test]
    fn a_damaged_one_is_refused_and_nothing_panics() {
        let photo = photo();
        for cut in 0..photo.len() {
            let _ = wiped(&photo[..cut]);
        }
        for at in 0..photo.len() {
            for value in [0, 1, 127, 255] {
                let mut damaged = photo.clone();
                damaged[at] = value;
                let _ = wiped(&damaged);
            }
        }
        assert!(wiped(&photo[..photo.len() - 1]).is_none());
    }
}
