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

impl Subscription {
    /// Whether its push service lets a push go by that shows nothing. Chrome's and Firefox's do, some of them each day for a site that is used;
    /// Apple's (`web.push.apple.com`) takes the whole subscription away after a few, and is never sent one.
    pub fn takes_silent(&self) -> bool {
        let host = self.endpoint.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':', '?', '#']).next().unwrap_or_default().to_lowercase();
        host != "push.apple.com" && !host.ends_with(".push.apple.com")
    }
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
    fn apples_push_service_is_never_sent_what_shows_nothing() {
        let of = |endpoint: &str| Subscription {
            id: PushSubscriptionId::from_bits(1),
            user_id: UserId::from_bits(1),
            session_id: SessionId::from_bits(1),
            endpoint: endpoint.to_owned(),
            public_key: String::new(),
            auth: String::new(),
            device: String::new(),
            quiet_until: Timestamp(0),
            created_at: Timestamp(0),
        };
        for apples in ["https://web.push.apple.com/QGu", "https://WEB.push.Apple.com:443/x", "https://push.apple.com/x"]
        {
            assert!(!of(apples).takes_silent(), "{apples}");
        }
        for others in [
            "https://fcm.googleapis.com/fcm/send/x",
            "https://updates.push.services.mozilla.com/wpush/v2/x",
            "http://127.0.0.1:8080/push/phone",
            "https://example.com/web.push.apple.com",
            "https://notpush.apple.com.example/x",
        ] {
            assert!(of(others).takes_silent(), "{others}");
        }
    }

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
