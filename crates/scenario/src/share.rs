//! Which variant of a split is a client's: by a hash of the client and the block, so that it is always the same (ruling 55).

/// The variant of a split: the same for a client each time (ruling 55).
pub(crate) fn variant(weights: &[f64], contact: &str, block: &str) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    let mut left = share(contact, block) * total;
    for (at, weight) in weights.iter().enumerate() {
        if left < *weight {
            return Some(at);
        }
        left -= weight;
    }
    weights.len().checked_sub(1)
}

/// FNV-1a.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A number from 0 up to 1 that hangs on the contact and the block alone: the hash, stirred.
fn share(contact: &str, block: &str) -> f64 {
    let bytes = contact.bytes().chain([0]).chain(block.bytes());
    let mut hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}
