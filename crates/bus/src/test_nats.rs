//! A NATS server for one test. `OTKLIK_TEST_NATS` is the path of the program `nats-server`.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Below what systems give to connections of their own: a port of theirs may be a connection's before a program listens on it.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port for a program that is told where to listen; no test of this process gets the same.
///
/// # Panics
/// When all are taken.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut next = PORTS.map(|_| {
        let given = std::process::id() + GIVEN.fetch_add(1, Ordering::Relaxed);
        PORTS.start + u16::try_from(given % u32::from(PORTS.end - PORTS.start)).expect("a port")
    });
    next.find(is_free).expect("a free port")
}

/// A server of one's own, on a port it keeps. Gone when dropped.
pub struct TestNats {
    port: u16,
    child: Option<Child>,
}

impl TestNats {
    /// A server that is up.
    ///
    /// # Panics
    /// When the machine cannot give one: a test without its server must not pass.
    pub fn start() -> Self {
        let mut server = Self::absent();
        server.start_again();
        server
    }

    /// A port where a server will be.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn absent() -> Self {
        Self { port: free_port(), child: None }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it, on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        let program = std::env::var("OTKLIK_TEST_NATS")
            .expect("OTKLIK_TEST_NATS is not set: run `cargo xtask test`, which installs a NATS server");
        let mut command = Command::new(&program);
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap_or_else(|e| panic!("{program} does not start: {e}")));
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(Instant::now() < until, "the NATS server does not listen");
            sleep(Duration::from_millis(10));
        }
    }

    /// Kills it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stands still, its sockets open.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Goes on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let _ = Command::new("kill").args([name, &child.id().to_string()]).status();
        }
    }
}

impl Drop for TestNats {
    fn drop(&mut self) {
        self.thaw();
        self.stop();
    }
}
