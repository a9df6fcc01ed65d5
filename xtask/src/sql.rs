//! SQL stands in stores only (house rule 3).

use crate::shell::{Outcome, output, program, root};
use std::path::Path;

/// Refuses SQL outside a store.
pub fn check() -> Outcome {
    let files = output(program("git").args(["ls-files", "crates/*/src/*.rs"]))?;
    let elsewhere = files.lines().filter(|file| !is_store(file));
    let text = |file: &str| std::fs::read_to_string(root().join(file)).unwrap_or_default();
    let found: Vec<&str> = elsewhere.filter(|file| has_sql(&text(file))).collect();
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("SQL stands in stores only; move it into a store.rs: {found:?}"))
    }
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
    let is_statement = |line: &str| line.contains("sql!(") || line.contains("select_conversations!(");
    code.lines().any(|line| !line.trim_start().starts_with("//") && is_statement(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_code_and_not_in_stores_comments_or_tests() {
        assert!(has_sql("let query = sql!(\"SELECT 1\");"));
        assert!(has_sql("let query = select_conversations!(\"v.id = $3\");"));
        assert!(!has_sql("// sql!( is a macro\nfn a() {}"));
        assert!(!has_sql("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { sql!(\"SELECT 1\"); } }"));
        assert!(is_store("crates/jobs/src/store.rs") && is_store("crates/a/src/b/store/c.rs"));
        assert!(!is_store("crates/a/src/storage.rs"));
    }
}
