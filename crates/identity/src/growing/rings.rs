//! Groups as rings of contacts, with a tree for "which group".

use super::segments::Segments;

/// One contact. `size` and `is_cut` count at the root only.
#[derive(Clone, Debug)]
struct Node {
    parent: u32,
    /// The next member of its group; the last one's is the first.
    next: u32,
    size: u32,
    is_cut: bool,
}

/// Groups that can be joined at once however large they are, and written anew member by member.
#[derive(Clone, Debug)]
pub(super) struct Rings {
    nodes: Segments<Node>,
}

impl Rings {
    pub(super) fn new() -> Self {
        Self { nodes: Segments::new() }
    }

    pub(super) fn len(&self) -> u32 {
        self.nodes.len()
    }

    /// A contact alone.
    pub(super) fn push(&mut self) -> u32 {
        let contact = self.nodes.len();
        self.nodes.push(Node { parent: contact, next: contact, size: 1, is_cut: false })
    }

    pub(super) fn root(&self, mut contact: u32) -> u32 {
        while self.nodes[contact].parent != contact {
            contact = self.nodes[contact].parent;
        }
        contact
    }

    pub(super) fn size(&self, root: u32) -> u32 {
        self.nodes[root].size
    }

    /// Whether a member holds a key that the size guard suspended.
    pub(super) fn is_cut(&self, root: u32) -> bool {
        self.nodes[root].is_cut
    }

    pub(super) fn members(&self, contact: u32) -> impl Iterator<Item = u32> {
        let after = move |&at: &u32| Some(self.nodes[at].next).filter(|&next| next != contact);
        std::iter::successors(Some(contact), after)
    }

    /// Joins two groups by their roots: the smaller below the larger, so that no way to a root is long.
    pub(super) fn join(&mut self, a: u32, b: u32) -> u32 {
        if a == b {
            return a;
        }
        let (large, small) = if self.size(a) < self.size(b) { (b, a) } else { (a, b) };
        let (after_large, after_small) = (self.nodes[large].next, self.nodes[small].next);
        self.nodes[large].next = after_small;
        self.nodes[small].next = after_large;
        self.nodes[small].parent = large;
        self.nodes[large].size += self.nodes[small].size;
        large
    }

    /// Writes a group anew. The groups its members were in must all be written anew too.
    pub(super) fn write(&mut self, members: &[u32], is_cut: bool) {
        let size = u32::try_from(members.len()).expect("fewer than 2^32 contacts");
        for (at, &contact) in members.iter().enumerate() {
            let next = members[(at + 1) % members.len()];
            self.nodes[contact] = Node { parent: members[0], next, size, is_cut };
        }
    }
}
