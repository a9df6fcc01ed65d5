//! Secrets of a project's scenarios: `{{secret.name}}` in the headers and the body of a request. Each is sealed, shown to nobody again, and
//! sent to the hosts it was given for only (security statement 37).

mod store;

use crate::{Refusal, Result};
use ::scenario::step::SECRET_MARK;
use model::{Cx, ProjectId, ScenarioSecretId, Timestamp};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use vault::{Place, Secret};

/// Secrets of a project at most.
const MOST: usize = 50;
/// Characters of a name at most.
const LONGEST_NAME: usize = 40;
/// Characters of a value at most.
const LONGEST_VALUE: usize = 4000;
/// Hosts of one secret at most.
const MOST_HOSTS: usize = 10;

/// A secret as people see it: never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScenarioSecret {
    /// What scenarios call it.
    pub name: String,
    /// Hosts that it may be sent to.
    pub hosts: Vec<String>,
    /// When it was last given.
    pub changed_at: Timestamp,
}

/// A secret with its sealed value.
struct Held {
    id: ScenarioSecretId,
    value: vault::Sealed,
    secret: ScenarioSecret,
}

/// All of a project by name.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<ScenarioSecret>> {
    let held = store::all(cx.tx, cx.account, project).await?;
    Ok(held.into_iter().map(|held| held.secret).collect())
}

/// Gives a secret its value and its hosts. Without a value the one that is there stays, but not for other hosts: else whoever may edit
/// scenarios could send it to a server of theirs.
///
/// # Errors
/// For a name, value or host of the wrong form; `value_needed` when a value is needed and missing.
pub async fn put(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    name: &str,
    value: Option<&str>,
    hosts: &[String],
) -> Result<ScenarioSecret> {
    check_name(name)?;
    let hosts = hosts.iter().map(|host| host_of(host)).collect::<Result<Vec<_>>>()?;
    if hosts.is_empty() || hosts.len() > MOST_HOSTS {
        return Err(Refusal::invalid("hosts", "out_of_range", format!("1 to {MOST_HOSTS} hosts")));
    }
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let count = all.len();
    let standing = all.into_iter().find(|held| held.secret.name == name);
    if standing.is_none() && count >= MOST {
        return Err(Refusal::Conflict { code: "too_many", detail: format!("at most {MOST} secrets in a project") });
    }
    let id = standing.as_ref().map_or_else(|| ScenarioSecretId::new(cx.env.ids()), |held| held.id);
    let value = match (value, standing) {
        (Some(value), _) => seal(cx, &id, value)?,
        (None, Some(held)) if hosts.iter().all(|host| held.secret.hosts.contains(host)) => held.value,
        (None, _) => {
            let words = "give the value, too: a secret that is there is not sent to other hosts";
            return Err(Refusal::invalid("value", "value_needed", words));
        }
    };
    let secret = ScenarioSecret { name: name.to_owned(), hosts, changed_at: cx.env.now() };
    store::save(cx, project, &Held { id, value, secret: secret.clone() }).await?;
    Ok(secret)
}

/// Forgets it. Requests that name it are not sent any more.
///
/// # Errors
/// When there is none of this name.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, name: &str) -> Result<()> {
    if store::delete(cx.tx, cx.account, project, name).await? { Ok(()) } else { Err(Refusal::NotFound) }
}

fn seal(cx: &Cx<'_>, id: &ScenarioSecretId, value: &str) -> Result<vault::Sealed> {
    let is_clean = value.chars().all(|c| !c.is_control());
    if value.trim().is_empty() || value.chars().count() > LONGEST_VALUE || !is_clean {
        let words = format!("1 to {LONGEST_VALUE} characters on one line");
        return Err(Refusal::invalid("value", "out_of_range", words));
    }
    let (account, id) = (cx.account.to_string(), id.to_string());
    Ok(cx.env.vault().seal(value_place(&account, &id), &Secret::new(value.trim()))?)
}

/// Where a secret's value stands: it opens nowhere else.
pub fn value_place<'a>(account: &'a str, secret: &'a str) -> Place<'a> {
    Place { account, table: "scenario_secrets", row: secret, column: "value" }
}

fn check_name(name: &str) -> Result<()> {
    let is_fit = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    match (is_fit, name.len()) {
        (true, 1..=LONGEST_NAME) => Ok(()),
        _ => {
            let words = format!("1 to {LONGEST_NAME} small Latin letters, digits, `_` and `-`");
            Err(Refusal::invalid("name", "bad_secret_name", words))
        }
    }
}

