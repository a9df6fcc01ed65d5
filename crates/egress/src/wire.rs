//! Streams of protocols that are not HTTP (mail), to the same addresses as HTTP may go.

use crate::address::{check_host, resolve};
use crate::{Egress, EgressError, choose_tls};
use rustls_platform_verifier::ConfigVerifierExt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Ports of mail: elsewhere nobody is called whom the installation does not name.
const MAIL_PORTS: &[u16] = &[25, 143, 465, 587, 993, 2525];
const PATIENCE: Duration = Duration::from_secs(15);

/// How what is said over a stream is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Nothing yet: the protocol begins TLS itself, before it says a secret.
    Later,
    /// Nothing at all, which only this machine itself is spoken to with.
    Plain,
}

/// A connection to a server.
#[derive(Debug)]
pub enum Wire {
    /// In the open.
    Open(TcpStream),
    /// Within TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Egress {
    /// A connection to a mail server, under the rules of HTTP: no private network that the installation does not allow.
    ///
    /// # Errors
    /// When the address may not be called, or nobody is there; nothing was said then.
    pub async fn connect(&self, host: &str, port: u16, security: Security) -> Result<Wire, EgressError> {
        let is_exception = check_host(host, &self.allowed)?;
        if !MAIL_PORTS.contains(&port) && !is_exception {
            return Err(EgressError::Blocked("only the ports of mail: 25, 143, 465, 587, 993 and 2525".into()));
        }
        let connected = tokio::time::timeout(PATIENCE, async {
            let addresses = resolve(host, port, &self.allowed).await?;
            let stream = TcpStream::connect(addresses.as_slice()).await.map_err(not_reached)?;
            // Commands are short and go in pieces: nobody is to wait for more of them.
            stream.set_nodelay(true).map_err(not_reached)?;
            let is_local = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
            match security {
                Security::Plain if !is_local => {
                    Err(EgressError::Blocked("without TLS only this machine itself is spoken to".into()))
                }
                Security::Plain | Security::Later => Ok(Wire::Open(stream)),
                Security::Tls => Wire::Open(stream).secured(host).await,
            }
        });
        connected.await.unwrap_or_else(|_| Err(EgressError::NotReached("the server does not answer".into())))
    }
}

impl Wire {
    /// The same connection within TLS, with the server that this host's certificate names.
    ///
    /// # Errors
    /// When the server does not prove to be this host.
    pub async fn secured(self, host: &str) -> Result<Self, EgressError> {
        let Self::Open(stream) = self else { return Ok(self) };
        let name = ServerName::try_from(host.to_owned()).map_err(|e| EgressError::Blocked(e.to_string()))?;
        let stream = TlsConnector::from(config()?).connect(name, stream).await.map_err(not_reached)?;
        Ok(Self::Tls(Box::new(stream)))
    }

    /// Who is at the other end.
    ///
    /// # Errors
    /// When nobody is any more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Open(stream) => stream.peer_addr(),
            Self::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

/// Made once: reading what this machine trusts takes a while.
fn config() -> Result<Arc<ClientConfig>, EgressError> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    choose_tls();
    let config = ClientConfig::with_platform_verifier().map_err(|e| EgressError::NotReached(e.to_string()))?;
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}

fn not_reached(error: io::Error) -> EgressError {
    EgressError::NotReached(error.to_string())
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Open(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Open(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Open(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Open(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Allowed;

    #[tokio::test]
    async fn private_networks_and_other_ports_are_not_called() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let egress = Egress::new(Allowed::default()).unwrap();
        for (host, port) in [("127.0.0.1", port), ("localhost", port), ("10.0.0.1", 25), ("8.8.8.8", 22)] {
            let answer = egress.connect(host, port, Security::Tls).await;
            assert!(matches!(answer, Err(EgressError::Blocked(_))), "{host}: {answer:?}");
        }
        assert!(listener.accept().is_err(), "nothing may have connected");
    }

    #[tokio::test]
    async fn a_server_without_a_certificate_is_not_believed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 hello\r\n").await;
            }
        });
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        assert!(egress.connect("127.0.0.1", port, Security::Plain).await.is_ok());
        let answer = egress.connect("127.0.0.1", port, Security::Tls).await;
        assert!(matches!(answer, Err(EgressError::NotReached(_))), "{answer:?}");
    }
}
