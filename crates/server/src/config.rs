//! Flags; each also as `OTKLIK_...`.

use clap::Args;
use edge::{Countries, VisitorLimits};
use http_kit::TrustedProxies;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct DataOptions {
    /// Folder of the database and the files.
    #[arg(long, env = "OTKLIK_DATA", default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long, env = "OTKLIK_DATABASE_URL")]
    pub database_url: Option<String>,
}

/// `otklik serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Folder of the database and the files.
    #[arg(long, env = "OTKLIK_DATA", default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long, env = "OTKLIK_DATABASE_URL")]
    pub database_url: Option<String>,
    /// NATS server over which several nodes of one PostgreSQL database hear of each other at once; without it, or while it is away, they
    /// look once a second. SQLite has one node.
    #[arg(long, env = "OTKLIK_NATS_URL")]
    pub nats_url: Option<String>,
    /// Seconds that a dead node holds the jobs and deliveries it took: for tests.
    #[arg(long, env = "OTKLIK_LEASE_SECONDS", default_value_t = 120, hide = true, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub lease_seconds: u16,
    /// Address to listen on.
    #[arg(long, env = "OTKLIK_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Our https address as the world sees it, for webhooks and invitations.
    #[arg(long, env = "OTKLIK_PUBLIC_URL", default_value = "")]
    pub public_url: String,
    /// Days the event log is kept; a reader who comes back later starts anew.
    #[arg(long, env = "OTKLIK_KEEP_EVENTS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub keep_events_days: u16,
    /// Days that what channels sent is kept raw.
    #[arg(long, env = "OTKLIK_KEEP_JOURNAL_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub keep_journal_days: u16,
    /// Networks that may be called although they are not public, such as 10.0.0.0/8 (a Bot API server of your own).
    #[arg(long, env = "OTKLIK_ALLOW_EGRESS", value_delimiter = ',')]
    pub allow_egress: Vec<IpNet>,
    /// Networks of the proxies in front, such as 10.0.0.5/32: what they say of a client's address (X-Forwarded-For) is believed. This
    /// machine itself, when --public-url is an https address and nothing else is named.
    #[arg(long, env = "OTKLIK_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpNet>,
    /// How much strangers may do on the sites: `on`, `off` (load tests on loopback only; `doctor` reports it), or how many times as much.
    #[arg(long, env = "OTKLIK_VISITOR_LIMITS", default_value = "on")]
    pub visitor_limits: Limits,
    /// Database of countries by address, in MaxMind's format (GeoLite2 Country, DB-IP): for auto-actions that ask for a country, and the
    /// list of visitors. Read at the start.
    #[arg(long, env = "OTKLIK_COUNTRY_DATABASE")]
    pub country_database: Option<PathBuf>,
}

/// How much strangers may do on the sites, as the installation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// Whatever they like.
    Off,
    /// So many times the table.
    Times(u32),
}

impl Limits {
    /// As they work.
    pub fn made(self) -> VisitorLimits {
        match self {
            Self::Off => VisitorLimits::off(),
            Self::Times(factor) => VisitorLimits::times(factor),
        }
    }
}

impl FromStr for Limits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "on" => Ok(Self::Times(1)),
            "off" => Ok(Self::Off),
            number => match number.parse() {
                Ok(factor @ 1..) => Ok(Self::Times(factor)),
                _ => Err("say on, off, or how many times as much: 10".into()),
            },
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Times(1) => f.write_str("on"),
            Self::Times(factor) => factor.fmt(f),
        }
    }
}

impl ServeOptions {
    /// Whose word on a client's address counts.
    pub fn proxies(&self) -> TrustedProxies {
        let is_behind_one = self.public_url.starts_with("https://");
        if self.trusted_proxy.is_empty() && is_behind_one {
            let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            return TrustedProxies::new(here.map(IpNet::from).to_vec());
        }
        TrustedProxies::new(self.trusted_proxy.clone())
    }

