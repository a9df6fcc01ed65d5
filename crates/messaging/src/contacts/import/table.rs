//! Reading a table of clients: delimiter, encoding, header.

use crate::{MessagingError, Result};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use serde::{Deserialize, Serialize};
use std::io::Read;

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
    /// The beginning of a character whose end has not come yet.
    carry: Vec<u8>,
    line: usize,
    total: usize,
}

impl Inspector {
    /// For an upload that has not begun.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, carry: Vec::new(), line: 0, total: 0 }
    }

    /// The next piece.
    ///
    /// # Errors
    /// When it is not text of this encoding, or a line has no end.
    pub fn look(&mut self, piece: &[u8]) -> Result<()> {
        self.total += piece.len();
        match piece.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => self.line = piece.len() - at - 1,
            None => self.line += piece.len(),
        }
        if self.line > LONGEST_LINE {
            return Err(MessagingError::invalid("file", "line_too_long", "a line has more than 16 MB: is this a CSV?"));
        }
        if piece.contains(&0) {
            return Err(MessagingError::invalid("file", "not_text", "the file holds NUL bytes: save it as CSV, UTF-8"));
        }
        if self.encoding != Encoding::Utf8 {
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
    pub fn end(&self) -> Result<()> {
        if self.total == 0 {
            return Err(MessagingError::invalid("file", "empty", "the file is empty"));
        }
        if self.carry.is_empty() { Ok(()) } else { Err(wrong_encoding()) }
    }
}

fn wrong_encoding() -> MessagingError {
    let words = "the file is not UTF-8: save it as UTF-8, or pass encoding=windows-1251";
    MessagingError::invalid("file", "wrong_encoding", words)
}

/// Records of a table, the header first.
pub type Records<R> = csv::Reader<DecodeReaderBytes<R, Vec<u8>>>;

/// Opens a table; a mark at the beginning of UTF-8 is passed over.
pub fn open<R: Read>(bytes: R, encoding: Encoding, delimiter: u8) -> Records<R> {
    let encoding = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Windows1251 => encoding_rs::WINDOWS_1251,
    };
    let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).strip_bom(true).build(bytes);
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(decoded)
}

/// The delimiter that a header uses: the most frequent of comma, semicolon and tab outside quotes.
pub fn delimiter_of(header: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    for byte in header.iter().take_while(|byte| **byte != b'\n') {
        is_quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !is_quoted && delimiter == byte) {
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
        assert_eq!(delimiter_of("имя;телефон;\"а,б,в,г\"\n1,2,3,4,5".as_bytes()), b';');
        assert_eq!(delimiter_of(b"a\tb"), b'\t');
        assert_eq!(delimiter_of(b"only"), b',');
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
