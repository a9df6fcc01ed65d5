//! News of the product itself: they come with the program, so every installation has those of its version.

use super::{Announcement, AnnouncementSource, rules};
use model::{AnnouncementId, Timestamp};
use serde::Deserialize;
use std::sync::LazyLock;

/// Ids below this one are of the product's news: ids that are made at run time carry their moment in the upper bits.
pub(super) const FIRST_MADE: AnnouncementId = AnnouncementId::from_bits(1 << 32);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct News {
    /// Never changed, never used again: read marks name it.
    number: u32,
    published_at: Timestamp,
    title_ru: String,
    title_en: String,
    text_ru: String,
    text_en: String,
}

static NEWS: LazyLock<Vec<Announcement>> = LazyLock::new(|| {
    // A test reads the file: a program with a broken one is not made.
    let news: Vec<News> = serde_json::from_str(include_str!("product.json")).unwrap_or_default();
    let mut all: Vec<_> = news.into_iter().map(shown).collect();
    all.sort_by_key(|news| std::cmp::Reverse((news.published_at, news.id)));
    all
});

fn shown(news: News) -> Announcement {
    let id = AnnouncementId::from_bits(news.number.into());
    Announcement {
        title_ru: news.title_ru,
        title_en: news.title_en,
        text_ru: news.text_ru,
        text_en: news.text_en,
        published_at: Some(news.published_at),
        editable: false,
        ..rules::blank(id, AnnouncementSource::Product, "", news.published_at)
    }
}

/// The newest first.
pub(super) fn news() -> &'static [Announcement] {
    &NEWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::announcements::AnnouncementChange;
    use std::collections::HashSet;

    #[test]
    fn the_news_that_come_with_the_program_are_whole() {
        let read: Vec<News> = serde_json::from_str(include_str!("product.json")).unwrap();
        assert_eq!(read.len(), news().len());
        assert!(news().len() >= 3);
        let ids: HashSet<_> = news().iter().map(|news| news.id).collect();
        assert_eq!(ids.len(), news().len(), "each number once");
        for news in news() {
            assert!(![&news.title_ru, &news.title_en, &news.text_ru, &news.text_en].iter().any(|text| text.is_empty()));
            assert!(news.id < FIRST_MADE);
            rules::changed(news.clone(), AnnouncementChange::default(), Timestamp(i64::MAX)).unwrap();
        }
    }
}
