//! A browser that wants to be told. It is one of a session's: it ends with it.

use crate::store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::Egress;
use model::{Cx, PushSubscriptionId, Refusal, Result, SessionId, Timestamp, UserId};
use web_push_native::Auth;
use web_push_native::p256::PublicKey;

/// Browsers of one person; beyond them the oldest goes.
const MOST: i64 = 10;
const LONGEST_ENDPOINT: usize = 2_000;
const AUTH_BYTES: usize = 16;

/// A subscription as stored.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub id: PushSubscriptionId,
    pub user_id: UserId,
    pub session_id: SessionId,
    pub endpoint: String,
    pub public_key: String,
    pub auth: String,
    pub device: String,
    pub quiet_until: Timestamp,
    pub created_at: Timestamp,
}

/// What a browser gives (`PushSubscription.toJSON()`).
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub endpoint: String,
    pub public_key: String,
    pub auth: String,
    pub device: String,
}

/// Its keys, read.
pub(crate) struct Keys {
    pub public: PublicKey,
    pub auth: Auth,
}

impl Keys {
    /// None when they are none.
    pub fn read(public_key: &str, auth: &str) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let public = PublicKey::from_sec1_bytes(&decode(public_key)?).ok()?;
        let auth = decode(auth)?;
        (auth.len() == AUTH_BYTES).then(|| Self { public, auth: Auth::clone_from_slice(&auth) })
    }
}

/// Keeps a browser for this session. One that is known, by whoever, is this person's from now on.
///
/// # Errors
/// At the member that cannot be.
pub(crate) async fn subscribe(
    cx: &mut Cx<'_>,
    egress: &Egress,
    (user, session): (UserId, SessionId),
    given: Given,
) -> Result<Subscription> {
    if given.endpoint.len() > LONGEST_ENDPOINT {
        return Err(Refusal::invalid("endpoint", "wrong_length", format!("{LONGEST_ENDPOINT} characters at most")));
    }
    egress.check(&given.endpoint).map_err(|error| Refusal::invalid("endpoint", "blocked", error.to_string()))?;
    if Keys::read(&given.public_key, &given.auth).is_none() {
        let words = "p256dh is an uncompressed point of P-256 and auth 16 bytes, both in URL-safe Base64";
        return Err(Refusal::invalid("keys", "wrong_form", words));
    }
    let subscription = Subscription {
        id: PushSubscriptionId::new(cx.env.ids()),
        user_id: user,
        session_id: session,
        endpoint: given.endpoint,
        public_key: given.public_key,
        auth: given.auth,
        device: given.device,
        quiet_until: Timestamp(0),
        created_at: cx.env.now(),
    };
    crate::key::of_account(cx).await?;
    store::delete_endpoint(cx.tx, cx.account, &subscription.endpoint).await?;
    store::insert(cx.tx, cx.account, &subscription).await?;
    store::delete_beyond(cx.tx, cx.account, &user, MOST).await?;
    Ok(subscription)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_point_of_the_curve_and_sixteen_bytes() {
        // Of the example in RFC 8291, section 5.
        let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let auth = "BTBZMqHH6r4Tts7J_aSIgg";
        assert!(Keys::read(point, auth).is_some());
        assert!(Keys::read(&format!("{point}="), &format!("{auth}==")).is_some());
        let off_curve = format!("{}A", &point[..point.len() - 1]);
        for (public_key, auth) in
            [("", auth), (point, ""), (&off_curve[..], auth), (point, "AAAA"), ("!", auth), (auth, auth)]
        {
            assert!(Keys::read(public_key, auth).is_none(), "{public_key} {auth}");
        }
    }
}
