//! The pages and the program around them.

use crate::shell::{self, Outcome, program, target};
use crate::web;
use std::path::PathBuf;

/// `cargo xtask build`.
pub fn tell() -> Outcome {
    let otklik = release()?;
    println!("\n  {}\n", otklik.display());
    Ok(())
}

/// Pages first: the optimised program takes them into itself.
pub fn release() -> Outcome<PathBuf> {
    web::build()?;
    shell::run(program("cargo").args(["build", "--release", "--package", "server"]))?;
    Ok(target().join("release/otklik"))
}

/// The program of the tests, which reads the pages from their folders: both are built at the same time.
pub fn debug() -> Outcome<PathBuf> {
    std::thread::scope(|both| {
        let pages = both.spawn(web::build);
        // Always the whole workspace: another selection of packages builds with other features, all over again.
        let built = shell::run(program("cargo").args(["build", "--workspace"]));
        let pages = pages.join().unwrap_or_else(|_| Err("the build of the pages broke off".into()));
        built.and(pages)
    })?;
    Ok(target().join("debug/otklik"))
}
