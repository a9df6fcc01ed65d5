//! A visitor's page among those that are open now: what it tells of itself, cut to what anybody looks at (R80).

use super::Visitor;
use super::signals::PageShown;
use super::socket::Session;
use events::hub::AccountHub;
use events::visitors::Arrival;
use model::{Timestamp, VisitorId};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// Characters of an address that are kept, and of other texts.
const LONGEST_URL: usize = 500;
const LONGEST_TEXT: usize = 200;
/// Characters of what is typed that operators see.
const LONGEST_TYPED: usize = 2_000;
/// As many digits make a card number.
const CARD_DIGITS: usize = 13;
/// No visit lasts longer: a page whose clock is wrong says anything.
const LONGEST_VISIT_MS: i64 = 24 * 60 * 60 * 1000;
const DEVICES: [&str; 3] = ["desktop", "phone", "tablet"];
const UTM: [&str; 5] = ["source", "medium", "campaign", "term", "content"];

/// What a page knows of its visitor's visit. Read leniently: what has another form is not there.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Visit {
    /// When it began.
    #[serde(deserialize_with = "lenient")]
    #[schema(value_type = Option<Timestamp>)]
    since: Option<Timestamp>,
    /// Pages seen in it, this one among them.
    #[serde(deserialize_with = "lenient")]
    pages: Option<u32>,
    /// Which visit it is.
    #[serde(deserialize_with = "lenient")]
    visits: Option<u32>,
    /// `desktop`, `phone` or `tablet`.
    #[serde(deserialize_with = "lenient")]
    device: Option<String>,
    /// BCP 47.
    #[serde(deserialize_with = "lenient")]
    language: Option<String>,
    /// Marks of a campaign: `source`, `medium`, `campaign`, `term`, `content`.
    #[serde(deserialize_with = "lenient")]
    #[schema(value_type = Option<Object>)]
    utm: Option<BTreeMap<String, String>>,
    /// Where the visitor came from to the first page.
    #[serde(deserialize_with = "lenient")]
    referrer: Option<String>,
}

/// What has another form is not there: what a page tells of itself is no reason to refuse its visitor.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    /// Anything at all, read to its end.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any<T> {
        Fit(T),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Option::<Any<T>>::deserialize(from)? {
        Some(Any::Fit(value)) => Some(value),
        Some(Any::Other(_)) | None => None,
    })
}

/// One open page of a visitor; gone when it is closed.
pub(super) struct OpenPage {
    hub: Arc<AccountHub>,
    visitor: Arc<Visitor>,
    id: VisitorId,
    socket: u64,
    called: Arc<Notify>,
}

impl OpenPage {
    /// None for a page that tells nothing of itself, and for a project that does not want to know.
    pub(super) fn open(
        session: &Session,
        page: Option<PageShown>,
        visit: Option<Visit>,
        country: Option<String>,
    ) -> Option<Self> {
        let (hub, visitor) = (session.hub.clone(), session.visitor.clone());
        let page = page.filter(|page| !page.url.is_empty())?;
        let id = id_of(&visitor)?;
        let contact_id = visitor.known.get().map(|known| known.contact_id);
        let arrival = arrival(page, visit.unwrap_or_default(), hub.now()).with(contact_id, country);
        let called = hub.visitor_came(&visitor.project_id, &id, session.id, arrival)?;
        Some(Self { hub, visitor, id, socket: session.id, called })
    }

    pub(super) fn turn(&self, page: &PageShown) {
        let (url, title) = (cut(&page.url, LONGEST_URL), cut(&page.title, LONGEST_TEXT));
        self.hub.visitor_turned(&self.visitor.project_id, &self.id, self.socket, &url, &title);
    }

    pub(super) fn typed(&self, text: Option<String>) {
        self.hub.visitor_typed(&self.visitor.project_id, &self.id, text);
    }

    pub(super) fn spoke(&self) {
        let contact = self.visitor.known.get().map(|known| known.contact_id);
        self.hub.visitor_spoke(&self.visitor.project_id, &self.id, contact);
    }

    /// Waits until the team has written to a visitor who had said nothing.
    pub(super) async fn called(&self) {
        self.called.notified().await;
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        self.hub.visitor_went(&self.visitor.project_id, &self.id, self.socket);
    }
}

/// What a visitor of now is called: the same bits by which a contact of the site is known.
pub(super) fn id_of(visitor: &Visitor) -> Option<VisitorId> {
    u128::from_str_radix(&visitor.external_id, 16).ok().map(VisitorId::from_bits)
}

