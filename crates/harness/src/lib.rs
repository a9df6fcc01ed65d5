//! The whole product, running, for the tests of every crate: its real router, real sockets, a database of its own, on either engine.
//! What fails in here is a test that fails, so everything panics.

mod browser;
mod mail;
mod product;
mod socket;
mod telegram;

pub use browser::{Browser, join, sign_in};
pub use mail::{MAIL_PASSWORD, MailServer, Posted, SmtpSays};
pub use product::{PASSWORD, Product, TestClock, answer, client, new_account};
pub use socket::Socket;
pub use telegram::{Shop, TOKEN, connects_in_a_hurry};

/// The smallest picture.
pub const PIXEL: &[u8] = include_bytes!("pixel.png");

/// Waits for something that comes by itself.
///
/// # Panics
/// When it does not come.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what}: it did not come");
}
