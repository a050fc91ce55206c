//! Process identifiers and references.
//!
//! # Invariants
//! - PID1: a `Pid` names at most one process in the life of its system: a slot that has used up
//!   its generations is retired, never reused (P-18).
//! - PID2: a `Ref` is made once; its owner and number never recur in the life of its system.

use std::fmt;
use std::num::NonZeroU64;

const SLOT_BITS: u32 = 28;
const GENERATION_BITS: u32 = 24;
const NODE_BITS: u32 = 12;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
const GENERATION_MASK: u64 = (1 << GENERATION_BITS) - 1;
const _: () = assert!(SLOT_BITS + GENERATION_BITS + NODE_BITS == 64);

/// The largest generation a slot may reach before it is retired.
pub(crate) const GENERATION_MAX: u32 = GENERATION_MASK as u32;
/// The largest slot index.
pub(crate) const SLOT_MAX: u32 = SLOT_MASK as u32;

/// The identity of a process: a plain 64-bit value that may be copied, compared and sent.
///
/// A pid never keeps its process alive and is never reused for another process (P-18). Its
/// number carries no meaning and differs between schedules; reports show the stable spawn path.
///
/// Differs from OTP: there is no literal syntax, and no pid can be made from text.
#[doc(alias = "pid")]
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(NonZeroU64);

impl Pid {
    /// Puts an identity together. `node` counts from 1, so that the whole is never zero.
    #[doc(hidden)]
    pub fn from_parts(node: u16, slot: u32, generation: u32) -> Self {
        debug_assert!(node > 0 && u64::from(node) < (1 << NODE_BITS));
        debug_assert!(slot <= SLOT_MAX && generation <= GENERATION_MAX);
        let bits = (u64::from(node) << (SLOT_BITS + GENERATION_BITS))
            | (u64::from(generation) << SLOT_BITS)
            | u64::from(slot);
        Pid(NonZeroU64::new(bits).expect("PID1: a pid with node 0"))
    }

    /// The whole as a number, never zero.
    #[doc(hidden)]
    #[inline]
    pub fn bits(self) -> u64 {
        self.0.get()
    }

    /// The pid of a number that `bits` gave; none for zero.
    #[doc(hidden)]
    #[inline]
    pub fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(Pid)
    }

    /// The slot of the process in its system's table.
    #[doc(hidden)]
    #[inline]
    pub fn slot(self) -> u32 {
        (self.0.get() & SLOT_MASK) as u32
    }

    /// How often the slot had been used before, plus one.
    #[doc(hidden)]
    #[inline]
    pub fn generation(self) -> u32 {
        ((self.0.get() >> SLOT_BITS) & GENERATION_MASK) as u32
    }

    /// The system that the process lives in.
    #[doc(hidden)]
    #[inline]
    pub fn node(self) -> u16 {
        (self.0.get() >> (SLOT_BITS + GENERATION_BITS)) as u16
    }
}

impl PartialEq<Pid> for &Pid {
    fn eq(&self, other: &Pid) -> bool {
        **self == *other
    }
}

impl PartialEq<&Pid> for Pid {
    fn eq(&self, other: &&Pid) -> bool {
        *self == **other
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}>", self.slot(), self.generation())
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A unique reference: what [`monitor`](crate::monitor), [`alias`](crate::alias) and
/// [`make_ref`](crate::make_ref) return.
///
/// An active alias can be sent to with [`send`](crate::send).
#[doc(alias = "reference")]
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    owner: Pid,
    number: u64,
}

impl Ref {
    #[doc(hidden)]
    #[inline]
    pub fn from_parts(owner: Pid, number: u64) -> Self {
        Ref { owner, number }
    }

    /// The process that made the reference.
    #[doc(hidden)]
    #[inline]
    pub fn owner(self) -> Pid {
        self.owner
    }

    /// The number that tells the references of one system apart.
    #[doc(hidden)]
    #[inline]
    pub fn number(self) -> u64 {
        self.number
    }
}

impl PartialEq<Ref> for &Ref {
    fn eq(&self, other: &Ref) -> bool {
        **self == *other
    }
}

impl PartialEq<&Ref> for Ref {
    fn eq(&self, other: &&Ref) -> bool {
        *self == **other
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#ref{}.{}", self.owner, self.number)
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_packing() {
        let pid = Pid::from_parts(4095, SLOT_MAX, GENERATION_MAX);
        assert_eq!(
            (pid.node(), pid.slot(), pid.generation()),
            (4095, SLOT_MAX, GENERATION_MAX)
        );
        let small = Pid::from_parts(1, 0, 1);
        assert_eq!((small.node(), small.slot(), small.generation()), (1, 0, 1));
        assert_eq!(size_of::<Option<Pid>>(), 8);
    }
}
