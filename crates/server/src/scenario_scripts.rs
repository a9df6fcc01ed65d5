//! `otklik scenario run` and `test`: scripts in virtual time (section 10 of `scenarios.md`).

use scenario::script::Script;
use std::io::Read;
use std::path::Path;

/// Bytes of a script at most.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Prints the transcript.
///
/// # Errors
/// In words, when the script cannot be read or run.
pub fn run(file: &Path) -> Result<(), String> {
    let transcript = read(file)?.run().map_err(|fault| fault.to_string())?;
    let text = serde_json::to_string_pretty(&transcript).map_err(|error| error.to_string())?;
    println!("{text}");
    Ok(())
}

/// Prints how what happens differs from what is expected.
///
/// # Errors
/// When it differs, or the script cannot be read or run.
pub fn test(file: &Path) -> Result<(), String> {
    let script = read(file)?;
    let differences = script.test().map_err(|fault| fault.to_string())?;
    if differences.is_empty() {
        println!("{} steps, all as expected", script.steps.len());
        return Ok(());
    }
    for difference in &differences {
        println!("{difference}");
    }
    Err(format!("{} differences", differences.len()))
}

fn read(file: &Path) -> Result<Script, String> {
    let mut text = String::new();
    let words = |error: std::io::Error| format!("{}: {error}", file.display());
    match file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(words)?,
        false => std::fs::File::open(file).map_err(words)?.take(LONGEST).read_to_string(&mut text).map_err(words)?,
    };
    Script::parse(&text).map_err(|fault| fault.to_string())
}
