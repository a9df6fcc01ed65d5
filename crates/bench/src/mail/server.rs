//! Dovecot over a mailbox of ours, and a place where letters could go out.

use super::letters::Letter;
use crate::process::free_port;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The password of the mailbox.
pub const PASSWORD: &str = "secret";
/// `nobody`: Dovecot reads no mail as root.
const NOBODY: u32 = 65_534;

/// A running Dovecot.
pub struct Dovecot {
    child: Child,
    pub imap: u16,
    pub smtp: u16,
}

impl Dovecot {
    /// Over a mailbox of these letters.
    pub fn start(folder: &Path, letters: &[Letter]) -> Fallible<Self> {
        if std::fs::metadata("/proc/self")?.uid() != 0 {
            return Err("Dovecot is started by root only".into());
        }
        let _ = std::fs::remove_dir_all(folder);
        let mail = folder.join("mail");
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(mail.join(part))?;
        }
        // What is numbered first is named first.
        for (at, letter) in letters.iter().enumerate() {
            std::fs::write(mail.join("cur").join(format!("{}.{at:06}.bench:2,", 1_800_000_000 + at)), &letter.bytes)?;
        }
        for path in [mail.clone(), mail.join("cur"), mail.join("new"), mail.join("tmp")] {
            chown(path, Some(NOBODY), Some(NOBODY))?;
        }
        let (imap, smtp) = (free_port()?, TcpListener::bind("127.0.0.1:0")?);
        let config = config(folder, &mail, imap)?;
        let program =
            ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find(|path| Path::new(path).exists());
        let program = program.ok_or("Dovecot is not installed: apt-get install dovecot-imapd")?;
        let child = Command::new(program).arg("-F").arg("-c").arg(config).stderr(Stdio::null()).spawn()?;
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", imap)).is_err() {
            if Instant::now() > deadline {
                return Err(std::fs::read_to_string(folder.join("log")).unwrap_or_default().into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let port = smtp.local_addr()?.port();
        std::thread::spawn(move || takes_logins(&smtp));
        Ok(Self { child, imap, smtp: port })
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Its own children end with it when it is asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn config(folder: &Path, mail: &Path, port: u16) -> Fallible<PathBuf> {
    let (base, log) = (folder.display(), folder.join("log"));
    let text = format!(
        "base_dir = {base}/run\nstate_dir = {base}/state\nlog_path = {}\nprotocols = imap\nlisten = 127.0.0.1\nssl = no\n\
         disable_plaintext_auth = no\nauth_mechanisms = plain login\nmail_location = maildir:{}\nfirst_valid_uid = 500\nlast_valid_uid = 0\n\
         mail_max_userip_connections = 200\nlogin_trusted_networks = 127.0.0.0/8\n\
         service imap-login {{\n  inet_listener imap {{\n    address = 127.0.0.1\n    port = {port}\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\nuserdb {{\n  driver = static\n  args = uid={NOBODY} gid={NOBODY} home={base}/home\n}}\n\
         namespace inbox {{\n  inbox = yes\n}}\n",
        log.display(),
        mail.display(),
    );
    let file = folder.join("dovecot.conf");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// As much of SMTP as a mailbox is connected with.
fn takes_logins(smtp: &TcpListener) {
    for stream in smtp.incoming().flatten() {
        std::thread::spawn(move || talk(&stream));
    }
}

fn talk(stream: &TcpStream) -> std::io::Result<()> {
    let (mut write, read) = (stream.try_clone()?, BufReader::new(stream.try_clone()?));
    write.write_all(b"220 mail.bench ESMTP\r\n")?;
    for line in read.lines() {
        let answer: &[u8] = match line?.to_ascii_uppercase().split_whitespace().next().unwrap_or_default() {
            "EHLO" | "HELO" => b"250-mail.bench\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" => b"235 2.7.0 welcome\r\n",
            "QUIT" => return write.write_all(b"221 bye\r\n"),
            _ => b"250 ok\r\n",
        };
        write.write_all(answer)?;
    }
    Ok(())
}