fn arrival(page: PageShown, visit: Visit, now: Timestamp) -> Arrival {
    let referrer = visit.referrer.unwrap_or(page.referrer);
    let utm = visit.utm.unwrap_or_else(|| utm_of(&page.url));
    Arrival {
        contact_id: None,
        url: cut(&page.url, LONGEST_URL),
        title: cut(&page.title, LONGEST_TEXT),
        since: visit.since.filter(|since| (0..=LONGEST_VISIT_MS).contains(&now.ms_since(*since))),
        pages: visit.pages.unwrap_or(1).clamp(1, 100_000),
        visits: visit.visits.unwrap_or(1).clamp(1, 1_000_000),
        referrer: Some(cut(&referrer, LONGEST_URL)).filter(|text| !text.is_empty()),
        utm: utm
            .into_iter()
            .filter(|(name, value)| UTM.contains(&name.as_str()) && !value.is_empty())
            .map(|(name, value)| (name, cut(&value, LONGEST_TEXT)))
            .collect(),
        device: visit.device.filter(|device| DEVICES.contains(&device.as_str())),
        country: None,
        language: visit.language.map(|tag| cut(&tag, 35)).filter(|tag| !tag.is_empty()),
    }
}

/// Marks of a campaign in an address.
fn utm_of(url: &str) -> BTreeMap<String, String> {
    let Ok(url) = url::Url::parse(url) else { return BTreeMap::new() };
    let named = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        Some((name.strip_prefix("utm_")?.to_owned(), value.into_owned()))
    };
    url.query_pairs().filter_map(named).collect()
}

/// Without characters that no line of a table shows, and no longer than that.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(longest).collect::<String>().trim().to_owned()
}

/// What operators see of what is typed: nothing of a card's number (`experience.md`, Typing).
pub(super) fn preview(text: &str) -> String {
    let mut shown: Vec<char> = text.chars().take(LONGEST_TYPED).filter(|c| *c == '\n' || !c.is_control()).collect();
    let mut digits = Vec::new();
    let mut runs = Vec::new();
    for (at, letter) in shown.iter().enumerate() {
        match letter {
            letter if letter.is_ascii_digit() => digits.push(at),
            ' ' | '-' | '.' | '\u{a0}' => {}
            _ => runs.push(std::mem::take(&mut digits)),
        }
    }
    runs.push(digits);
    for at in runs.into_iter().filter(|run| run.len() >= CARD_DIGITS).flatten() {
        shown[at] = '•';
    }
    shown.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn read(visit: Value, url: &str) -> Arrival {
        let page =
            PageShown { url: url.into(), title: "Товары\u{0}\n".into(), referrer: "https://ya.ru/".into() };
        arrival(page, serde_json::from_value(visit).unwrap(), NOW)
    }

    #[test]
    fn a_visit_is_read_leniently_and_within_bounds() {
        let told = read(
            json!({ "since": "2027-01-15T07:00:00Z", "pages": 4, "visits": 2, "device": "phone", "language": "ru-RU",
                "utm": { "source": "vk", "other": "x", "term": "" }, "referrer": "https://vk.com/" }),
            "https://shop.example/",
        );
        assert_eq!((told.pages, told.visits, told.device.as_deref()), (4, 2, Some("phone")));
        assert_eq!(told.utm, BTreeMap::from([("source".to_owned(), "vk".to_owned())]));
        assert_eq!(
            (told.referrer.as_deref(), told.title.as_str(), told.since.is_some()),
            (Some("https://vk.com/"), "Товары", true)
        );
        let wrong =
            json!({ "since": "yesterday", "pages": -1, "visits": "many", "device": 5, "utm": [1], "language": {} });
        let told = read(wrong, "https://shop.example/?utm_source=yandex&utm_x=1");
        assert_eq!((told.pages, told.visits, told.device, told.language, told.since), (1, 1, None, None, None));
        assert_eq!(told.utm, BTreeMap::from([("source".to_owned(), "yandex".to_owned())]));
        assert_eq!(told.referrer.as_deref(), Some("https://ya.ru/"));
        let old =
            read(json!({ "since": "1999-01-01T00:00:00Z" }), &format!("https://shop.example/{}", "я".repeat(9_000)));
        assert_eq!((old.since, old.url.chars().count()), (None, LONGEST_URL));
        let ahead = read(json!({ "since": "2099-01-01T00:00:00Z" }), "x");
        assert_eq!(ahead.since, None);
    }

    #[test]
    fn a_card_number_is_not_shown_while_it_is_typed() {
        assert_eq!(preview("Карта 4111 1111-1111 1111, срок 12/28"), "Карта •••• ••••-•••• ••••, срок 12/28");
        assert_eq!(preview("+7 912 345-67-89"), "+7 912 345-67-89");
        assert_eq!(preview("4111111111111111"), "•".repeat(16));
        assert_eq!(preview(&"x".repeat(5_000)).len(), LONGEST_TYPED);
    }
}
