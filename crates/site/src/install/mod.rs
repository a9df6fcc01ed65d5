//! Whether the code of the chat works on a page of the company, and what keeps it from it.

mod page;
mod policy;
mod store;

use egress::{EgressError, Page};
use model::{Cx, ProjectId, Result};
use serde::Serialize;
use std::time::Duration;

/// Of a page that is looked at.
const MAX_PAGE: usize = 2 * 1024 * 1024;
/// The cause is named within ten seconds, whatever the page does.
const PATIENCE: Duration = Duration::from_secs(8);

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = InstallState)]
pub enum State {
    /// The code is there, and nothing keeps it from working.
    Works,
    /// The page did not come.
    NotReached,
    /// The page has no code that can be seen.
    NoCode,
    /// The code is of another site.
    WrongKey,
    /// The page's Content-Security-Policy keeps the chat out.
    BlockedByPolicy,
    /// The project allows other sites only.
    SiteNotAllowed,
}

/// What the check of a page found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = InstallCheck)]
pub struct Verdict {
    /// The first thing that is wrong, or that nothing is.
    pub state: State,
    /// Where the page was in the end; absent when it did not come.
    pub origin: Option<String>,
    /// HTTP status, when it is an error.
    pub status: Option<u16>,
    /// Why the page did not come: `blocked` for an address that may not be called, `not_reached`, `no_answer`, `status`.
    pub reason: Option<&'static str>,
    /// The key that stands in the page instead.
    pub found_key: Option<String>,
    /// Directives of the policy that keep it out.
    pub directives: Vec<&'static str>,
}

impl Verdict {
    fn of(state: State, origin: Option<String>) -> Self {
        Self { state, origin, status: None, reason: None, found_key: None, directives: Vec::new() }
    }
}

/// The project that the code is to be of.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Key of the site.
    pub site_key: String,
    /// Sites that may show the chat; all when empty.
    pub allowed_origins: Vec<String>,
}

/// Fetches a page and looks for the code.
pub async fn check(egress: &egress::Egress, url: &str, wanted: &Wanted) -> Verdict {
    match egress.page(&with_scheme(url), MAX_PAGE, PATIENCE).await {
        Ok(page) => judge(&page, wanted),
        Err(error) => {
            let reason = match error {
                EgressError::Blocked(_) => "blocked",
                EgressError::NotReached(_) => "not_reached",
                EgressError::NoAnswer(_) | EgressError::TooLong(_) => "no_answer",
            };
            Verdict { reason: Some(reason), ..Verdict::of(State::NotReached, None) }
        }
    }
}

/// People write `shop.example`.
fn with_scheme(url: &str) -> String {
    let url = url.trim();
    if url.contains("://") { url.to_owned() } else { format!("https://{url}") }
}

fn judge(page: &Page, wanted: &Wanted) -> Verdict {
    let found = |state| Verdict::of(state, Some(page.origin.clone()));
    let html = String::from_utf8_lossy(&page.body);
    let codes = page::codes(&html);
    if page.status >= 400 && codes.is_empty() {
        return Verdict { status: Some(page.status), reason: Some("status"), ..found(State::NotReached) };
    }
    let Some(first) = codes.first() else { return found(State::NoCode) };
    let Some(own) = codes.iter().find(|code| code.key == wanted.site_key) else {
        return Verdict { found_key: Some(first.key.clone()), ..found(State::WrongKey) };
    };
    let policies: Vec<String> = page.policies.iter().cloned().chain(page::policies(&html)).collect();
    let directives = own.asked(&page.origin).map(|asked| policy::refusals(&policies, asked)).unwrap_or_default();
    if !directives.is_empty() {
        return Verdict { directives, ..found(State::BlockedByPolicy) };
    }
    let allowed = &wanted.allowed_origins;
    if !allowed.is_empty() && !allowed.iter().any(|origin| origin.eq_ignore_ascii_case(&page.origin)) {
        return found(State::SiteNotAllowed);
    }
    found(State::Works)
}

/// Remembers that the code was seen at work; the first time counts.
///
/// # Errors
/// When the storage fails.
pub async fn note(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    store::note(cx, project).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(html: &str, policy: &str) -> Verdict {
        let policies = if policy.is_empty() { Vec::new() } else { vec![policy.to_owned()] };
        let page = Page { origin: "https://shop.example".into(), status: 200, policies, body: html.to_owned().into() };
        let allowed_origins = vec!["https://shop.example".to_owned()];
        judge(&page, &Wanted { site_key: "key1".into(), allowed_origins })
    }

    #[test]
    fn each_cause_has_its_name() {
        let code = |key: &str| format!(r#"<script async src="https://chat.example/w.js?p={key}"></script>"#);
        assert_eq!(judged("<h1>Shop</h1>", "").state, State::NoCode);
        let wrong = judged(&code("key2"), "");
        assert_eq!((wrong.state, wrong.found_key.as_deref()), (State::WrongKey, Some("key2")));
        assert_eq!(judged(&(code("key2") + &code("key1")), "").state, State::Works);
        let blocked = judged(&code("key1"), "script-src 'self'");
        assert_eq!((blocked.state, blocked.directives), (State::BlockedByPolicy, vec!["script-src"]));
        let elsewhere = Wanted { site_key: "key1".into(), allowed_origins: vec!["https://other.example".into()] };
        let page =
            Page { origin: "https://shop.example".into(), status: 200, policies: vec![], body: code("key1").into() };
        assert_eq!(judge(&page, &elsewhere).state, State::SiteNotAllowed);
        let gone = Page { status: 404, body: "gone".into(), ..page };
        assert_eq!((judge(&gone, &elsewhere).state, judge(&gone, &elsewhere).status), (State::NotReached, Some(404)));
    }

    #[test]
    fn an_address_without_a_scheme_is_a_secure_one() {
        assert_eq!(with_scheme(" shop.example/about "), "https://shop.example/about");
        assert_eq!(with_scheme("http://shop.example"), "http://shop.example");
    }
}
