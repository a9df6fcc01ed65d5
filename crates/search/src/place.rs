//! Where a row of an index stands: by its project, then by its time. Rows of a project lie together, the newest last, and both engines walk back
//! from there.

use model::Timestamp;

/// Rows of one project in one millisecond; one more stands in the next.
const TIES: u32 = 4;
/// Bits of a moment: until 2069.
const MOMENT: u32 = 41;
/// 2000-01-01, in epoch milliseconds.
const SINCE: i64 = 946_684_800_000;

/// Numbers that projects may have.
pub(crate) const PROJECTS: i64 = 1 << 18;

/// The first place of a moment.
pub(crate) fn of(project: i64, at: Timestamp) -> i64 {
    let moment = at.0.saturating_sub(SINCE).clamp(0, (1 << MOMENT) - 1);
    (project << (MOMENT + TIES)) | (moment << TIES)
}

/// The places of a project: the first, and the one after the last.
pub(crate) fn all(project: i64) -> (i64, i64) {
    let first = project << (MOMENT + TIES);
    (first, first.saturating_add(1 << (MOMENT + TIES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_order_of_project_and_time() {
        let at = Timestamp(1_790_000_000_000);
        let (first, end) = all(5);
        assert!(first < of(5, at) && of(5, at) < of(5, at.plus_ms(1)) && of(5, at.plus_ms(1)) < end);
        assert_eq!(end, all(6).0);
        assert!(all(PROJECTS - 1).0 > 0, "the last number fits");
    }
}
