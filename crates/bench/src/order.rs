//! Chance that is the same in every run, and ids in order of time.

/// Spreads a number over all 64 bits.
pub fn mixed(number: u64) -> u64 {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// The id that a page gives its message, of the widget's form: a UUIDv7, here sixteen to a millisecond.
pub fn client_id(number: u64) -> String {
    let (time, chance) = (0x0193_6f00_0000 + number / 16, mixed(number));
    // Those of one millisecond stand in any order, as pages of different people make them.
    format!(
        "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}",
        time >> 16,
        time & 0xffff,
        chance & 0xfff,
        number & 0xfff,
        chance >> 16
    )
}

/// Numbers below `below`, each different from the one before.
pub struct Picks {
    below: u64,
    drawn: u64,
    last: u64,
}

impl Picks {
    pub fn new(below: usize) -> Self {
        Self { below: below as u64, drawn: 0, last: u64::MAX }
    }

    pub fn next(&mut self) -> usize {
        self.drawn += 1;
        let mut pick = mixed(self.drawn) % self.below;
        if pick == self.last {
            pick = (pick + 1) % self.below;
        }
        self.last = pick;
        pick as usize
    }
}
