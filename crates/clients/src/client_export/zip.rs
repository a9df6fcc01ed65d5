//! A ZIP that is made while it is sent: entries are stored as they are, each known whole before it begins, so that any program opens it.

/// Bytes that a ZIP of this form may address, with room for its end.
const MOST_BYTES: u64 = 0xF000_0000;
/// Entries it may name, with room for the last.
const MOST_ENTRIES: usize = 65_000;
/// 1 January 1980: moments stand in the documents themselves.
const DATE: u16 = 0x0021;
/// Names are UTF-8.
const UTF8: u16 = 0x0800;
const LONGEST_NAME: usize = 120;

/// What was written so far.
#[derive(Default)]
pub(super) struct Zip {
    offset: u64,
    directory: Vec<u8>,
    entries: usize,
}

impl Zip {
    /// Whether an entry of this size fits.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.entries < MOST_ENTRIES && self.offset + bytes + (self.directory.len() as u64) < MOST_BYTES
    }

    /// The head of an entry, whose bytes follow.
    pub fn entry(&mut self, name: &str, bytes: &[u8]) -> Vec<u8> {
        let size = narrow(bytes.len() as u64);
        let about = About { crc: crc32(bytes), size, name };
        let mut head = Vec::with_capacity(30 + name.len());
        put32(&mut head, 0x0403_4b50);
        put16(&mut head, 20);
        about.put(&mut head);
        head.extend_from_slice(name.as_bytes());
        put32(&mut self.directory, 0x0201_4b50);
        put16(&mut self.directory, 20);
        put16(&mut self.directory, 20);
        about.put(&mut self.directory);
        // No comment, one disk, no attributes.
        for _ in 0..3 {
            put16(&mut self.directory, 0);
        }
        put32(&mut self.directory, 0);
        put32(&mut self.directory, narrow(self.offset));
        self.directory.extend_from_slice(name.as_bytes());
        self.entries += 1;
        self.offset += head.len() as u64 + bytes.len() as u64;
        head
    }

    /// The end, without which nothing opens it: what broke off does not look whole.
    pub fn end(self) -> Vec<u8> {
        let (length, entries) = (narrow(self.directory.len() as u64), u16::try_from(self.entries).unwrap_or(u16::MAX));
        let mut end = self.directory;
        put32(&mut end, 0x0605_4b50);
        put16(&mut end, 0);
        put16(&mut end, 0);
        put16(&mut end, entries);
        put16(&mut end, entries);
        put32(&mut end, length);
        put32(&mut end, narrow(self.offset));
        put16(&mut end, 0);
        end
    }
}

/// What both heads of an entry say alike.
struct About<'n> {
    crc: u32,
    size: u32,
    name: &'n str,
}

impl About<'_> {
    fn put(&self, out: &mut Vec<u8>) {
        put16(out, UTF8);
        // Stored, at midnight.
        put16(out, 0);
        put16(out, 0);
        put16(out, DATE);
        put32(out, self.crc);
        put32(out, self.size);
        put32(out, self.size);
        put16(out, u16::try_from(self.name.len()).unwrap_or(u16::MAX));
        put16(out, 0);
    }
}

/// A name that a file may have in any folder: what somebody called it, without what leads elsewhere.
pub(super) fn file_name(name: &str) -> String {
    let is_bad = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let plain: String = name.chars().map(|c| if is_bad(c) { '_' } else { c }).take(LONGEST_NAME).collect();
    let plain = plain.trim().trim_matches('.').to_owned();
    if plain.is_empty() { "file".to_owned() } else { plain }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

const CRC: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| CRC[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8);
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zips() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn names_of_files_lead_nowhere() {
        assert_eq!(file_name("счёт 71.pdf"), "счёт 71.pdf");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("..\\a:b\u{0}"), "_a_b_");
        assert_eq!(file_name("..."), "file");
        assert_eq!(file_name(&"я".repeat(500)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn the_end_says_where_the_directory_is() {
        let mut zip = Zip::default();
        let mut all = zip.entry("a.json", b"{}");
        all.extend_from_slice(b"{}");
        let at = all.len();
        let end = zip.end();
        assert_eq!(end[end.len() - 6..end.len() - 2], (at as u32).to_le_bytes());
        assert_eq!(end[end.len() - 12..end.len() - 10], 1u16.to_le_bytes());
    }
}
