//! `cargo xtask bench`: figures live here, never in a test.

use crate::shell::{self, Outcome, program, root, target};
use crate::web;

/// Builds in release, installs the peer, measures.
pub fn run(seconds: f64, rounds: usize, sockets: usize) -> Outcome {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server", "--package", "bench"]))?;
    let peer = target().join("bench-peer");
    std::fs::create_dir_all(&peer).map_err(|e| e.to_string())?;
    for file in ["package.json", "server.js"] {
        std::fs::copy(root().join("crates/bench/peer").join(file), peer.join(file)).map_err(|e| e.to_string())?;
    }
    if !peer.join("node_modules/better-sqlite3/build").exists() {
        // Its prebuilt binary is not in a package registry, so it is compiled here.
        shell::run(
            program("npm").args(["install", "--no-audit", "--no-fund", "--build-from-source"]).current_dir(&peer),
        )?;
    }
    let scratch = target().join("bench-scratch");
    let _ = std::fs::remove_dir_all(&scratch);
    let mut bench = program("sh");
    let script = "ulimit -n 20000; exec taskset -c 1 \"$0\" \"$@\"";
    bench
        .args(["-c", script])
        .arg(target().join("release/bench"))
        .arg(target().join("release/otklik"))
        .arg(&peer)
        .arg(&scratch);
    bench.args([seconds.to_string(), rounds.to_string(), sockets.to_string()]);
    let done = shell::run(&mut bench);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}
