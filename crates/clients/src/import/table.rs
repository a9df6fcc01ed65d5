//! Reading a table of clients: delimiter, encoding, header.

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the bytes are to be read as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Encoding {
    /// UTF-8, with or without a mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// What spreadsheets on Russian Windows save.
    #[serde(rename = "windows-1251")]
    Windows1251,
}

/// Bytes without a line break that are still taken for a line.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Looks at the bytes of an upload as they come: text of the promised encoding, in lines.
#[derive(Debug)]
pub struct Inspector {
    encoding: Encoding,
    /// What a mark at the beginning says, once enough has come to see it.
    marked: Option<Mark>,
    /// The first bytes, until then.
    held: Vec<u8>,
    /// The beginning of a character whose end has not come yet.
    carry: Vec<u8>,
    line: usize,
    total: usize,
}

impl Inspector {
    /// For an upload that has not begun.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, marked: None, held: Vec::new(), carry: Vec::new(), line: 0, total: 0 }
    }

    /// The next piece.
    ///
    /// # Errors
    /// When it is not text of this encoding, or a line has no end.
    pub fn look(&mut self, piece: &[u8]) -> Result<()> {
        self.total += piece.len();
        if self.marked.is_some() {
            return self.inspect(piece);
        }
        self.held.extend_from_slice(piece);
        if self.held.len() < LONGEST_MARK { Ok(()) } else { self.look_at_held() }
    }

    fn look_at_held(&mut self) -> Result<()> {
        self.marked = Some(Mark::of(&self.held));
        let held = std::mem::take(&mut self.held);
        self.inspect(&held)
    }

    fn inspect(&mut self, piece: &[u8]) -> Result<()> {
        match piece.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(at) => self.line = piece.len() - at - 1,
            None => self.line += piece.len(),
        }
        if self.line > LONGEST_LINE {
            return Err(Refusal::invalid("file", "line_too_long", "a line has more than 16 MB: is this a CSV?"));
        }
        // A mark says how the bytes were written, whatever was promised.
        let is_utf8 = match self.marked {
            Some(Mark::Utf16) => return Ok(()),
            Some(Mark::Utf8) => true,
            _ => self.encoding == Encoding::Utf8,
        };
        if piece.contains(&0) {
            let words = "the file holds NUL bytes: save it as CSV in UTF-8, or in UTF-16 with its mark";
            return Err(Refusal::invalid("file", "not_text", words));
        }
        if !is_utf8 {
            return Ok(());
        }
        self.carry.extend_from_slice(piece);
        let whole = match std::str::from_utf8(&self.carry) {
            Ok(_) => self.carry.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(wrong_encoding()),
        };
        self.carry.drain(..whole);
        Ok(())
    }

    /// After the last piece.
    ///
    /// # Errors
    /// When nothing came, or the last character is cut off.
    pub fn end(&mut self) -> Result<()> {
        if self.total == 0 {
            return Err(Refusal::invalid("file", "empty", "the file is empty"));
        }
        if self.marked.is_none() {
            self.look_at_held()?;
        }
        if self.marked == Some(Mark::Utf16) && !self.total.is_multiple_of(2) {
            return Err(Refusal::invalid(
                "file",
                "wrong_encoding",
                "the file is marked as UTF-16 and ends within a character",
            ));
        }
        if self.carry.is_empty() { Ok(()) } else { Err(wrong_encoding()) }
    }
}

/// What the first bytes of a file say of its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Utf8,
    Utf16,
    Nothing,
}

const LONGEST_MARK: usize = 3;

impl Mark {
    fn of(first: &[u8]) -> Self {
        match first {
            [0xEF, 0xBB, 0xBF, ..] => Self::Utf8,
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Self::Utf16,
            _ => Self::Nothing,
        }
    }
}

fn wrong_encoding() -> Refusal {
    let words = "the file is not UTF-8: save it as UTF-8, or pass encoding=windows-1251";
    Refusal::invalid("file", "wrong_encoding", words)
}

/// Bytes that a row may have. Only a quote that is never closed makes more of them: all the rest of the table is one cell then.
const LARGEST_ROW: usize = 16 * 1024 * 1024;

