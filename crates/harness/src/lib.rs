//! The whole product, running, for the tests of every crate: its real router, real sockets, a database of its own, on either engine.
//! What fails in here is a test that fails, so everything panics.

mod browser;
mod product;
mod socket;
mod telegram;

pub use browser::{Browser, join, sign_in};
pub use product::{PASSWORD, Product, TestClock, answer, client, new_account};
pub use socket::Socket;
pub use telegram::{Shop, TOKEN};

/// The smallest picture.
pub const PIXEL: &[u8] = include_bytes!("pixel.png");
