//! Servers as processes of their own.

use crate::load::{Dialect, Target};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// How its owner signs in.
pub const EMAIL: &str = "a@a.example";
pub const PASSWORD: &str = "long enough pass";

/// A running product with a fresh account.
pub struct Running {
    child: Child,
    pub address: String,
    pub site_key: String,
    pub api_key: String,
    pub project_id: String,
}

/// The command, on one core when asked, with room for as many sockets as the machine allows.
fn pinned(program: &Path, core: Option<usize>) -> Command {
    let prefix = core.map_or_else(String::new, |core| format!("taskset -c {core} "));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n $(ulimit -Hn); exec {prefix}\"$0\" \"$@\"")]).arg(program);
    command
}

impl Running {
    /// What visitors and an operator connect to.
    pub fn target(&self) -> Target<'_> {
        Target {
            dialect: Dialect::Otklik,
            address: &self.address,
            reader: &self.address,
            site_key: &self.site_key,
            api_key: &self.api_key,
            project: &self.project_id,
            process: self.child.id(),
        }
    }

    pub fn command(otklik: &Path, data: &Path, core: Option<usize>, port: u16) -> Command {
        let mut command = pinned(otklik, core);
        // On, and so wide that a load passes, unless told: what counting costs is in the figures.
        if std::env::var_os("OTKLIK_VISITOR_LIMITS").is_none() {
            command.env("OTKLIK_VISITOR_LIMITS", "1000000");
        }
        // Peers of the measures are on this machine.
        if std::env::var_os("OTKLIK_ALLOW_EGRESS").is_none() {
            command.env("OTKLIK_ALLOW_EGRESS", "127.0.0.0/8");
        }
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data);
        command.env("OTKLIK_LOG", "warn").stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    pub fn otklik(otklik: &Path, data: &Path, core: Option<usize>) -> Fallible<Self> {
        let _ = std::fs::remove_dir_all(data);
        let made = Command::new(otklik)
            .args(["init", "--email", EMAIL, "--password", PASSWORD, "--account", "A", "--project", "P", "--data"])
            .arg(data)
            .output()?;
        let made: Value = serde_json::from_slice(&made.stdout)?;
        let text = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
        Self::serve(otklik, data, core, text("site_key"), text("api_key"), text("project_id"))
    }

    /// Site key, API key and project.
    pub fn keys(&self) -> (String, String, String) {
        (self.site_key.clone(), self.api_key.clone(), self.project_id.clone())
    }

    /// Starts over the data of a server that has stopped.
    pub fn again(otklik: &Path, data: &Path, site_key: String, api_key: String, project: String) -> Fallible<Self> {
        Self::serve(otklik, data, None, site_key, api_key, project)
    }

    /// A second node of the same database, which the commands find in the product's own variable.
    pub fn beside(&self, otklik: &Path, data: &Path) -> Fallible<Self> {
        let _ = std::fs::remove_dir_all(data);
        std::fs::create_dir_all(data)?;
        let key = data.with_file_name("a").join("master.key");
        if key.exists() {
            std::fs::copy(key, data.join("master.key"))?;
        }
        let (site_key, api_key, project_id) = (self.site_key.clone(), self.api_key.clone(), self.project_id.clone());
        Self::serve(otklik, data, None, site_key, api_key, project_id)
    }

    pub fn demo(otklik: &Path, data: &Path) -> Fallible<Self> {
        let _ = std::fs::remove_dir_all(data);
        let made = Command::new(otklik).arg("demo-data").arg("--data").arg(data).output()?;
        let made: Value = serde_json::from_slice(&made.stdout)?;
        let project = made["projects"][0].as_str().unwrap_or_default().to_owned();
        let text = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
        Self::serve(otklik, data, None, text("site_key"), text("api_key"), project)
    }

    fn serve(
        otklik: &Path,
        data: &Path,
        core: Option<usize>,
        site_key: String,
        api_key: String,
        project_id: String,
    ) -> Fallible<Self> {
        let mut child = Self::command(otklik, data, core, free_port()?).spawn()?;
        let ready = first_line(&mut child)?;
        let address = ready["listen"].as_str().ok_or("the server did not start")?.to_owned();
        Ok(Self { child, address, site_key, api_key, project_id })
    }

    /// Resident bytes.
    pub fn rss(&self) -> u64 {
        memory(self.child.id(), "VmRSS:")
    }

    /// Seconds of the processor used so far.
    pub fn cpu(&self) -> f64 {
        cpu_seconds(self.child.id())
    }

    /// Resident bytes at their highest.
    pub fn peak(&self) -> u64 {
        peak_bytes(self.child.id())
    }

    /// Where the API of its project is.
    pub fn project_url(&self) -> String {
        format!("http://{}/api/v1/projects/{}", self.address, self.project_id)
    }

    /// Waits until what was begun before is done: work that is left over belongs to no measure.
    pub async fn rests(&self) {
        for _ in 0..50 {
            let before = cpu_seconds(self.child.id());
            tokio::time::sleep(Duration::from_millis(300)).await;
            // A tick of the clock is 10 ms: one may fall here by chance.
            if cpu_seconds(self.child.id()) - before < 0.015 {
                return;
            }
        }
    }

    /// Ends it as an owner does, so that all it wrote is in its files.
    pub fn stop(mut self) -> Fallible<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            match self.child.try_wait()? {
                Some(ended) if ended.success() => return Ok(()),
                Some(ended) => return Err(format!("the server ended with {ended}").into()),
                None if Instant::now() > deadline => return Err("the server did not stop".into()),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// Seconds of the processor that a process used so far.
pub fn cpu_seconds(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Files and sockets that this process may have open.
pub fn open_files() -> usize {
    let text = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    line.split_whitespace().next().and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX)
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The running peer.
pub struct Peer {
    child: Child,
    pub address: String,
}

impl Peer {
    pub fn command(folder: &Path, file: &Path, core: Option<usize>, port: u16) -> Command {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
        let mut command = pinned(Path::new("node"), core);
        command.current_dir(folder).arg("server.js").arg(port.to_string()).arg(file);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    pub fn start(folder: &Path, file: &Path, core: Option<usize>) -> Fallible<Self> {
        let port = free_port()?;
        let mut child = Self::command(folder, file, core, port).spawn()?;
        first_line(&mut child)?;
        Ok(Self { child, address: format!("127.0.0.1:{port}") })
    }

    /// What visitors and an operator connect to; it asks for no keys.
    pub fn target(&self) -> Target<'_> {
        let (site_key, api_key, project) = ("", "", "");
        Target {
            dialect: Dialect::SocketIo,
            address: &self.address,
            reader: &self.address,
            site_key,
            api_key,
            project,
            process: self.child.id(),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident bytes of a process at their highest; 0 when it is gone.
pub fn peak_bytes(process: u32) -> u64 {
    memory(process, "VmHWM:")
}

fn memory(process: u32, kind: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(kind)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn first_line(child: &mut Child) -> Fallible<Value> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// A port for a program that is told where to listen.
pub fn free_port() -> Fallible<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// From exec to the first accepted connection.
pub fn cold_start_ms(command: &mut Command, port: u16) -> Fallible<f64> {
    let started = Instant::now();
    let mut child = command.spawn()?;
    let deadline = started + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > deadline {
            return Err("the server did not accept a connection".into());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    let took = started.elapsed().as_secs_f64() * 1000.0;
    child.kill()?;
    child.wait()?;
    // The port must be free before the next start.
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(took)
}
