//! A vector that never moves what it holds.

use std::ops::{Index, IndexMut};

/// Elements in one segment: a segment is a megabyte or so, which costs nothing before it is written.
const SEGMENT: usize = 1 << SEGMENT_LOG2;
const SEGMENT_LOG2: u32 = 16;

/// Grows by a segment at a time. A plain vector would copy everything each time it is full: a pause as long as the whole.
#[derive(Clone, Debug)]
pub(super) struct Segments<T> {
    segments: Vec<Vec<T>>,
    length: u32,
}

impl<T> Segments<T> {
    pub(super) fn new() -> Self {
        Self { segments: Vec::new(), length: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        self.length
    }

    /// Answers the place of the new element.
    pub(super) fn push(&mut self, element: T) -> u32 {
        let place = self.length;
        self.length = place.checked_add(1).expect("fewer than 2^32 elements");
        let (segment, _) = split(place);
        if segment == self.segments.len() {
            self.segments.push(Vec::with_capacity(SEGMENT));
        }
        self.segments[segment].push(element);
        place
    }
}

impl<T> Index<u32> for Segments<T> {
    type Output = T;

    fn index(&self, place: u32) -> &T {
        let (segment, within) = split(place);
        &self.segments[segment][within]
    }
}

impl<T> IndexMut<u32> for Segments<T> {
    fn index_mut(&mut self, place: u32) -> &mut T {
        let (segment, within) = split(place);
        &mut self.segments[segment][within]
    }
}

fn split(place: u32) -> (usize, usize) {
    let place = place as usize;
    (place >> SEGMENT_LOG2, place & (SEGMENT - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_stays_where_it_was_put() {
        let mut all = Segments::new();
        all.push(0);
        let first = std::ptr::from_ref(&all[0]);
        for n in 1..3 * SEGMENT {
            assert_eq!(all.push(n) as usize, n);
        }
        assert_eq!(std::ptr::from_ref(&all[0]), first, "growth moves nothing");
        assert!((0..all.len()).all(|place| all[place] == place as usize));
    }
}
