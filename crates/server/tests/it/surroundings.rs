//! What is wrong around the program is said in words, by `serve` when it starts and by `doctor`.

use super::restore::{Running, installed, otklik, said, say};
use super::upgrade::is_sqlite;
use schema::EmptyDb;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn doctor(place: &EmptyDb) -> (Output, Value) {
    let output = otklik(place, &["doctor"]).output().unwrap();
    let facts = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, facts)
}

/// Runs a command of the program in a shell that has prepared something.
fn prepared(place: &EmptyDb, script: &str, arguments: &[&str]) -> Command {
    let program = otklik(place, arguments);
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "--map-root-user", "sh", "-c", &format!("{script}\nexec \"$@\""), "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// What a server says on its way up.
fn said_at_start(mut program: Command) -> String {
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(ready.contains("ready"), "{}", said(&output));
    said(&output)
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[tokio::test]
async fn a_second_server_on_a_folder_is_refused_and_told_which_process_has_it() {
    let (place, _) = installed().await;
    let (output, facts) = doctor(&place);
    assert!(output.status.success() && facts["running"].is_null(), "{facts}");
    let running = Running::start(&place);
    let refused = otklik(&place, &SERVE).output().unwrap();
    let words = format!("is in use by another otklik (process {})", running.id());
    assert!(!refused.status.success() && said(&refused).contains(&words), "{}", said(&refused));
    assert_eq!(doctor(&place).1["running"], running.id());
    running.kill();
    let (output, facts) = doctor(&place);
    assert!(output.status.success() && facts["running"].is_null(), "a number that is left says nothing: {facts}");
}

#[tokio::test]
async fn a_clock_behind_the_data_is_named() {
    let (place, account) = installed().await;
    let running = Running::start(&place);
    say(&running, &account, ["one".to_owned()].into_iter()).await;
    running.terminate();
    assert!(doctor(&place).0.status.success());
    let later = "UPDATE events SET created_at = created_at + 3600000";
    match &place.url {
        Some(url) => drop(super::restore::ask_postgres(url.rsplit('/').next().unwrap(), later).await),
        None => super::upgrade::sql(&place.folder.join("otklik.db"), later),
    }
    let (output, facts) = doctor(&place);
    assert!(!output.status.success() && said(&output).contains("behind the newest thing"), "{}", said(&output));
    assert_eq!(facts["attention"].as_array().unwrap().len(), 1, "{facts}");
    // It serves all the same: the order of messages does not hang on clocks (D11).
    assert!(said_at_start(otklik(&place, &SERVE)).contains("behind the newest thing"));
}

#[tokio::test]
async fn few_files_and_little_room_are_named() {
    let (place, _) = installed().await;
    let few = "ulimit -n 300";
    let checked = prepared(&place, few, &["doctor"]).output().unwrap();
    assert!(!checked.status.success() && said(&checked).contains("may open 300 files"), "{}", said(&checked));
    assert!(said_at_start(prepared(&place, few, &SERVE)).contains("may open 300 files"));
    if !is_sqlite() {
        return;
    }
    let folder = place.folder.display();
    let little = format!(
        "cp -a '{folder}' '{folder}.all' && mount -t tmpfs -o size=40m none '{folder}' && cp -a '{folder}.all'/. '{folder}' && rm -r '{folder}.all'"
    );
    let checked = prepared(&place, &little, &["doctor"]).output().unwrap();
    assert!(!checked.status.success() && said(&checked).contains("MiB are free on the disk"), "{}", said(&checked));
    assert!(said_at_start(prepared(&place, &little, &SERVE)).contains("MiB are free on the disk"));
}

#[tokio::test]
async fn a_server_may_open_as_many_files_as_the_machine_allows_it() {
    let (place, _) = installed().await;
    let running = Running::wait_for(&mut prepared(&place, "ulimit -S -n 256", &SERVE));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<&str> = files.split_whitespace().filter(|word| word.parse::<u64>().is_ok()).collect();
    assert!(numbers[0] == numbers[1] && numbers[0] != "256", "{files}");
    running.terminate();
}
