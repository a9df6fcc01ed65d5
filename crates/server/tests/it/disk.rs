//! A data folder on a disk that is full or may not be written: refused in words, and the file stays as it is. Each disk is a file system in
//! memory that only the started program sees.

use std::path::Path;
use std::process::Command;

/// What happened on a disk.
struct Outcome {
    is_done: bool,
    said: String,
    is_unchanged: bool,
}

/// Mounts a disk of this size over `disk`, copies the installation there, then does `then` to it (with the disk as `$D`) and runs the program.
const SCRIPT: &str = r#"
    D="$1/disk"
    mount -t tmpfs -o size="$2" none "$D" && cp -p "$1"/otklik.db "$1"/master.key "$D"/ || exit 99
    (eval "$3"; exec "$4" $5 --data "$D" 2> "$1/said")
    echo $? > "$1/code"
    cp "$D/otklik.db" "$1/after.db"
"#;

fn run(folder: &Path, size: &str, then: &str, command: &str) -> Outcome {
    std::fs::create_dir_all(folder.join("disk")).unwrap();
    let before = std::fs::read(folder.join("otklik.db")).unwrap();
    // A namespace of its own: the mount is gone with the program, and needs no right that tests may not have.
    let mut own = Command::new("unshare");
    own.args(["--mount", "--map-root-user", "sh", "-c", SCRIPT, "sh"]).arg(folder).args([size, then]);
    own.arg(env!("CARGO_BIN_EXE_otklik")).arg(command).env_remove("OTKLIK_DATABASE_URL");
    let status = own.status().expect("unshare of util-linux is needed");
    assert!(status.success(), "the disk could not be made: {status}");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    Outcome {
        is_done: text("code").trim() == "0",
        said: text("said"),
        is_unchanged: std::fs::read(folder.join("after.db")).unwrap() == before,
    }
}

const FILL: &str = r#"dd if=/dev/zero of="$D/fill" bs=4k 2> /dev/null"#;
const READ_ONLY: &str = r#"mount -o remount,ro "$D""#;

#[tokio::test]
async fn an_installation_of_before_is_refused_on_a_full_or_read_only_disk() {
    if !super::upgrade::is_sqlite() {
        return;
    }
    let empty = super::upgrade::installation().await;
    let folder = &empty.folder;
    // Pages that nothing uses: the file is larger than the least room that is asked for.
    let pad = "CREATE TABLE pad (x); INSERT INTO pad VALUES (zeroblob(3000000)); DROP TABLE pad";
    super::upgrade::sql(&folder.join("otklik.db"), pad);
    super::upgrade::closed(&folder.join("otklik.db"));
    for command in ["migrate", "doctor", "serve --listen 127.0.0.1:0"] {
        for (size, then, words) in [
            ("64m", FILL, "is full"),
            ("64m", READ_ONLY, "must be allowed to write there"),
            // Room for what stands there and a little more, but not for a new file beside it.
            ("5600k", ":", "the upgrade needs 4 MiB"),
        ] {
            let Outcome { is_done, said, is_unchanged } = run(folder, size, then, command);
            assert!(!is_done && said.contains(words), "{command}, {then}: {said}");
            assert!(is_unchanged, "{command}, {then}: the file was changed");
        }
    }
    let whole = run(folder, "64m", ":", "migrate");
    assert!(whole.is_done && !whole.is_unchanged, "{}", whole.said);
}

/// The room was there when it was looked for, and then another program took it: writing fails in the middle.
#[tokio::test]
async fn an_upgrade_that_runs_out_of_room_half_way_leaves_the_file_as_it_was() {
    if !super::upgrade::is_sqlite() {
        return;
    }
    let empty = super::upgrade::installation().await;
    super::upgrade::closed(&empty.folder.join("otklik.db"));
    let limits = "trap '' XFSZ; ulimit -f 200";
    let Outcome { is_done, said, is_unchanged } = run(&empty.folder, "64m", limits, "migrate");
    assert!(!is_done && said.contains("the upgrade stopped and nothing was changed"), "{said}");
    assert!(is_unchanged);
}

/// One of today, too: what SQLite would say of it is `disk I/O error`.
#[tokio::test]
async fn an_installation_of_today_is_refused_on_a_full_or_read_only_disk() {
    if !super::upgrade::is_sqlite() {
        return;
    }
    let empty = super::upgrade::installation().await;
    super::upgrade::migrated(&empty.folder);
    for command in ["doctor", "serve --listen 127.0.0.1:0"] {
        for (then, words) in [(FILL, "is full"), (READ_ONLY, "must be allowed to write there")] {
            let Outcome { is_done, said, is_unchanged } = run(&empty.folder, "64m", then, command);
            assert!(!is_done && said.contains(words), "{command}, {then}: {said}");
            assert!(is_unchanged, "{command}, {then}: the file was changed");
        }
    }
}