/// Why a table cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The row before it, as a spreadsheet counts; none when it is the header.
    pub after: Option<u64>,
    /// What is wrong.
    pub words: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            None => write!(f, "the header of the table cannot be read: {}", self.words),
            Some(rows) => write!(f, "the table cannot be read after row {rows}: {}", self.words),
        }
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Self::invalid("file", "unreadable", unreadable.to_string())
    }
}

/// Rows of a table as they are read, the header first.
pub struct Rows<R> {
    records: csv::StringRecordsIntoIter<DecodeReaderBytes<Limited<R>, Vec<u8>>>,
    read: Arc<AtomicUsize>,
    /// The row that was read last, as a spreadsheet counts: blank rows and what stands before the header are rows there, too.
    number: u64,
    /// Line breaks up to its end.
    breaks: u64,
    has_header: bool,
}

/// A row of a table, and its number in a spreadsheet.
pub type Numbered = (u64, Vec<String>);

impl<R: Read> Rows<R> {
    /// Opens a table; a mark at the beginning decides over the encoding that was promised.
    pub fn open(bytes: R, encoding: Encoding, delimiter: u8) -> Self {
        let read = Arc::new(AtomicUsize::new(0));
        let limited = Limited { bytes, read: read.clone() };
        let decoded = decoded(limited, encoding);
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.delimiter(delimiter).has_headers(false).flexible(true).from_reader(decoded);
        Self { records: reader.into_records(), read, number: 0, breaks: 0, has_header: false }
    }

    /// Counts a row that was read, and the blank ones before it, which the reader passes over. Breaks within cells make no rows.
    fn count(&mut self, record: &csv::StringRecord) {
        let breaks = self.records.reader().position().line() - 1;
        let within: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        self.number += (breaks - self.breaks).saturating_sub(within as u64).max(1);
        self.breaks = breaks;
    }
}

fn decoded<R: Read>(bytes: R, encoding: Encoding) -> DecodeReaderBytes<R, Vec<u8>> {
    let encoding = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Windows1251 => encoding_rs::WINDOWS_1251,
    };
    DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).strip_bom(true).build(bytes)
}

/// Nothing of a table yet: a blank line before its header, or a spreadsheet's word on the delimiter.
fn is_before_header(row: &csv::StringRecord) -> bool {
    row.iter().all(|cell| cell.trim().is_empty()) || row.get(0).is_some_and(|cell| said_delimiter(cell).is_some())
}

/// `sep=;`, the first line that spreadsheets understand. The delimiter itself may have been cut off by reading it as one.
fn said_delimiter(line: &str) -> Option<Option<u8>> {
    let said = line.trim().trim_matches('"').strip_prefix("sep=")?;
    (said.len() <= 1).then(|| said.bytes().next())
}

/// After an error there is nothing more to ask for: the place in the table is lost.
impl<R: Read> Iterator for Rows<R> {
    type Item = std::result::Result<Numbered, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read.store(0, Ordering::Relaxed);
        loop {
            let record = match self.records.next()? {
                Ok(record) => record,
                Err(error) => {
                    let after = self.has_header.then_some(self.number);
                    return Some(Err(Unreadable { after, words: error.to_string() }));
                }
            };
            self.count(&record);
            if self.has_header || !is_before_header(&record) {
                self.has_header = true;
                return Some(Ok((self.number, record.iter().map(str::to_owned).collect())));
            }
        }
    }
}

/// Bytes that come to an end with an error when one row asks for too many.
struct Limited<R> {
    bytes: R,
    /// Read for the row at hand; what the reader took ahead is not counted.
    read: Arc<AtomicUsize>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(into)?;
        let total = self.read.fetch_add(length, Ordering::Relaxed) + length;
        if total > LARGEST_ROW {
            return Err(io::Error::other("a row has more than 16 MB: is a quote never closed?"));
        }
        Ok(length)
    }
}

