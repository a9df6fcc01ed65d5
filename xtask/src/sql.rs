//! SQL stands in stores only (house rule 3). What does not yet is named in a list that may only grow shorter.

use crate::shell::{Outcome, output, program, root};
use std::collections::BTreeSet;
use std::path::Path;

/// Files that still have SQL of their own, one a line.
const LIST: &str = "xtask/sql_outside_stores.txt";

/// Refuses SQL outside a store in any file that is not on the list, and a list that names files without.
pub fn check() -> Outcome {
    let files = output(program("git").args(["ls-files", "crates/*/src/*.rs"]))?;
    let mut found = BTreeSet::new();
    for file in files.lines().filter(|file| !is_store(file)) {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        if has_sql(&text) {
            found.insert(file.to_owned());
        }
    }
    let listed = std::fs::read_to_string(root().join(LIST)).map_err(|e| format!("{LIST}: {e}"))?;
    let listed: BTreeSet<String> = listed.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let new: Vec<&String> = found.difference(&listed).collect();
    if !new.is_empty() {
        return Err(format!("SQL stands in stores only; move it into a store.rs: {new:?}"));
    }
    let mended: Vec<&String> = listed.difference(&found).collect();
    if mended.is_empty() { Ok(()) } else { Err(format!("take these out of {LIST}, their SQL is gone: {mended:?}")) }
}

/// A store, or a crate that is below all nouns.
fn is_store(file: &str) -> bool {
    let path = Path::new(file);
    let is_named = path.file_name().is_some_and(|name| name == "store.rs");
    let is_inside = path.components().any(|part| part.as_os_str() == "store");
    is_named
        || is_inside
        || ["crates/db/", "crates/schema/", "crates/bench/"].iter().any(|below| file.starts_with(below))
}

/// Whether a text has statements before its tests begin.
fn has_sql(text: &str) -> bool {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("sql!("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_code_and_not_in_stores_comments_or_tests() {
        assert!(has_sql("let query = sql!(\"SELECT 1\");"));
        assert!(!has_sql("// sql!( is a macro\nfn a() {}"));
        assert!(!has_sql("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { sql!(\"SELECT 1\"); } }"));
        assert!(is_store("crates/jobs/src/store.rs") && is_store("crates/a/src/b/store/c.rs"));
        assert!(!is_store("crates/a/src/storage.rs"));
    }
}
