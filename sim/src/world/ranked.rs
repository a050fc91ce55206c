//! An ordered set whose members can be found by rank, and their ranks by member.
//!
//! A B+ tree in which each inner node counts what is below each of its children. All that it does
//! takes time in proportion to the logarithm of its size; a set of up to [`FULL`] members is one
//! sorted array.
//!
//! A member is a number with the first 64 bits of what it is sorted by. Where these are equal the
//! caller is asked, so that hardly anything but the tree itself has to be looked at.
//!
//! # Invariants
//! - RNK1: the members of a node rise; a member of an inner node is the first below its child. It
//!   must not be one that has left: what that is sorted by may have changed since.
//! - RNK2: a size in an inner node is the number of members below the child.
//! - RNK3: no node but the root of an empty set is empty, and an inner root has two children.
//!
//! Nodes are not merged before they are empty: a set that shrinks fills up again in a simulation.

/// The most that a node holds.
const FULL: usize = 32;

/// A member of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    /// Never falls in the order of the set.
    pub(super) digest: u64,
    pub(super) number: u32,
}

#[derive(Debug)]
struct Node {
    used: usize,
    members: [Member; FULL],
    /// What the children of an inner node are, and how much is below each. Leaves have none.
    sizes: [u32; FULL],
    children: [u32; FULL],
}

/// What goes into a node: a member, and in an inner node the size and the place of a child.
type Entry = (Member, u32, u32);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Ranked {
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: u32,
    /// How many inner nodes are above each leaf.
    height: u32,
    len: usize,
}

impl Node {
    const EMPTY: Node = Node {
        used: 0,
        members: [Member {
            digest: 0,
            number: 0,
        }; FULL],
        sizes: [0; FULL],
        children: [0; FULL],
    };

    /// How many members are not after this one.
    #[inline]
    fn up_to(&self, member: Member, after: &impl Fn(u32, u32) -> bool) -> usize {
        let members = &self.members[..self.used];
        // Faster than a search by halves, whose steps wait for each other.
        let before = |other: &Member| usize::from(other.digest < member.digest);
        let mut at = members.iter().map(before).sum::<usize>();
        while let Some(other) = members.get(at)
            && other.digest == member.digest
            && (other.number == member.number || after(member.number, other.number))
        {
            at += 1;
        }
        at
    }

    fn size(&self, height: u32) -> u32 {
        match height {
            0 => self.used as u32,
            _ => self.sizes[..self.used].iter().sum(),
        }
    }

    #[inline]
    fn insert(&mut self, height: u32, at: usize, (member, size, child): Entry) {
        let used = self.used;
        if at < used {
            self.members.copy_within(at..used, at + 1);
        }
        self.members[at] = member;
        self.used += 1;
        if height > 0 {
            self.sizes.copy_within(at..used, at + 1);
            self.children.copy_within(at..used, at + 1);
            (self.sizes[at], self.children[at]) = (size, child);
        }
    }

    /// Takes a member out of a leaf.
    #[inline]
    fn take(&mut self, member: Member, after: &impl Fn(u32, u32) -> bool) {
        let place = self.up_to(member, after) - 1;
        debug_assert!(self.members[place] == member, "RNK1: it is a member");
        self.remove(0, place);
    }

    #[inline]
    fn remove(&mut self, height: u32, at: usize) {
        let used = self.used;
        if at + 1 < used {
            self.members.copy_within(at + 1..used, at);
        }
        self.used -= 1;
        if height > 0 {
            self.sizes.copy_within(at + 1..used, at);
            self.children.copy_within(at + 1..used, at);
        }
    }

    /// The child that has the member of a rank, and the rank there.
    #[inline]
    fn child(&self, mut rank: u32) -> (u32, u32) {
        let mut at = 0;
        while rank >= self.sizes[at] {
            rank -= self.sizes[at];
            at += 1;
        }
        (self.children[at], rank)
    }
}

/// `after(a, b)` says whether member `a` comes after another member `b` that has its digest.
impl Ranked {
    /// Forgets all members and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.free.clear();
        self.free.extend((1..self.nodes.len() as u32).rev());
        if let Some(root) = self.nodes.first_mut() {
            root.used = 0;
        }
        (self.root, self.height, self.len) = (0, 0, 0);
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts in what is not a member.
    #[inline]
    pub(super) fn insert(&mut self, member: Member, after: impl Fn(u32, u32) -> bool) {
        if self.nodes.is_empty() {
            self.root = self.fresh();
        }
        self.len += 1;
        let root = &mut self.nodes[self.root as usize];
        if self.height == 0 && root.used < FULL {
            let place = root.up_to(member, &after);
            return root.insert(0, place, (member, 0, 0));
        }
        if let Some(upper) = self.insert_below(self.root, self.height, member, &after) {
            let (lower, root) = (self.root, self.fresh());
            for (at, child) in [lower, upper].into_iter().enumerate() {
                let entry = self.entry_of(child, self.height);
                self.nodes[root as usize].insert(self.height + 1, at, entry);
            }
            (self.root, self.height) = (root, self.height + 1);
        }
    }