/// The delimiter that a header uses, by the first bytes of a file: the one it names itself (`sep=;`), else the most frequent of comma,
/// semicolon and tab outside quotes.
pub fn delimiter_of(first: &[u8], encoding: Encoding) -> u8 {
    let mut text = String::new();
    // What is cut off at the end is no reason to miss the beginning.
    let mut bytes = Vec::new();
    let _ = decoded(first, encoding).read_to_end(&mut bytes);
    text.push_str(&String::from_utf8_lossy(&bytes));
    let mut lines = text.split_inclusive(['\n', '\r']);
    let mut header = text.as_str();
    for line in lines.by_ref() {
        if let Some(Some(said)) = said_delimiter(line.trim_end_matches(['\n', '\r'])) {
            return said;
        }
        if line.chars().any(|c| !c.is_whitespace() && !",;".contains(c)) {
            break;
        }
        header = &header[line.len()..];
    }
    let mut is_quoted = false;
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    for byte in header.bytes().take_while(|byte| !matches!(byte, b'\n' | b'\r')) {
        is_quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !is_quoted && *delimiter == byte) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_most_frequent_one_outside_quotes() {
        let of = |text: &str| delimiter_of(text.as_bytes(), Encoding::Utf8);
        assert_eq!(of("имя;телефон;\"а,б,в,г\"\n1,2,3,4,5"), b';');
        assert_eq!(of("a\tb"), b'\t');
        assert_eq!(of("only"), b',');
        assert_eq!(of("sep=;\r\na,b"), b';');
        assert_eq!(of("\n ;;\na;b\n1,2,3"), b';');
        assert_eq!(of("a;b\r1,2,3,4\r5,6,7"), b';', "lines that end as on old Macs");
    }

    /// Gives some bytes, and then fails as a disk does.
    struct Broken<'a>(&'a [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(io::Error::other("the disk is gone")),
                length => Ok(length),
            }
        }
    }

    #[test]
    fn a_table_that_cannot_be_read_on_says_after_which_row() {
        let mut rows = Rows::open(Broken(b"name\na\nb\nc"), Encoding::Utf8, b',');
        let error = rows.find_map(std::result::Result::err).unwrap();
        assert_eq!(error, Unreadable { after: Some(3), words: "the disk is gone".into() });
        let header = Rows::open(Broken(b"na"), Encoding::Utf8, b',').find_map(std::result::Result::err).unwrap();
        assert_eq!(header.after, None);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_does() {
        let numbers = |table: &str| -> Vec<u64> {
            Rows::open(table.as_bytes(), Encoding::Utf8, b',').map(|row| row.unwrap().0).collect()
        };
        assert_eq!(numbers("name\na\n\n\nb\n\"c\nd\"\ne\n"), [1, 2, 5, 6, 7]);
        assert_eq!(numbers("name\r\na\r\n\r\nb\r\n\"c\r\nd\"\r\ne"), [1, 2, 4, 5, 6]);
        assert_eq!(numbers("sep=,\nname,phone\na,1\n,\nb,2"), [2, 3, 4, 5]);
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_become_one_endless_row() {
        let lines = "x\n".repeat(LARGEST_ROW);
        let table = format!("name\n\"long\nenough\"\n{},y\n\"{lines}", "y".repeat(LARGEST_ROW - 100_000));
        let rows: Vec<_> = Rows::open(table.as_bytes(), Encoding::Utf8, b',').take(4).collect();
        assert_eq!(rows.iter().map(std::result::Result::is_ok).collect::<Vec<_>>(), [true, true, true, false]);
        assert_eq!(rows[3].as_ref().unwrap_err().after, Some(3));
    }

    #[test]
    fn windows_1251_is_refused_as_utf_8_even_when_cut_into_pieces() {
        let mut inspector = Inspector::new(Encoding::Utf8);
        assert!(inspector.look(b"name\n\xcc\xe0").is_err());
        let mut inspector = Inspector::new(Encoding::Utf8);
        let text = "Мария".as_bytes();
        for byte in text {
            inspector.look(&[*byte]).unwrap();
        }
        inspector.end().unwrap();
        inspector.look(&text[..1]).unwrap();
        assert!(inspector.end().is_err(), "the last character is cut off");
    }
}
