//! `cargo xtask package`: a Debian package of the optimised program, with its unit and its place for the data.

use crate::product;
use crate::shell::{Outcome, is_there, program, run, target};
use std::path::PathBuf;

/// What makes the package of `[package.metadata.deb]`.
const CARGO_DEB: &str = "3.8.0";

/// Builds program and package, and says where it is.
pub fn make() -> Outcome {
    product::release()?;
    let folder = target().join("debian");
    let mut deb = program(tool()?);
    // Built with its pages already, and stripped by its profile.
    deb.args(["--package", "server", "--no-build", "--no-strip", "--output"]).arg(&folder);
    run(&mut deb)?;
    println!("\n  sudo apt install {}/otklik_*.deb\n", folder.display());
    Ok(())
}

/// The machine's own, or one that is built once beside the project.
fn tool() -> Outcome<PathBuf> {
    if is_there("cargo-deb") {
        return Ok(PathBuf::from("cargo-deb"));
    }
    let folder = target().join("tools").join(format!("cargo-deb-{CARGO_DEB}"));
    let tool = folder.join("bin/cargo-deb");
    if !tool.is_file() {
        let mut install = program("cargo");
        install.args(["install", "cargo-deb", "--locked", "--version", CARGO_DEB, "--root"]).arg(&folder);
        run(&mut install)?;
    }
    Ok(tool)
}
