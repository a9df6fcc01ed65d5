//! The page that a client was on when a session began: told by the page itself, kept without what follows `?` and `#`.

use crate::store::sums;
use events::hub::AccountHub;
use model::{ContactId, Cx, ProjectId, Result, VisitorNow};
use std::collections::HashMap;
use std::sync::Arc;

/// What a page says is not asked for longer after a session began: by then it may be another page.
const FRESH_MS: i64 = 60_000;
/// Pages that are told apart on one day of a project; the others are one.
const MOST: i64 = 200;
/// The key of the others.
pub(crate) const OTHERS: &str = "*";
const LONGEST: usize = 200;

/// Clients who are on the sites of some projects now.
pub(crate) struct OnSite {
    hub: Option<Arc<AccountHub>>,
    known: HashMap<ProjectId, Here>,
}

impl OnSite {
    pub fn new(hub: Option<Arc<AccountHub>>) -> Self {
        Self { hub, known: HashMap::new() }
    }

    /// Whether a page may still be told of what began at a moment: it was just now, and somebody is on the site.
    pub fn may_tell(&mut self, project: &ProjectId, at: i64, now: i64) -> bool {
        now - at < FRESH_MS && self.here(project).is_some_and(|here| here.is_somebody)
    }

    /// The page on which a client was at a moment shortly before now.
    pub fn page(&mut self, project: &ProjectId, contact: &ContactId, at: i64, now: i64) -> Option<String> {
        if now - at >= FRESH_MS {
            return None;
        }
        let visitor = self.here(project)?.clients.get(contact)?;
        let then = visitor.path.iter().rev().find(|page| page.at.0 <= at);
        then.or(visitor.path.first()).and_then(|page| short(&page.url))
    }

    fn here(&mut self, project: &ProjectId) -> Option<&Here> {
        let hub = self.hub.as_ref()?;
        let here = self.known.entry(*project).or_insert_with(|| {
            let all = hub.visitors_of(project);
            let is_somebody = !all.is_empty();
            let clients = all.into_iter().filter_map(|visitor| Some((visitor.contact_id?, visitor)));
            Here { is_somebody, clients: clients.collect() }
        });
        Some(here)
    }
}

/// Who is on one site.
struct Here {
    is_somebody: bool,
    clients: HashMap<ContactId, VisitorNow>,
}

/// Site and path of an address.
fn short(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = rest.split(['?', '#']).next()?.trim_end_matches('/');
    let (host, path) = path.split_at(path.find('/').unwrap_or(path.len()));
    let host = host.rsplit('@').next()?.to_lowercase();
    let whole: String = format!("{host}{path}").chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!whole.is_empty() && whole != OTHERS).then_some(whole)
}

/// The key under which a page is counted: a day has so many rows at most.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn counted(cx: &mut Cx<'_>, project: &ProjectId, day: i64, page: String) -> Result<String> {
    if sums::pages_of_day(cx.tx, cx.account, project, day).await? < MOST
        || sums::has_page(cx.tx, cx.account, project, day, &page).await?
    {
        return Ok(page);
    }
    Ok(OTHERS.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_site_and_path() {
        assert_eq!(short("https://Shop.Example/Lamps/?utm=1#x").as_deref(), Some("shop.example/Lamps"));
        assert_eq!(short("https://user:pass@shop.example/").as_deref(), Some("shop.example"));
        assert_eq!(short("http://shop.example:8080?token=1").as_deref(), Some("shop.example:8080"));
        assert_eq!(short("file:///home/nina/x.html"), None);
        assert_eq!(short(&format!("https://a.example/{}", "ы".repeat(300))).unwrap().chars().count(), 200);
    }
}