    /// Where addresses are.
    ///
    /// # Errors
    /// In words, when the database cannot be read.
    pub fn countries(&self) -> Result<Countries, String> {
        let file = self.country_database.as_deref();
        file.map_or_else(
            || Ok(Countries::default()),
            |file| Countries::open(file).map_err(|error| format!("--country-database: {error}")),
        )
    }

    /// The part that says where the data is.
    pub fn data_options(&self) -> DataOptions {
        DataOptions { data: self.data.clone(), database_url: self.database_url.clone() }
    }
}

/// `otklik init`.
#[derive(Debug, Clone, Args)]
pub struct InitOptions {
    /// Where the data is.
    #[command(flatten)]
    pub data: DataOptions,
    /// The owner's e-mail.
    #[arg(long)]
    pub email: String,
    /// The owner's password.
    #[arg(long, env = "OTKLIK_PASSWORD")]
    pub password: String,
    /// Name of the company.
    #[arg(long)]
    pub account: String,
    /// Name of the first project.
    #[arg(long)]
    pub project: String,
}

/// Threads for sockets and HTTP. The database has its own; more of ours would only take turns with it.
pub fn worker_threads() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 8))
}

/// What this program writes is its owner's alone: databases, copies, files of clients.
pub fn keep_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Logs to standard error, one line an event; `OTKLIK_LOG` chooses what.
pub fn start_logging() {
    let filter = EnvFilter::try_from_env("OTKLIK_LOG").unwrap_or_else(|_| EnvFilter::new("info,async_nats=error"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// How long requests under way may take to end after we were told to stop.
pub(crate) const PATIENCE_AT_STOP: Duration = Duration::from_secs(6);

/// Listens for SIGTERM and Ctrl-C from now on. What it returns ends with either of them, and then by force after ten seconds (D15):
/// sockets that stay open must not keep us alive.
///
/// # Errors
/// When the machine does not let us listen.
pub(crate) fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    let told = {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        }
    };
    #[cfg(not(unix))]
    let told = async { drop(tokio::signal::ctrl_c().await) };
    Ok(async {
        told.await;
        tracing::info!("stopping");
        tokio::spawn(async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            std::process::exit(0);
        });
    })
}

/// Options of `otklik licence`.
#[derive(Debug, clap::Args)]
pub struct LicenceOptions {
    /// Where the installation is.
    #[command(flatten)]
    pub data: DataOptions,
    /// Account id; needed when there are several.
    #[arg(long)]
    pub account: Option<String>,
    /// Users paid for; 0 for any number.
    #[arg(long)]
    seats: Option<i64>,
    /// Last day of the period paid for, 2027-11-28.
    #[arg(long)]
    until: Option<String>,
    /// Premium on or off.
    #[arg(long)]
    premium: Option<Switch>,
    /// Day on which Premium stops when it is off, 2026-12-01; `none` takes it away.
    #[arg(long)]
    grace: Option<String>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

impl LicenceOptions {
    /// What is to be set.
    ///
    /// # Errors
    /// For what is no day.
    pub fn plan(&self) -> Result<accounts::licences::Plan, String> {
        if self.seats.is_some_and(|seats| seats < 0) {
            return Err("--seats is a number of users".to_owned());
        }
        let grace_until = match self.grace.as_deref() {
            None => None,
            Some("none") => Some(None),
            Some(day) => Some(Some(day_start(day)?)),
        };
        // The period's last day belongs to it.
        let period_to = self.until.as_deref().map(day_start).transpose()?.map(|start| start.plus_ms(86_400_000));
        Ok(accounts::licences::Plan {
            seats: self.seats,
            period_to,
            premium: self.premium.map(|switch| switch == Switch::On),
            grace_until,
        })
    }
}

fn day_start(text: &str) -> Result<model::Timestamp, String> {
    let words = || format!("`{text}` is no day: write it as 2026-12-01");
    let day: jiff::civil::Date = text.parse().map_err(|_| words())?;
    let start = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| words())?;
    Ok(model::Timestamp(start.timestamp().as_millisecond()))
}
