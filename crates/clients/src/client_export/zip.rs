//! A ZIP that is made while it is sent: what is ready leaves after each entry.

use ::zip::write::{SimpleFileOptions, StreamWriter};
use ::zip::{CompressionMethod, ZipWriter};
use bytes::Bytes;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that a ZIP of the form that any program opens may address, with room for its end.
const MOST_BYTES: u64 = 0xF000_0000;
/// Entries it may name, with room for the last.
const MOST_ENTRIES: usize = 65_000;
const LONGEST_NAME: usize = 120;

/// What was written so far.
pub(super) struct Zip {
    writer: ZipWriter<StreamWriter<Made>>,
    made: Made,
    bytes: u64,
    entries: usize,
}

impl Default for Zip {
    fn default() -> Self {
        let made = Made::default();
        Self { writer: ZipWriter::new_stream(made.clone()), made, bytes: 0, entries: 0 }
    }
}

impl Zip {
    /// Whether an entry of this size fits, were nothing saved by pressing it.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.entries < MOST_ENTRIES && self.bytes + bytes < MOST_BYTES
    }

    /// Adds an entry; what of the ZIP is ready by then.
    pub fn entry(&mut self, name: &str, bytes: &[u8]) -> io::Result<Bytes> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.writer.start_file(name, options)?;
        self.writer.write_all(bytes)?;
        self.entries += 1;
        let made = self.made.take();
        self.bytes += made.len() as u64;
        Ok(made)
    }

    /// The end, without which nothing opens it: what broke off does not look whole.
    pub fn end(self) -> io::Result<Bytes> {
        self.writer.finish()?;
        Ok(self.made.take())
    }
}

/// Where the writer puts what it has made.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A name that a file may have in any folder: what somebody called it, without what leads elsewhere.
pub(super) fn file_name(name: &str) -> String {
    let is_bad = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let plain: String = name.chars().map(|c| if is_bad(c) { '_' } else { c }).take(LONGEST_NAME).collect();
    let plain = plain.trim().trim_matches('.').to_owned();
    if plain.is_empty() { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::zip::ZipArchive;
    use std::io::{Cursor, Read};

    #[test]
    fn names_of_files_lead_nowhere() {
        assert_eq!(file_name("счёт 71.pdf"), "счёт 71.pdf");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("..\\a:b\u{0}"), "_a_b_");
        assert_eq!(file_name("..."), "file");
        assert_eq!(file_name(&"я".repeat(500)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn what_left_piece_by_piece_is_whole_together_and_not_without_its_end() {
        let mut zip = Zip::default();
        let mut all = zip.entry("a.json", b"{}").unwrap().to_vec();
        all.extend_from_slice(&zip.entry("files/счёт.txt", &[7; 100_000]).unwrap());
        assert!(ZipArchive::new(Cursor::new(&all)).is_err());
        all.extend_from_slice(&zip.end().unwrap());
        let mut opened = ZipArchive::new(Cursor::new(&all)).unwrap();
        let mut bytes = Vec::new();
        opened.by_name("files/счёт.txt").unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!((opened.len(), bytes), (2, vec![7; 100_000]));
    }
}
