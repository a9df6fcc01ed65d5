//! Identity tokens: what a site's own server attests about its visitor (rulings 35, statement 9). A JWT signed with the project's
//! secret by HMAC-SHA256, `sub` the customer's id, valid for a day at most.

use super::hs256;
use accounts::ProjectInfo;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use messaging::contacts::values::{Given, given_from_json};
use messaging::fields::{self, Field};
use model::{Env, Refusal, Result};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// The field of the person's id.
pub(super) const PERSON: &str = "customer_id";
/// A token may be valid for so long at most: a stolen one must not last.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
/// What clocks may differ by.
const LEEWAY_SECONDS: i64 = 60;
const LONGEST_TOKEN: usize = 8 * 1024;

/// What a token says. Claims that mean nothing here are left alone; those for fields are looked at one by one.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(deserialize_with = "seconds")]
    exp: i64,
    #[serde(default, deserialize_with = "maybe_seconds")]
    nbf: Option<i64>,
    name: Option<Value>,
    phone: Option<Value>,
    email: Option<Value>,
    custom: Option<Value>,
}

/// A NumericDate, which may have a fraction (RFC 7519, section 2), in whole seconds.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<i64, D::Error> {
    let number = Number::deserialize(from)?;
    let whole = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64));
    whole.ok_or_else(|| D::Error::custom("a moment is a number of seconds"))
}

fn maybe_seconds<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<i64>, D::Error> {
    let number: Option<Value> = Option::deserialize(from)?;
    number.map(|number| seconds(number).map_err(D::Error::custom)).transpose()
}

/// The fields that a token attests. The signature and the person's id decide: what else it says and no field can take is left out, so
/// that a deleted field locks nobody out.
///
/// # Errors
/// `identity_refused`, with what is wrong with the token, when it proves nothing.
pub(super) fn fields_of(env: &Env, project: &ProjectInfo, known: &[Field], token: &str) -> Result<Given> {
    let claims = claims_of(env, project, token)?;
    let person = taken(known, PERSON, &Value::from(claims.sub)).filter(|values| !values.is_empty());
    let person = person.ok_or_else(|| refused("sub is not a person's id"))?;
    let mut claimed: BTreeMap<String, Value> = match claims.custom {
        Some(Value::Object(custom)) => custom.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    let own = [("name", claims.name), ("phone", claims.phone), ("email", claims.email)];
    claimed.extend(own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    let mut given = Given::new();
    let mut left_out = Vec::new();
    for (key, value) in &claimed {
        match taken(known, key, value) {
            Some(values) => drop(given.insert(key.clone(), values)),
            None => left_out.push(key.as_str()),
        }
    }
    if !left_out.is_empty() {
        tracing::debug!(fields = ?left_out, "claims of an identity token fit no field and are left out");
    }
    given.insert(PERSON.to_owned(), person);
    Ok(given)
}

/// The values that a claim gives a field; none when the field is not there or they are of the wrong form.
fn taken(known: &[Field], key: &str, value: &Value) -> Option<Vec<String>> {
    let field = known.iter().find(|field| field.key == key)?;
    let claim = BTreeMap::from([(key.to_owned(), value.clone())]);
    let values = given_from_json(&claim).ok()?.remove(key)?;
    fields::check_values(field, &values).ok()
}

fn claims_of(env: &Env, project: &ProjectInfo, token: &str) -> Result<Claims> {
    if token.len() > LONGEST_TOKEN {
        return Err(refused("it is too long"));
    }
    let secret = accounts::identity_secret(env, project)?;
    let mut rules = Validation::new(Algorithm::HS256);
    // Time is the installation's own clock, so it is judged below.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.required_spec_claims = ["exp", "sub"].map(str::to_owned).into();
    rules.set_audience(&[project.id.to_string().as_str(), project.site_key.as_str()]);
    refuse_unknown_extensions(token)?;
    hs256::choose();
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    let claims = decode::<Claims>(token, &key, &rules).map_err(|error| refused(why(error.kind())))?.claims;
    let now = env.now().0 / 1000;
    if claims.exp.saturating_add(LEEWAY_SECONDS) < now {
        return Err(refused("it has expired"));
    }
    if claims.exp > now + LONGEST_SECONDS + LEEWAY_SECONDS {
        return Err(refused("exp is more than 24 hours away"));
    }
    if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS) {
        return Err(refused("it is not valid yet"));
    }
    Ok(claims)
}

/// What `crit` names must be understood (RFC 7515, 4.1.11), and nothing is here.
fn refuse_unknown_extensions(token: &str) -> Result<()> {
    let head = token.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok());
    let head: Option<Value> = head.and_then(|head| serde_json::from_slice(&head).ok());
    match head.and_then(|head| head.get("crit").cloned()) {
        Some(_) => Err(refused("crit names an extension that is not known here")),
        None => Ok(()),
    }
}

fn why(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature is not of this project's secret",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "it must be signed with HS256",
        ErrorKind::InvalidAudience => "aud names another project",
        ErrorKind::MissingRequiredClaim(_) => "it needs sub and exp",
        _ => "it is not a JWT with sub and exp",
    }
}

fn refused(words: &str) -> Refusal {
    Refusal::invalid("identity_token", "identity_refused", format!("the identity token proves nothing: {words}"))
}
