//! Dependencies that nobody uses: named in a manifest, and not in a source that may use them. By words, so a macro that hides a name would
//! need it written once; nothing here does.

use crate::shell::{Outcome, output, program, root};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Says which can go.
pub fn check() -> Outcome {
    let text = output(program("cargo").args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let workspace: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let mut complaints = Vec::new();
    let mut named = Vec::new();
    for package in workspace["packages"].as_array().into_iter().flatten() {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().unwrap_or(Path::new("."));
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["rename"].as_str().or(dependency["name"].as_str()).unwrap_or_default();
            named.push(name.to_owned());
            let (places, what): (&[&str], _) = match dependency["kind"].as_str() {
                Some("build") => (&["build.rs"], "a build dependency"),
                Some("dev") => (&["src", "tests", "benches"], "a dependency of tests"),
                _ => (&["src"], "a dependency"),
            };
            let sources: String = places.iter().map(|place| all_rust(&folder.join(place))).collect();
            if !is_used(&sources, &name.replace('-', "_")) {
                let manifest = manifest.strip_prefix(root()).unwrap_or(&manifest);
                complaints.push(format!("{}: {name} is {what} and not used", manifest.display()));
            }
        }
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).map_err(|e| e.to_string())?;
    for name in shared(&manifest).filter(|name| !named.iter().any(|named| named == name)) {
        complaints.push(format!("Cargo.toml: no crate names {name}"));
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// The names in `[workspace.dependencies]`.
fn shared(manifest: &str) -> impl Iterator<Item = &str> {
    let lines = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter_map(|line| Some(line.split_once(" = ")?.0))
}

fn all_rust(place: &Path) -> String {
    if place.is_file() {
        let is_rust = place.extension().is_some_and(|ending| ending == "rs");
        return if is_rust { std::fs::read_to_string(place).unwrap_or_default() } else { String::new() };
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    entries.map(|entry| all_rust(&entry.path())).collect()
}

/// `name::…` or `use name`, at the start of a path and outside of comments.
fn is_used(sources: &str, name: &str) -> bool {
    let code = sources.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.match_indices(name).map(move |(at, _)| (&line[..at], &line[at + name.len()..]))).any(
        |(before, after)| {
            let is_start = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !["crate::", "self::", "super::"].iter().any(|inner| before.ends_with(inner));
            let is_import = before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
            is_start && (after.starts_with("::") || is_import)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_an_import_is_a_use_and_a_word_is_not() {
        for used in ["use bytes::Bytes;", "let b: bytes::Bytes;", "#[bytes::main]", "use bytes as b;", "use bytes;"] {
            assert!(is_used(used, "bytes"), "{used}");
        }
        for unused in ["let bytes = 1;", "// bytes::Bytes", "use crate::bytes::x;", "my_bytes::x()", "bytes.len()"] {
            assert!(!is_used(unused, "bytes"), "{unused}");
        }
    }

    #[test]
    fn shared_dependencies_are_those_of_their_own_table() {
        let manifest =
            "[workspace]\nx = 1\n[workspace.dependencies]\na = \"1\"\n\nb-c = { path = \"d\" }\n[profile.dev]\ne = 1\n";
        assert_eq!(shared(manifest).collect::<Vec<_>>(), ["a", "b-c"]);
    }
}
