//! In which country an address is, by a database that the installation keeps (MaxMind DB format: GeoLite2, DB-IP, IP2Location and others
//! bring it). Without one no country is known, and nobody is asked.

use http_kit::ClientAddress;
use maxminddb::{Reader, path};
use std::path::Path;
use std::sync::Arc;

/// Countries of addresses.
#[derive(Clone, Default)]
pub struct Countries(Option<Arc<Reader<Vec<u8>>>>);

impl Countries {
    /// A database, read whole.
    ///
    /// # Errors
    /// In words, when there is none that can be read.
    pub fn open(file: &Path) -> Result<Self, String> {
        let reader = Reader::open_readfile(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self(Some(Arc::new(reader))))
    }

    /// Whether anything is known at all.
    pub fn are_known(&self) -> bool {
        self.0.is_some()
    }

    /// ISO 3166 in capitals; none for an address of no country, a private one for example.
    pub fn of(&self, address: ClientAddress) -> Option<String> {
        let found = self.0.as_ref()?.lookup(address.0).ok()?;
        let code: String = found.decode_path(&path!["country", "iso_code"]).ok()??;
        let is_code = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
        is_code.then(|| code.to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_file() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/countries.mmdb")
    }

    fn of(countries: &Countries, address: &str) -> Option<String> {
        countries.of(ClientAddress(address.parse().unwrap()))
    }

    #[test]
    fn an_address_is_in_its_country_or_in_none() {
        let countries = Countries::open(&test_file()).unwrap();
        let codes =
            ["203.0.113.9", "198.51.100.1", "2001:db8::1", "127.0.0.1", "10.0.0.1", "::1"].map(|a| of(&countries, a));
        let wanted = [Some("RU"), Some("DE"), Some("KZ"), None, None, None].map(|code| code.map(str::to_owned));
        assert_eq!(codes, wanted);
        assert_eq!((Countries::default().are_known(), of(&Countries::default(), "203.0.113.9")), (false, None));
    }

    #[test]
    fn a_file_that_is_none_is_named() {
        for file in ["no-such-file.mmdb", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let error = Countries::open(Path::new(file)).err().unwrap();
            assert!(error.starts_with(file), "{error}");
        }
    }
}
