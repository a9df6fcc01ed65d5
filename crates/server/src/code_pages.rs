//! Code that only starting needs. An idle installation holds its code in memory, too (`performance.md` goal 6): migrations, the check of every
//! statement, descriptions, and what stands around each place that was touched, which the system maps with it.

use rustix::mm::{Advice, madvise};
use std::ops::Range;

/// Gives the pages of the program's own code back to the system. What is needed again is mapped again, from the system's cache as long as there
/// is room for it. Answers how many bytes they span.
///
/// # Errors
/// When the system does not say where they are, or refuses; nothing depends on it.
pub fn give_back() -> std::io::Result<usize> {
    let program = std::fs::read_link("/proc/self/exe")?;
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let mut spanned = 0;
    for range in unwritten(&maps, &program.to_string_lossy()) {
        forget(&range)?;
        spanned += range.len();
    }
    Ok(spanned)
}

/// Where the file's code and constants are. Its other parts are filled in when the program is loaded: they would come back empty.
fn unwritten(maps: &str, program: &str) -> Vec<Range<usize>> {
    let one = |line: &str| {
        let mut parts = line.split_ascii_whitespace();
        let (range, rights, offset) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = parts.nth(2)? == program && parts.next().is_none();
        // The head of the file with the constants behind it; relocated ones, which are only read from then on, too, stand further on.
        let is_constant = rights == "r--p" && offset.bytes().all(|digit| digit == b'0');
        let (from, to) = range.split_once('-')?;
        let at = |hex: &str| usize::from_str_radix(hex, 16).ok();
        (is_ours && (is_constant || rights == "r-xp")).then_some(at(from)?..at(to)?)
    };
    maps.lines().filter_map(one).collect()
}

#[allow(unsafe_code, reason = "the one call that says that pages are not needed")]
fn forget(range: &Range<usize>) -> std::io::Result<()> {
    let from = std::ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: these are mappings of the program's file that nobody may write to or has written to, so what is read of them afterwards is
    // what the file says, as it was before.
    unsafe { madvise(from, range.len(), Advice::LinuxDontNeed) }.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_has_written_to_is_given_back() {
        let maps = "\
            5581e0000000-5581e1c96000 r--p 00000000 fe:00 12 /usr/bin/otklik\n\
            5581e1c96000-5581e5119000 r-xp 01c95000 fe:00 12 /usr/bin/otklik\n\
            5581e511a000-5581e53f3000 r--p 05118000 fe:00 12 /usr/bin/otklik\n\
            5581e53f3000-5581e5416000 rw-p 053f0000 fe:00 12 /usr/bin/otklik\n\
            7f2a10000000-7f2a10021000 rw-p 00000000 00:00 0 \n\
            7f2a20000000-7f2a20028000 r--p 00000000 fe:00 13 /usr/lib/libc.so.6\n\
            7f2a20028000-7f2a201b0000 r-xp 00028000 fe:00 13 /usr/lib/libc.so.6\n\
            7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]\n";
        let found = unwritten(maps, "/usr/bin/otklik");
        assert_eq!(found, [0x5581_e000_0000..0x5581_e1c9_6000, 0x5581_e1c9_6000..0x5581_e511_9000]);
        // After an upgrade under a running program.
        assert!(unwritten(&maps.replace("otklik\n", "otklik (deleted)\n"), "/usr/bin/otklik").is_empty());
    }

    #[test]
    fn what_was_given_back_still_runs() {
        let before = format!("{:?}", clap::Command::new("otklik").get_name());
        let spanned = give_back().unwrap();
        assert!(spanned > 1_000_000, "{spanned}");
        assert_eq!(format!("{:?}", clap::Command::new("otklik").get_name()), before);
    }
}
