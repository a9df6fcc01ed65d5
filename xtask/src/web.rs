//! The pages: packages from the lock file, builds only when a source is newer.

use crate::shell::{Outcome, program, root, run, target};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// npm in the web folder.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = program("npm");
    command.args(arguments).current_dir(root().join("web"));
    command
}

/// Installs the packages of the lock file, once per lock file.
pub fn install() -> Outcome {
    let lock = root().join("web/package-lock.json");
    let wanted = std::fs::read_to_string(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let mark = root().join("web/node_modules/.otklik-lock");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&mark, wanted).map_err(|e| e.to_string())
}

/// Builds the pages when a source is newer than the last build.
pub fn build() -> Outcome {
    install()?;
    let mark = target().join("web-built");
    let outputs = [
        "desk/build/index.html",
        "widget/dist/w.js",
        "demo-site/dist/index.html",
        "docs/dist/js.html",
        "chat-page/dist/index.html",
    ];
    let is_whole = outputs.iter().all(|file| root().join("web/apps").join(file).exists());
    let built = std::fs::metadata(&mark).and_then(|m| m.modified()).ok().filter(|_| is_whole);
    let newest = newest_source(&root().join("web/apps")).max(newest_source(&root().join("web/packages")));
    if built.is_some_and(|built| newest.is_some_and(|newest| newest <= built)) {
        return Ok(());
    }
    run(&mut npm(&["run", "build"]))?;
    std::fs::create_dir_all(target()).map_err(|e| e.to_string())?;
    std::fs::write(&mark, "").map_err(|e| e.to_string())
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut newest = None;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_made = ["node_modules", "build", "dist", ".svelte-kit", "paraglide"].iter().any(|made| name == *made);
        if is_made {
            continue;
        }
        let path = entry.path();
        let time = if path.is_dir() { newest_source(&path) } else { entry.metadata().and_then(|m| m.modified()).ok() };
        newest = newest.max(time);
    }
    newest
}
