//! What a visitor's page tells of itself without saying anything: the page it shows, events of the site's own script, auto-actions shown
//! and clicked. None of it is stored, and none of it makes a contact (rulings 36).

use super::Visitor;
use serde::Deserialize;
use serde_json::Value;

/// Bytes of a signal's texts that anybody looks at.
const LONGEST: usize = 2_000;

/// The page that is shown now.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct PageShown {
    pub url: String,
    pub title: String,
    pub referrer: String,
}

/// Something the site's own script told (`Chat('event', name, data)`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct SiteEvent {
    pub name: String,
    pub data: Value,
}

/// What became of an auto-action.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct AutoActionSeen {
    pub auto_action_id: String,
    /// `shown` or `clicked`.
    pub kind: String,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Signal {
    Page(PageShown),
    Event(SiteEvent),
    Action(AutoActionSeen),
}

/// The one place where signals arrive: visitors' pages, auto-actions and launch conditions of scenarios take them from here. Answers
/// whether it is one that they may look at: a stranger may send any text of any length.
pub(super) fn take(visitor: &Visitor, signal: &Signal) -> bool {
    let is_fit = is_fit(signal);
    tracing::trace!(project.id = %visitor.project_id, is_fit, "a visitor's page told of itself");
    is_fit
}

fn is_fit(signal: &Signal) -> bool {
    let texts: [&str; 3] = match signal {
        Signal::Page(PageShown { url, title, referrer }) => [url, title, referrer],
        Signal::Event(SiteEvent { name, .. }) => [name, "", ""],
        Signal::Action(AutoActionSeen { auto_action_id, kind }) => [auto_action_id, kind, ""],
    };
    !texts[0].is_empty() && texts.iter().all(|text| text.len() <= LONGEST && !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_page_tells_is_read_leniently_and_looked_at_within_bounds() {
        let page: PageShown =
            serde_json::from_value(json!({ "type": "page", "url": "https://shop.example/" })).unwrap();
        assert!(is_fit(&Signal::Page(page.clone())));
        assert!(!is_fit(&Signal::Page(PageShown { title: "я".repeat(LONGEST), ..page })));
        let event: SiteEvent = serde_json::from_value(json!({ "name": "cart", "data": [1, { "sum": 2 }] })).unwrap();
        assert!(is_fit(&Signal::Event(event)));
        assert!(!is_fit(&Signal::Event(SiteEvent::default())), "a nameless event says nothing");
        let seen = AutoActionSeen { auto_action_id: "a\0".into(), kind: "shown".into() };
        assert!(!is_fit(&Signal::Action(seen)));
    }
}
