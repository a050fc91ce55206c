//! The cheap generator for the choices inside a run.
//!
//! wyrand: a counter and one 64 by 64 bit multiplication. A run draws once per choice, so the
//! generator is on the hot path; the quality of the seeds comes from ChaCha8 (see
//! [`seed`](crate::seed)), which is why this one may be this small. Its outputs are pinned by a
//! test, since every saved seed depends on them.

/// A stream of draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws(u64);

impl Draws {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    /// 64 random bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0xa076_1d64_78bd_642f);
        mix(self.0, self.0 ^ 0xe703_7ed1_a0b4_28db)
    }

    /// A number below `n`, each as likely as the next (the bias is below `n` in 2⁶⁴). 0 when `n` is
    /// 0.
    #[inline]
    pub const fn below(&mut self, n: u64) -> u64 {
        ((self.bits() as u128 * n as u128) >> 64) as u64
    }

    /// The same for the ranks of a choice.
    #[inline]
    pub const fn rank(&mut self, n: u32) -> u32 {
        self.below(n as u64) as u32
    }
}

/// A bijection in which every bit of the result depends on every bit of `x` (the finalizer of
/// MurmurHash3): numbers in a row come out without any relation, which one multiplication does not
/// achieve.
#[inline]
pub(crate) const fn scramble(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// Multiplies to 128 bits and folds the halves: a fast mix of two words.
#[inline]
const fn mix(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by an independent program.
    #[test]
    fn draws_are_pinned() {
        let mut draws = Draws::new(42);
        let drawn: Vec<_> = (0..3).map(|_| draws.bits()).collect();
        assert_eq!(
            drawn,
            [
                12_558_987_674_375_533_620,
                16_846_851_108_956_068_306,
                14_652_274_819_296_609_082
            ]
        );
    }

    /// The high bits decide, as `bits * n / 2^64` does.
    #[test]
    fn ranks_are_pinned() {
        let mut draws = Draws::new(42);
        let drawn = [10, 1_000, u32::MAX].map(|n| draws.rank(n));
        assert_eq!(drawn, [6, 913, 3_411_498_576]);
    }

    #[test]
    fn ranks_are_below_n_and_even() {
        let mut draws = Draws::new(7);
        for n in [1_u32, 2, 3, 10, 1000] {
            let mut seen = vec![0_u32; n as usize];
            let each = 1_000;
            for _ in 0..each * n {
                seen[draws.rank(n) as usize] += 1;
            }
            let off = seen
                .iter()
                .map(|&count| count.abs_diff(each))
                .max()
                .unwrap();
            assert!(off < 200, "n={n}: a rank is off by {off} of {each}");
        }
        assert_eq!(draws.below(0), 0);
        assert_eq!(draws.rank(1), 0);
    }
}
