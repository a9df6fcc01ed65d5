//! Durations as documents carry them: ISO 8601, `PT10M`, `P7D`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A duration in milliseconds; a day is 24 hours, months and years are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Millis(pub i64);

/// No duration of a scenario is longer: ten years.
const LONGEST: i64 = 3_653 * 86_400_000;

impl Millis {
    /// Reads `PT10M`.
    ///
    /// # Errors
    /// Words for whoever wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no duration: write PT10M for ten minutes, P1D for a day");
        if !text.starts_with(['P', 'p']) {
            return Err(wrong());
        }
        let span: jiff::Span = text.parse().map_err(|_| wrong())?;
        let exact = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
        let millis = i64::try_from(exact.as_millis()).map_err(|_| wrong())?;
        match millis {
            0..=LONGEST => Ok(Self(millis)),
            _ => Err(format!("`{text}` must be between nothing and ten years")),
        }
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = jiff::SignedDuration::from_millis(self.0);
        serializer.serialize_str(&span.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Millis;

    #[test]
    fn minutes_days_and_weeks_are_read_and_nonsense_is_refused() {
        assert_eq!(Millis::parse("PT10M"), Ok(Millis(600_000)));
        assert_eq!(Millis::parse("P1DT2H"), Ok(Millis(26 * 3_600_000)));
        assert_eq!(Millis::parse("P2W"), Ok(Millis(14 * 86_400_000)));
        for wrong in ["", "10m", "PT", "P1M", "P1Y", "-PT5S", "P99999999D", "PT10M и всё"] {
            assert!(Millis::parse(wrong).is_err(), "{wrong}");
        }
    }
}
