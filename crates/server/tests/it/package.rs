//! The Debian package: what it says of the program is true of this program.

use std::path::PathBuf;
use std::process::Command;

fn packaged(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packaging/debian").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_setting_of_the_service_is_one_that_serve_reads() {
    let help = Command::new(env!("CARGO_BIN_EXE_otklik")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (settings, unit) = (packaged("otklik.env"), packaged("otklik.service"));
    let named: Vec<&str> = settings
        .lines()
        .chain(unit.lines().filter_map(|line| line.strip_prefix("Environment=")))
        .map(|line| line.trim_start_matches('#'))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .filter(|name| name.starts_with("OTKLIK_"))
        .collect();
    assert!(named.len() > 4, "{named:?}");
    for name in named {
        assert!(help.contains(&format!("[env: {name}=")), "`otklik serve` does not read {name}");
    }
}

#[test]
fn removal_leaves_the_data() {
    for script in ["postinst", "postrm"] {
        let deletes = packaged(script).lines().any(|line| line.trim_start().starts_with("rm "));
        assert!(!deletes, "{script} deletes something");
    }
}