    fn entry_of(&self, child: u32, height: u32) -> Entry {
        let node = &self.nodes[child as usize];
        (node.members[0], node.size(height), child)
    }

    /// Puts a member below a node. If that was full it was halved, and the upper half is returned.
    fn insert_below(
        &mut self,
        at: u32,
        height: u32,
        member: Member,
        after: &impl Fn(u32, u32) -> bool,
    ) -> Option<u32> {
        let node = &mut self.nodes[at as usize];
        let place = node.up_to(member, after);
        if height == 0 {
            return self.put(at, 0, place, (member, 0, 0));
        }
        if place == 0 {
            node.members[0] = member;
        }
        let place = place.saturating_sub(1);
        node.sizes[place] += 1;
        let child = node.children[place];
        let upper = self.insert_below(child, height - 1, member, after)?;
        let entry = self.entry_of(upper, height - 1);
        self.nodes[at as usize].sizes[place] -= entry.1;
        self.put(at, height, place + 1, entry)
    }

    /// Puts an entry into a node, which is halved first if it is full.
    #[inline]
    fn put(&mut self, at: u32, height: u32, place: usize, entry: Entry) -> Option<u32> {
        let node = &mut self.nodes[at as usize];
        if node.used < FULL {
            node.insert(height, place, entry);
            return None;
        }
        Some(self.halve(at, height, place, entry))
    }

    #[cold]
    fn halve(&mut self, at: u32, height: u32, place: usize, entry: Entry) -> u32 {
        const HALF: usize = FULL / 2;
        let upper = self.fresh();
        for from in HALF..FULL {
            let node = &self.nodes[at as usize];
            let moved = (node.members[from], node.sizes[from], node.children[from]);
            self.nodes[upper as usize].insert(height, from - HALF, moved);
        }
        self.nodes[at as usize].used = HALF;
        let (half, place) = match place > HALF {
            true => (upper, place - HALF),
            false => (at, place),
        };
        self.nodes[half as usize].insert(height, place, entry);
        upper
    }

    /// Takes out a member.
    #[inline]
    pub(super) fn remove(&mut self, member: Member, after: impl Fn(u32, u32) -> bool) {
        self.len -= 1;
        if self.height == 0 {
            return self.nodes[self.root as usize].take(member, &after);
        }
        self.remove_below(self.root, self.height, member, &after);
        while self.height > 0 && self.nodes[self.root as usize].used == 1 {
            self.free.push(self.root);
            self.root = self.nodes[self.root as usize].children[0];
            self.height -= 1;
        }
    }

    /// Takes out a member below a node; true if nothing is left there.
    fn remove_below(
        &mut self,
        at: u32,
        height: u32,
        member: Member,
        after: &impl Fn(u32, u32) -> bool,
    ) -> bool {
        let node = &mut self.nodes[at as usize];
        if height == 0 {
            node.take(member, after);
            return node.used == 0;
        }
        let place = node.up_to(member, after) - 1;
        node.sizes[place] -= 1;
        let child = node.children[place];
        let is_empty = self.remove_below(child, height - 1, member, after);
        let first = self.nodes[child as usize].members[0];
        let node = &mut self.nodes[at as usize];
        if !is_empty {
            node.members[place] = first;
            return false;
        }
        node.remove(height, place);
        let is_empty = node.used == 0;
        self.free.push(child);
        is_empty
    }

    /// The member of a rank, which must be below [`len`](Ranked::len).
    #[inline]
    pub(super) fn at(&self, rank: usize) -> u32 {
        let (mut node, mut rank) = (&self.nodes[self.root as usize], rank as u32);
        for _ in 0..self.height {
            let (child, left) = node.child(rank);
            (node, rank) = (&self.nodes[child as usize], left);
        }
        node.members[rank as usize].number
    }

    /// The rank of a member.
    #[inline]
    pub(super) fn rank(&self, member: Member, after: impl Fn(u32, u32) -> bool) -> usize {
        let (mut node, mut rank) = (&self.nodes[self.root as usize], 0);
        for _ in 0..self.height {
            let child = node.up_to(member, &after) - 1;
            rank += node.sizes[..child].iter().sum::<u32>() as usize;
            node = &self.nodes[node.children[child] as usize];
        }
        rank + node.up_to(member, &after) - 1
    }

    /// Looks at all members in order.
    pub(super) fn each(&self, mut look: impl FnMut(u32)) {
        if self.len > 0 {
            self.each_below(self.root, self.height, &mut look);
        }
    }

    fn each_below(&self, at: u32, height: u32, look: &mut impl FnMut(u32)) {
        let node = &self.nodes[at as usize];
        for place in 0..node.used {
            match height {
                0 => look(node.members[place].number),
                _ => self.each_below(node.children[place], height - 1, look),
            }
        }
    }

    fn fresh(&mut self) -> u32 {
        if let Some(at) = self.free.pop() {
            self.nodes[at as usize].used = 0;
            return at;
        }
        self.nodes.push(Node::EMPTY);
        self.nodes.len() as u32 - 1
    }
}

#[cfg(test)]
mod tests;
