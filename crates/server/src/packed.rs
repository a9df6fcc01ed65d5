//! Files of the web pages, most of them packed ahead of time (Brotli). A program for developers finds both forms in its folders; an optimised one
//! carries the packed form alone (`build.rs`): nearly every reader takes it, and for whoever does not it is unpacked once.

use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What was unpacked, by the hash of its packed form: no more than this program has files.
static UNPACKED: LazyLock<Mutex<HashMap<[u8; 32], Bytes>>> = LazyLock::new(Mutex::default);

/// Whether there is such a file, in either form.
pub(crate) fn is_there<E: RustEmbed>(name: &str) -> bool {
    E::get(name).is_some() || packed_form::<E>(name).is_some()
}

/// A file as it is.
pub(crate) fn plain<E: RustEmbed>(name: &str) -> Option<Bytes> {
    match E::get(name) {
        Some(file) => Some(bytes_of(file)),
        None => unpacked(packed_form::<E>(name)?),
    }
}

/// A file as it was packed, where it was.
pub(crate) fn packed<E: RustEmbed>(name: &str) -> Option<Bytes> {
    packed_form::<E>(name).map(bytes_of)
}

fn packed_form<E: RustEmbed>(name: &str) -> Option<EmbeddedFile> {
    E::get(&format!("{name}.br"))
}

fn bytes_of(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

fn unpacked(file: EmbeddedFile) -> Option<Bytes> {
    let hash = file.metadata.sha256_hash();
    let known = || UNPACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = known().get(&hash) {
        return Some(bytes.clone());
    }
    let mut bytes = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut file.data.as_ref(), &mut bytes).ok()?;
    let bytes = Bytes::from(bytes);
    known().insert(hash, bytes.clone());
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One file in its packed form alone, and one that was not worth packing.
    #[derive(RustEmbed)]
    #[folder = "src/packed_sample"]
    struct Sample;

    const PAGE: &str = "<!doctype html><title>Отклик</title>\n";

    #[test]
    fn a_file_that_is_here_packed_alone_is_unpacked_for_whoever_wants_it_so() {
        assert!(is_there::<Sample>("page.html"));
        // The second time out of memory.
        for _ in 0..2 {
            assert_eq!(plain::<Sample>("page.html").unwrap(), PAGE.as_bytes());
        }
        assert_ne!(packed::<Sample>("page.html").unwrap(), PAGE.as_bytes());
    }

    #[test]
    fn a_file_that_was_not_packed_is_there_as_it_is() {
        assert!(is_there::<Sample>("plain.txt"));
        assert_eq!(plain::<Sample>("plain.txt").unwrap(), b"plain\n".as_slice());
        assert!(packed::<Sample>("plain.txt").is_none());
    }

    #[test]
    fn what_is_not_there_is_there_in_no_form() {
        assert!(!is_there::<Sample>("other.html"));
        assert!(plain::<Sample>("other.html").is_none());
    }
}
