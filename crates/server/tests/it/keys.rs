//! The master key and the commands that need it, through the real program (security statements 37 and 40).

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A data folder of its own, with an account in it.
struct Installation(PathBuf);

impl Installation {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("otklik-keys-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let made = Self(folder);
        let init = ["--email", "o@a.example", "--password", "correct horse", "--account", "A", "--project", "P"];
        let output = made.run("init", &init);
        assert!(output.status.success(), "{}", words(&output));
        made
    }

    fn run(&self, command: &str, more: &[&str]) -> Output {
        self.run_with(command, more, None)
    }

    fn run_with(&self, command: &str, more: &[&str], key: Option<&str>) -> Output {
        let mut otklik = Command::new(env!("CARGO_BIN_EXE_otklik"));
        otklik.arg(command).arg("--data").arg(&self.0).args(more).env_remove("OTKLIK_DATABASE_URL");
        match key {
            Some(key) => otklik.env("OTKLIK_MASTER_KEY", key),
            None => otklik.env_remove("OTKLIK_MASTER_KEY"),
        };
        within(otklik, Duration::from_secs(30))
    }

    fn key_file(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// The keys in the file, as they are written there.
    fn keys(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.key_file()).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    }

    fn write_keys(&self, keys: &[&str]) {
        std::fs::write(self.key_file(), keys.join("\n")).unwrap();
    }

    /// What `doctor` says of the secrets, and whether it is content.
    fn doctor(&self) -> (Value, bool) {
        let output = self.run("doctor", &[]);
        let facts: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
        (facts["secrets"].clone(), output.status.success())
    }
}

/// Runs it to its end; a program that should have refused and serves instead is stopped.
fn within(mut command: Command, patience: Duration) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > patience {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn random_key() -> String {
    let hex = || format!("{:032x}", model::IdSource::next_random(&model::RandomIds));
    format!("{}{}", hex(), hex())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn init_makes_a_key_of_its_own_and_a_key_others_may_read_refuses_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let here = Installation::new("mode");
    assert_eq!(std::fs::metadata(here.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
    set_mode(&here.key_file(), 0o644);
    for command in ["serve", "doctor", "rotate-key"] {
        let refused = here.run(command, &[]);
        assert!(!refused.status.success() && words(&refused).contains("chmod 600"), "{command}: {}", words(&refused));
    }
    set_mode(&here.key_file(), 0o600);
    assert!(here.doctor().1);
}

#[test]
fn a_wrong_or_missing_key_refuses_the_start_in_words_and_loses_nothing() {
    let here = Installation::new("wrong");
    let (before, _) = here.doctor();
    let right = here.keys();
    here.write_keys(&[&random_key()]);
    let wrong = here.run("serve", &["--listen", "127.0.0.1:0"]);
    let id = before["master_key"].as_str().unwrap();
    assert!(!wrong.status.success() && words(&wrong).contains(&format!("master key {id}")), "{}", words(&wrong));
    let (seen, is_content) = here.doctor();
    assert_eq!((is_content, seen["do_not_open"].as_array().map(Vec::len)), (false, Some(2)), "{seen}");
    assert!(!here.run("rotate-key", &[]).status.success(), "it does not seal over what it cannot open");

    std::fs::remove_file(here.key_file()).unwrap();
    let missing = here.run("serve", &["--listen", "127.0.0.1:0"]);
    assert!(!missing.status.success() && words(&missing).contains("Put that file back"), "{}", words(&missing));
    assert!(!here.key_file().exists(), "no new key is made over a lost one");

    let garbage = here.run_with("serve", &[], Some("garbage"));
    assert!(words(&garbage).contains("OTKLIK_MASTER_KEY: a master key is 32 random bytes"), "{}", words(&garbage));
    let by_variable = here.run_with("doctor", &[], Some(&right[0]));
    assert!(by_variable.status.success(), "{}", words(&by_variable));
    here.write_keys(&[&right[0]]);
    #[cfg(unix)]
    set_mode(&here.key_file(), 0o600);
    assert_eq!(here.doctor(), (before, true));
}

#[test]
fn rotate_key_seals_everything_anew_and_forgets_the_old_key() {
    let here = Installation::new("rotate");
    let (before, old) = (here.doctor().0, here.keys());
    let rotated = here.run("rotate-key", &[]);
    assert!(rotated.status.success(), "{}", words(&rotated));
    let (after, is_content) = here.doctor();
    assert_ne!(after["master_key"], before["master_key"]);
    assert_eq!((is_content, &after["keys_needed"][0], here.keys().len()), (true, &after["master_key"], 1));
    here.write_keys(&[&old[0]]);
    assert!(!here.doctor().1, "the old key opens nothing any more");
}

#[test]
fn an_interrupted_rotation_is_finished_by_the_next_one() {
    let here = Installation::new("resume");
    let (old, new) = (here.keys(), random_key());
    here.write_keys(&[&new, &old[0]]);
    assert!(here.doctor().1, "with both keys everything opens");
    let finished = here.run("rotate-key", &[]);
    let facts: Value = serde_json::from_slice(&finished.stdout).unwrap();
    assert_eq!((&facts["values_sealed_anew"], here.keys().len()), (&Value::from(2), 1), "{facts}");
    assert!(here.doctor().1);
}

#[test]
fn a_key_lost_for_good_is_given_up_only_when_asked() {
    let here = Installation::new("lost");
    std::fs::remove_file(here.key_file()).unwrap();
    assert!(!here.run("rotate-key", &[]).status.success());
    assert!(!here.key_file().exists(), "the old one may still be found");
    let given_up = here.run("rotate-key", &["--give-up-lost"]);
    assert!(given_up.status.success(), "{}", words(&given_up));
    assert!(here.doctor().1);
}
