//! The way out of mailings that stands in a letter (RFC 8058, section 3 of `mailings.md`): a GET only shows the page, for programs that look into letters
//! press every link; a POST does it, from the page or from the reader's mail program. No sign-in: the link is signed.

use crate::Edge;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use http_kit::{ApiError, ApiPath, ApiQuery};
use messaging::consent::{self, Source};
use messaging::contacts;
use model::{AccountId, ContactId, Refusal};
use serde::Deserialize;

/// What stands in a link beside the ids.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    mark: String,
}

/// Asks.
pub(crate) async fn ask(
    State(edge): State<Edge>,
    headers: HeaderMap,
    ApiPath((account, contact)): ApiPath<(AccountId, ContactId)>,
    ApiQuery(link): ApiQuery<Link>,
) -> Response {
    let words = Words::of(&headers);
    if !edge.messaging.env.is_unsubscribe_link(&account, &contact, &link.mark) {
        return page(StatusCode::NOT_FOUND, &words, words.unknown, None);
    }
    page(StatusCode::OK, &words, words.question, Some(words.button))
}

/// Does it; as often as it is asked.
pub(crate) async fn do_it(
    State(edge): State<Edge>,
    headers: HeaderMap,
    ApiPath((account, contact)): ApiPath<(AccountId, ContactId)>,
    ApiQuery(link): ApiQuery<Link>,
) -> Result<Response, ApiError> {
    let words = Words::of(&headers);
    if !edge.messaging.env.is_unsubscribe_link(&account, &contact, &link.mark) {
        return Ok(page(StatusCode::NOT_FOUND, &words, words.unknown, None));
    }
    let done = edge.messaging.write(&account, move |cx| {
        Box::pin(async move {
            let project = contacts::get(cx.tx, cx.account, &contact).await?.project_id;
            consent::opt_out(cx, &project, &contact, Source::Link, None).await
        })
    });
    match done.await {
        // Whoever is no more gets no mailings either.
        Ok(()) | Err(Refusal::NotFound) => Ok(page(StatusCode::OK, &words, words.done, None)),
        Err(refusal) => Err(refusal.into()),
    }
}

struct Words {
    language: &'static str,
    title: &'static str,
    question: &'static str,
    button: &'static str,
    done: &'static str,
    unknown: &'static str,
}

const RUSSIAN: Words = Words {
    language: "ru",
    title: "Рассылки",
    question: "Больше не получать рассылок? Ответы на ваши вопросы будут приходить как раньше.",
    button: "Отписаться",
    done: "Вы отписались: рассылок больше не будет.",
    unknown: "Эта ссылка не полная. Откройте её из письма целиком или ответьте на письмо словом «стоп».",
};

const ENGLISH: Words = Words {
    language: "en",
    title: "Mailings",
    question: "Get no more mailings? Answers to your questions will come as before.",
    button: "Unsubscribe",
    done: "You are unsubscribed: no more mailings.",
    unknown: "This link is not whole. Open all of it from the letter, or answer the letter with the word “stop”.",
};

impl Words {
    /// Russian unless the browser asks for something else first.
    fn of(headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let first = asked.split([',', ';', '-']).next().unwrap_or_default().trim().to_lowercase();
        if first.is_empty() || ["ru", "be", "kk", "uk", "*"].contains(&first.as_str()) { RUSSIAN } else { ENGLISH }
    }
}

const STYLE: &str = "body{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.25rem;color:#1a1a1f;background:#fff}\
    button{font:inherit;padding:.65rem 1.25rem;border:0;border-radius:.5rem;background:#4a49c9;color:#fff;cursor:pointer}\
    @media(prefers-color-scheme:dark){body{color:#ececf1;background:#17171c}}";

fn page(status: StatusCode, words: &Words, text: &str, button: Option<&str>) -> Response {
    let form = button.map_or(String::new(), |label| format!("<form method=\"post\"><button>{label}</button></form>"));
    let Words { language, title, .. } = words;
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1><p>{text}</p>{form}</main></html>"
    );
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}