/// The host of what people write: `crm.example`, `https://crm.example/api`, `CRM.example:8443`.
fn host_of(written: &str) -> Result<String> {
    let bad = || Refusal::invalid("hosts", "bad_secret_host", format!("`{written}` is no host, such as crm.example"));
    let whole = if written.contains("://") { written.trim().to_owned() } else { format!("https://{}", written.trim()) };
    let address = url::Url::parse(&whole).map_err(|_| bad())?;
    let host = address.host_str().filter(|host| host.contains('.') || *host == "localhost").ok_or_else(bad)?;
    let is_whole = address.username().is_empty() && address.password().is_none() && !host.contains('*');
    if is_whole { Ok(host.to_owned()) } else { Err(bad()) }
}

/// Parts of a request in which secrets may be marked.
pub(crate) struct Marked<'m> {
    /// Where it goes.
    pub url: &'m str,
    /// Headers.
    pub headers: &'m mut Vec<(String, String)>,
    /// Body, and whether it is JSON.
    pub body: &'m mut Option<(String, bool)>,
}

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotFor {
    /// The secret.
    pub name: String,
    /// Where the request was to go.
    pub host: String,
}

/// Puts secrets in their places; which one is not there, or is not for this host.
///
/// # Errors
/// When the storage fails, or the key that sealed a value is not here.
pub(crate) async fn fill(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    marked: Marked<'_>,
) -> Result<std::result::Result<(), NotFor>> {
    let texts = marked.headers.iter().map(|(_, value)| value).chain(marked.body.iter().map(|(body, _)| body));
    let mut names: Vec<String> = texts.flat_map(|text| names_in(text)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(Ok(()));
    }
    let address = url::Url::parse(marked.url).ok();
    let host = address.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned();
    // What is whispered over an open line is no secret; addresses of one's own network have no certificates.
    let is_private = address.as_ref().is_some_and(|address| {
        address.scheme() == "https" || !matches!(address.host(), Some(url::Host::Domain(name)) if name != "localhost")
    });
    let all = store::all(cx.tx, cx.account, project).await?;
    let account = cx.account.to_string();
    let mut values = BTreeMap::new();
    for name in names {
        let held = all.iter().find(|held| held.secret.name == name && held.secret.hosts.contains(&host));
        let Some(held) = held.filter(|_| is_private) else { return Ok(Err(NotFor { name, host })) };
        let value = cx.env.vault().open(value_place(&account, &held.id.to_string()), &held.value)?;
        if value.expose().is_empty() {
            return Ok(Err(NotFor { name, host }));
        }
        values.insert(name, value);
    }
    for (_, value) in marked.headers.iter_mut() {
        *value = filled(value, &values, false);
    }
    if let Some((body, is_json)) = marked.body {
        *body = filled(body, &values, *is_json);
    }
    Ok(Ok(()))
}

/// The mark as JSON writes it.
const JSON_MARK: &str = "\\u0000";

/// In JSON a mark may stand escaped.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(JSON_MARK) { text.replace(JSON_MARK, &SECRET_MARK.to_string()).into() } else { text.into() }
}

fn names_in(text: &str) -> Vec<String> {
    plain(text).split(SECRET_MARK).skip(1).step_by(2).map(str::to_owned).collect()
}

fn filled(text: &str, values: &BTreeMap<String, Secret>, is_json: bool) -> String {
    let mut whole = String::with_capacity(text.len());
    for (at, part) in plain(text).split(SECRET_MARK).enumerate() {
        let Some(value) = values.get(part).filter(|_| at % 2 == 1) else {
            whole.push_str(part);
            continue;
        };
        if !is_json {
            whole.push_str(value.expose());
            continue;
        }
        // As JSON writes it, without the quotes around: they stand there already.
        let quoted = serde_json::Value::from(value.expose()).to_string();
        whole.push_str(&quoted[1..quoted.len() - 1]);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{check_name, filled, host_of, names_in};
    use std::collections::BTreeMap;
    use vault::Secret;

    #[test]
    fn hosts_are_taken_as_people_write_them() {
        for written in ["crm.example", "https://crm.example/api?x=1", " CRM.example:8443 ", "crm.example/api"] {
            assert_eq!(host_of(written).ok().as_deref(), Some("crm.example"), "{written}");
        }
        for bad in ["", "crm", "https://", "user@crm.example", "*.example", "a b.example"] {
            assert!(host_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_small_letters_and_digits() {
        assert!(check_name("crm-2_key").is_ok());
        for bad in ["", "CRM", "ключ", "a.b", &"a".repeat(41)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_value_stands_in_its_place_whatever_signs_it_has() {
        let values = BTreeMap::from([("crm".to_owned(), Secret::new("a\\b\"c\""))]);
        assert_eq!(filled("Bearer \0crm\0!", &values, false), "Bearer a\\b\"c\"!");
        let body = serde_json::json!({ "key": "\0crm\0", "plain": "crm" }).to_string();
        assert_eq!(names_in(&body), ["crm"]);
        let whole: serde_json::Value = serde_json::from_str(&filled(&body, &values, true)).unwrap();
        assert_eq!(whole, serde_json::json!({ "key": "a\\b\"c\"", "plain": "crm" }));
    }
}
