//! Identity tokens: what a site's own server attests about its visitor (rulings 35, statement 9). A JWT signed with the project's
//! secret by HMAC-SHA256, `sub` the customer's id, valid for a day at most.

use accounts::ProjectInfo;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use messaging::{MessagingError, Result};
use model::Env;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A token may be valid for so long at most: a stolen one must not last.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
/// What clocks may differ by.
const LEEWAY_SECONDS: i64 = 60;
const LONGEST_TOKEN: usize = 8 * 1024;

/// What a token says. Claims that mean nothing here are left alone.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    #[serde(default)]
    custom: BTreeMap<String, Value>,
}

/// The fields that a token attests.
///
/// # Errors
/// `identity_refused`, with what is wrong with the token, when it proves nothing.
pub(super) fn fields_of(env: &Env, project: &ProjectInfo, token: &str) -> Result<BTreeMap<String, Value>> {
    if token.len() > LONGEST_TOKEN {
        return Err(refused("it is too long"));
    }
    let secret = accounts::identity_secret(env, project)?;
    let mut rules = Validation::new(Algorithm::HS256);
    // Time is the installation's own clock, so it is judged below.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.required_spec_claims = ["exp", "sub"].map(str::to_owned).into();
    rules.set_audience(&[project.id.as_str(), project.site_key.as_str()]);
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    let claims = decode::<Claims>(token, &key, &rules).map_err(|error| refused(why(error.kind())))?.claims;
    let now = env.now().0 / 1000;
    if claims.exp + LEEWAY_SECONDS < now {
        return Err(refused("it has expired"));
    }
    if claims.exp > now + LONGEST_SECONDS + LEEWAY_SECONDS {
        return Err(refused("exp is more than 24 hours away"));
    }
    if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS) {
        return Err(refused("it is not valid yet"));
    }
    let mut fields = claims.custom;
    let known = [("name", claims.name), ("phone", claims.phone), ("email", claims.email)];
    fields.extend(known.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?)))));
    fields.insert("customer_id".to_owned(), Value::from(claims.sub));
    Ok(fields)
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

fn refused(words: &str) -> MessagingError {
    MessagingError::invalid("identity_token", "identity_refused", format!("the identity token proves nothing: {words}"))
}
