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

/// Looks for a free place from one on where many may be taken, as after an import: in strides that double, then back to where the taken ones end.
/// A look at each would cost as much as there are rows of that time.
pub(crate) struct Gap {
    taken: i64,
    free: Option<i64>,
    stride: i64,
}

impl Gap {
    /// The first to be looked at is this one.
    pub(crate) fn from(place: i64) -> Self {
        Self { taken: place - 1, free: None, stride: 1 }
    }

    /// The place to be looked at next, or the free one that was found.
    pub(crate) fn next(&self) -> Result<i64, i64> {
        match self.free {
            None => Ok(self.taken + self.stride),
            Some(free) if free - self.taken > 1 => Ok(self.taken + (free - self.taken) / 2),
            Some(free) => Err(free),
        }
    }

    /// What stands there.
    pub(crate) fn told(&mut self, place: i64, is_taken: bool) {
        match is_taken {
            true => (self.taken, self.stride) = (place, self.stride * 2),
            false => self.free = Some(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A free place from one on, and how many were looked at.
    fn found(taken: &BTreeSet<i64>, from: i64) -> (i64, usize) {
        let (mut gap, mut looks) = (Gap::from(from), 0);
        loop {
            match gap.next() {
                Ok(place) => gap.told(place, taken.contains(&place)),
                Err(free) => return (free, looks),
            }
            looks += 1;
        }
    }

    #[test]
    fn a_free_place_is_found_with_few_looks_however_many_are_taken() {
        let taken: BTreeSet<i64> = (1_000..201_000).chain([201_005]).collect();
        assert_eq!(found(&taken, 999), (999, 1));
        assert_eq!(found(&taken, 200_999), (201_000, 3));
        for from in (1_000..201_000).step_by(997) {
            let (free, looks) = found(&taken, from);
            assert!(free > from && !taken.contains(&free) && taken.contains(&(free - 1)), "{from}: {free}");
            assert!(looks < 40, "{from}: {looks}");
        }
    }

    #[test]
    fn places_are_in_order_of_project_and_time() {
        let at = Timestamp(1_790_000_000_000);
        let (first, end) = all(5);
        assert!(first < of(5, at) && of(5, at) < of(5, at.plus_ms(1)) && of(5, at.plus_ms(1)) < end);
        assert_eq!(end, all(6).0);
        assert!(all(PROJECTS - 1).0 > 0, "the last number fits");
    }
}
