//! The one way out of this machine, for HTTP and for streams of other protocols: every address is checked when the connection is made, redirects are off, answers are bounded,
//! and no error text carries an address with a token in it (security statements 28, 29).

mod address;
mod wire;

pub use address::{Allowed, is_public};
pub use wire::{Security, Wire};

use address::{CheckedResolver, check_literal};
use bytes::{Bytes, BytesMut};
use reqwest::{Method, StatusCode, Url};
use std::sync::Arc;
use std::time::Duration;

/// Answers longer than this are cut off with an error, files apart.
const MAX_ANSWER: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address may not be called.
    #[error("this address may not be called: {0}")]
    Blocked(String),
    /// No connection was made: the request did not go out.
    #[error("could not connect: {0}")]
    NotReached(String),
    /// The request went out and no whole answer came back.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// An answer of another server, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
    /// Body.
    pub body: Bytes,
}

/// One part of a multipart body.
#[derive(Debug, Clone)]
pub enum Part {
    /// A plain field.
    Field {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
    /// A file.
    File {
        /// Name of the field.
        name: String,
        /// Name of the file.
        file_name: String,
        /// Type.
        mime: String,
        /// Bytes.
        bytes: Vec<u8>,
    },
}

/// A request in full.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// GET, POST...
    pub method: &'a str,
    /// Address.
    pub url: &'a str,
    /// Headers.
    pub headers: &'a [(String, String)],
    /// Body.
    pub body: Option<String>,
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    client: reqwest::Client,
    pub(crate) allowed: Arc<Allowed>,
}

impl Egress {
    /// A client that calls public addresses, and the networks in `allowed`.
    ///
    /// # Errors
    /// When the TLS set-up of this machine fails.
    pub fn new(allowed: Allowed) -> Result<Self, EgressError> {
        choose_tls();
        let allowed = Arc::new(allowed);
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(CheckedResolver::new(allowed.clone())))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            // A dead pooled connection must not make the library send a message twice (trap g of reliability.md).
            .pool_max_idle_per_host(8)
            .pool_idle_timeout(Duration::from_secs(20))
            .retry(reqwest::retry::never())
            .user_agent(concat!("otklik/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| EgressError::NotReached(words(e)))?;
        Ok(Self { client, allowed })
    }

    /// POST with a JSON body.
    ///
    /// # Errors
    /// When there is no answer; an answer of any status is `Ok`.
    pub async fn post_json(
        &self,
        url: &str,
        body: &serde_json::Value,
        patience: Duration,
    ) -> Result<Answer, EgressError> {
        let request = self.request(Method::POST, url)?.json(body).timeout(patience);
        self.call(request, MAX_ANSWER).await
    }

    /// POST of JSON text exactly as it is, with headers that were made for it (a signature).
    ///
    /// # Errors
    /// When there is no answer; an answer of any status is `Ok`.
    pub async fn post_text(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: String,
        patience: Duration,
    ) -> Result<Answer, EgressError> {
        let mut request = self.request(Method::POST, url)?.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.call(request.body(body).timeout(patience), MAX_ANSWER).await
    }

    /// POST with a multipart body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_parts(&self, url: &str, parts: Vec<Part>, patience: Duration) -> Result<Answer, EgressError> {
        let mut form = reqwest::multipart::Form::new();
        for part in parts {
            form = match part {
                Part::Field { name, value } => form.text(name, value),
                Part::File { name, file_name, mime, bytes } => {
                    let file = reqwest::multipart::Part::bytes(bytes).file_name(file_name);
                    let file = file.mime_str(&mime).map_err(|e| EgressError::Blocked(words(e)))?;
                    form.part(name, file)
                }
            };
        }
        let request = self.request(Method::POST, url)?.multipart(form).timeout(patience);
        self.call(request, MAX_ANSWER).await
    }

    /// Any request that a scenario's maker wrote: method, headers and body as they are.
    ///
    /// # Errors
    /// When the method or a header cannot be, or there is no answer, or it is longer than `limit`; an answer of any status is `Ok`.
    pub async fn send(&self, ask: Ask<'_>, limit: usize, patience: Duration) -> Result<Answer, EgressError> {
        let method = Method::from_bytes(ask.method.as_bytes()).map_err(|e| EgressError::Blocked(e.to_string()))?;
        let mut request = self.request(method, ask.url)?.timeout(patience);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = ask.body {
            request = request.body(body);
        }
        self.call(request, limit).await
    }

    /// GET of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// When there is no answer or it is longer.
    pub async fn get(&self, url: &str, limit: usize, patience: Duration) -> Result<Answer, EgressError> {
        let request = self.request(Method::GET, url)?.timeout(patience);
        self.call(request, limit).await
    }

    fn request(&self, method: Method, url: &str) -> Result<reqwest::RequestBuilder, EgressError> {
        let url: Url = url.parse().map_err(|_| EgressError::Blocked("not a web address".into()))?;
        check_literal(&url, &self.allowed)?;
        Ok(self.client.request(method, url))
    }

    async fn call(&self, request: reqwest::RequestBuilder, limit: usize) -> Result<Answer, EgressError> {
        let mut response = request.send().await.map_err(failed)?;
        let retry_after =
            response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        let status: StatusCode = response.status();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| EgressError::NoAnswer(words(e)))? {
            if body.len() + chunk.len() > limit {
                return Err(EgressError::TooLong(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: status.as_u16(), retry_after, body: body.freeze() })
    }
}

/// Chooses the cryptography of TLS for the whole process. Whoever builds a `reqwest::Client` without [`Egress`] calls it before.
pub fn choose_tls() {
    // An error says that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn failed(error: reqwest::Error) -> EgressError {
    let is_blocked = std::iter::successors(std::error::Error::source(&error), |e| e.source())
        .any(<dyn std::error::Error + 'static>::is::<address::NotPublic>);
    if is_blocked {
        return EgressError::Blocked("it is not a public address".into());
    }
    if error.is_connect() || error.is_builder() {
        EgressError::NotReached(words(error))
    } else {
        EgressError::NoAnswer(words(error))
    }
}

fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let cause = std::iter::successors(std::error::Error::source(&error), |e| e.source()).last();
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loopback_address_is_refused_before_any_connection() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let egress = Egress::new(Allowed::default()).unwrap();
        for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"] {
            let answer = egress.get(&format!("http://{host}:{port}/"), 10, Duration::from_secs(2)).await;
            assert!(matches!(answer, Err(EgressError::Blocked(_))), "{host}: {answer:?}");
        }
        assert!(listener.accept().is_err(), "nothing may have connected");
    }

    #[tokio::test]
    async fn errors_do_not_carry_the_token_of_the_address() {
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let error = egress.get("http://127.0.0.1:9/botSECRET/getMe", 10, Duration::from_secs(2)).await.unwrap_err();
        assert!(!error.to_string().contains("SECRET"), "{error}");
        assert!(matches!(error, EgressError::NotReached(_)));
    }
}
