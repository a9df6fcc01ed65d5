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

/// A page that redirects more often is not followed.
const MAX_REDIRECTS: usize = 4;

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

/// A web page as a browser would get it, after redirects.
#[derive(Debug, Clone)]
pub struct Page {
    /// Scheme, host and port, as browsers name the origin.
    pub origin: String,
    /// HTTP status.
    pub status: u16,
    /// `Content-Security-Policy`, each as it was sent.
    pub policies: Vec<String>,
    /// As much of the page as was asked for.
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

    /// POST of bytes with headers that were made for them.
    ///
    /// # Errors
    /// When there is no answer; an answer of any status is `Ok`.
    pub async fn post_bytes(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Answer, EgressError> {
        let mut request = self.request(Method::POST, url)?.header("content-type", "application/octet-stream");
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

    /// A page of the web. Redirects are followed, a few, and each address is checked as the first was; what is longer than `limit` is cut.
    ///
    /// # Errors
    /// When there is no answer within `patience`, all redirects counted.
    pub async fn page(&self, url: &str, limit: usize, patience: Duration) -> Result<Page, EgressError> {
        let follow = async {
            let mut url: Url = url.parse().map_err(|_| EgressError::Blocked("not a web address".into()))?;
            for _ in 0..=MAX_REDIRECTS {
                let request = self.request(Method::GET, url.as_str())?.header("accept", "text/html,*/*");
                let mut response = request.send().await.map_err(failed)?;
                let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
                if let Some(next) = header("location").filter(|_| response.status().is_redirection()) {
                    url = url.join(next).map_err(|_| EgressError::NoAnswer("it redirects to no address".into()))?;
                    continue;
                }
                let policies = response.headers().get_all("content-security-policy").iter();
                let policies = policies.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
                let mut body = BytesMut::new();
                while let Some(chunk) = response.chunk().await.map_err(|e| EgressError::NoAnswer(words(e)))? {
                    body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]);
                    if body.len() == limit {
                        break;
                    }
                }
                let origin = url.origin().ascii_serialization();
                return Ok(Page { origin, status: response.status().as_u16(), policies, body: body.freeze() });
            }
            Err(EgressError::NoAnswer("it redirects without end".into()))
        };
        tokio::time::timeout(patience, follow)
            .await
            .unwrap_or_else(|_| Err(EgressError::NoAnswer("it takes too long".into())))
    }

    /// Whether an address may be called, as far as can be said before its name is resolved.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, url: &str) -> Result<(), EgressError> {
        let url: Url = url.parse().map_err(|_| EgressError::Blocked("not a web address".into()))?;
        check_literal(&url, &self.allowed)
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

/// Scheme, host and port of a web address, as browsers name an origin.
pub fn origin_of(url: &str) -> Option<String> {
    let url: Url = url.parse().ok()?;
    url.has_host().then(|| url.origin().ascii_serialization())
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

    /// Answers every request on a port of its own with this.
    async fn server(answer: String) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_page_is_followed_and_each_address_on_the_way_is_checked() {
        let body = "<p>page</p>";
        let page = format!(
            "HTTP/1.1 200 OK\r\ncontent-security-policy: default-src 'self'\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let page = server(page).await;
        let moved = |to: &str| {
            format!("HTTP/1.1 301 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        };
        let first = server(moved(&format!("{page}/shop"))).await;
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let patience = Duration::from_secs(5);
        let found = egress.page(&first, 5, patience).await.unwrap();
        assert_eq!((found.status, found.origin), (200, page));
        assert_eq!((&found.body[..], found.policies), (&b"<p>pa"[..], vec!["default-src 'self'".to_owned()]));
        let inside = server(moved("http://169.254.169.254/latest/")).await;
        assert!(matches!(egress.page(&inside, 5, patience).await, Err(EgressError::Blocked(_))));
        let endless = server(moved("/again")).await;
        assert!(matches!(egress.page(&endless, 5, patience).await, Err(EgressError::NoAnswer(_))));
    }

    #[tokio::test]
    async fn errors_do_not_carry_the_token_of_the_address() {
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let error = egress.get("http://127.0.0.1:9/botSECRET/getMe", 10, Duration::from_secs(2)).await.unwrap_err();
        assert!(!error.to_string().contains("SECRET"), "{error}");
        assert!(matches!(error, EgressError::NotReached(_)));
    }
}
