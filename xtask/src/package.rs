//! `cargo xtask package`: a Debian package of the optimised program, with its unit and its place for the data.

use crate::product;
use crate::shell::{Outcome, is_there, program, run, target};
use std::fs;
use std::path::{Path, PathBuf};

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

/// A version that every other is newer than.
const OLDER: &str = "0.0.1~check";

/// `cargo xtask package --check`: installs the package into a root of its own, upgrades it over an older one, removes it, installs it again and
/// purges it, with data in it. Needs root, for the root of its own; not in the usual run.
pub fn check(binary: Option<PathBuf>, older: Option<PathBuf>) -> Outcome {
    for tool in ["unshare", "dpkg", "systemd-analyze", "curl", "ip"] {
        if !is_there(tool) {
            return Err(format!("{tool} is not on this machine: the check wants a Debian with it"));
        }
    }
    let binary = match binary {
        Some(binary) => binary,
        None => product::release()?,
    };
    let tool = tool()?;
    let newer = package_of(&tool, &binary, None)?;
    let older = package_of(&tool, older.as_deref().unwrap_or(&binary), Some(OLDER))?;
    let mut checked = program("unshare");
    checked.args(["--mount", "--pid", "--net", "--fork", "sh", "packaging/check.sh"]).arg(older).arg(newer);
    run(&mut checked)
}

/// The package of any program, as the optimised one is packaged.
fn package_of(tool: &Path, binary: &Path, version: Option<&str>) -> Outcome<PathBuf> {
    let place = target().join("debian-check").join(if version.is_some() { "older" } else { "newer" });
    let words = |error: std::io::Error| format!("{}: {error}", place.display());
    // Nothing of a check before it is taken for this one's.
    if place.exists() {
        fs::remove_dir_all(&place).map_err(words)?;
    }
    fs::create_dir_all(place.join("release")).map_err(words)?;
    fs::copy(binary, place.join("release/otklik")).map_err(|error| format!("{}: {error}", binary.display()))?;
    let package = place.join("otklik.deb");
    let mut deb = program(tool);
    deb.env("CARGO_TARGET_DIR", &place)
        .args(["--package", "server", "--no-build", "--strip", "--output"])
        .arg(&package);
    if let Some(version) = version {
        deb.args(["--deb-version", version]);
    }
    run(&mut deb)?;
    Ok(package)
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
