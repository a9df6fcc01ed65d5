//! Looks at the pages that the optimised program is about to take into itself: what it finds is said here, and by the program at its start.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the builds end with.
const BUILT: [&str; 5] = [
    "apps/desk/build/index.html",
    "apps/widget/dist/w.js",
    "apps/demo-site/dist/index.html",
    "apps/docs/dist/js.html",
    "apps/chat-page/dist/index.html",
];
/// Made, or written anew, by builds: no sources.
const MADE: [&str; 6] = ["node_modules", "build", "dist", ".svelte-kit", "paraglide", "project.inlang"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let web = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../web");
    // Without a detour: else a program that was compiled before its pages were there would never find them.
    let web = web.canonicalize().unwrap_or(web);
    let all = [
        ("Desk", "desk/build"),
        ("Widget", "widget/dist"),
        ("DemoSite", "demo-site/dist"),
        ("Docs", "docs/dist"),
        ("ChatPage", "chat-page/dist"),
    ];
    // A program for developers reads the pages from their folders while it runs.
    let is_for_developers = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let folders = all.map(|(name, folder)| {
        let folder = web.join("apps").join(folder);
        let packed = if is_for_developers { Vec::new() } else { packed_files(&folder, &folder) };
        // One pattern for all: each attribute more is a step of the compiler's recursion.
        let left_out =
            if packed.is_empty() { String::new() } else { format!("#[exclude = \"{{{}}}\"]\n", packed.join(",")) };
        format!("#[derive(RustEmbed)]\n#[folder = {folder:?}]\n#[allow_missing = true]\n{left_out}struct {name};\n")
    });
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("folders.rs"), folders.concat()).expect("cargo's folder is writable");
    if is_for_developers {
        return;
    }
    fold_equal_code();
    for folder in ["apps", "packages"] {
        println!("cargo::rerun-if-changed={}", web.join(folder).display());
    }
    let times: Option<Vec<SystemTime>> = BUILT.iter().map(|file| time_of(&web.join(file))).collect();
    let Some(oldest) = times.and_then(|times| times.into_iter().min()) else {
        println!("cargo::warning=this program will have no pages: `cargo xtask build` builds them, too");
        return;
    };
    let newest = newest_source(&web.join("apps")).max(newest_source(&web.join("packages")));
    if newest.is_some_and(|newest| newest > oldest) {
        println!("cargo::warning=the built pages are older than their sources: `cargo xtask build` builds them anew");
        println!("cargo::rustc-env=OTKLIK_PAGES_ARE_OLD=yes");
    }
}

/// Files that are there packed, too, by their place in a folder: the packed form is enough (`packed.rs`).
fn packed_files(root: &Path, folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(packed_files(root, &path));
        } else if path.extension().is_some_and(|end| end == "br")
            && let Ok(place) = path.with_extension("").strip_prefix(root)
        {
            files.push(place.to_string_lossy().into_owned());
        }
    }
    files
}

/// Generic code is the same for many types: Rust's own linker keeps one of each (ADR 49).
fn fold_equal_code() {
    let is = |key: &str, value: &str| std::env::var(key).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_ARCH", "x86_64") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

fn time_of(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|facts| facts.modified()).ok()
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let sources = entries.filter(|entry| !MADE.iter().any(|made| entry.file_name() == *made));
    sources
        .filter_map(|entry| if entry.path().is_dir() { newest_source(&entry.path()) } else { time_of(&entry.path()) })
        .max()
}
