//! Seeds as text, and the golden vectors of the streams.

use proptest::prelude::*;

use super::*;

#[test]
fn seeds_are_read_from_three_forms() {
    assert_eq!("0".parse(), Ok(Seed(0)));
    assert_eq!("18446744073709551615".parse(), Ok(Seed(u64::MAX)));
    assert_eq!("0xff".parse(), Ok(Seed(255)));
    assert_eq!("0XFF".parse(), Ok(Seed(255)));
    let commit = "8c7e1f0a2b3c4d5e6f708192a3b4c5d6e7f80910";
    assert_eq!(commit.parse(), Ok(Seed(0x8c7e_1f0a_2b3c_4d5e)));
    let digits_only = "1234567812345678123456781234567812345678";
    assert_eq!(digits_only.parse(), Ok(Seed(0x1234_5678_1234_5678)));
}

#[test]
fn what_is_no_seed_is_refused_with_the_forms() {
    let long = "0x11112222333344445";
    for text in [
        "",
        "0x",
        "-1",
        "+1",
        "0x+1",
        long,
        "18446744073709551616",
        "8c7e1f0",
        "ü",
        "1 ",
    ] {
        let error = text.parse::<Seed>().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{text}` is no seed; expected a decimal")),
            "{error}"
        );
    }
}

/// What a printed seed means, computed by an independent program. A failure here says that
/// old seeds no longer reproduce.
#[test]
fn the_streams_are_pinned() {
    let mut seeds = RunSeeds::new(Seed(0x5eed), "process::echo");
    let mut first = |run: u64, stream| seeds.run(run).draws(stream).bits();
    assert_eq!(first(0, Stream::Schedule), 0xa5c8_71bc_fb86_4d25);
    assert_eq!(first(0, Stream::Faults), 0x0204_dcae_1fde_71d5);
    assert_eq!(first(0, Stream::Timers), 0x119c_5406_49c3_4708);
    assert_eq!(first(0, Stream::User), 0x4b69_25ea_9e20_e23b);
    assert_eq!(first(0, Stream::Options), 0x2698_f7de_8f23_0442);
    assert_eq!(first(31, Stream::Schedule), 0x3480_b369_7647_38b7);
    assert_eq!(first(32, Stream::Schedule), 0x7d28_bbc3_3887_8f3d);
    assert_eq!(first(u64::MAX, Stream::User), 0x4c1f_cd61_bcdd_bd75);
}

/// The key schedule itself, computed the long way.
#[test]
fn a_run_takes_its_own_word_of_each_stream() {
    let mut seeds = RunSeeds::new(Seed(7), "x");
    for index in [0, 1, 31, 32, 33, 1_000] {
        let mut rng = ChaCha8Rng::from_seed(seeds.key);
        rng.set_stream(3);
        let word = (0..=index).map(|_| rng.next_u64()).last().unwrap();
        assert_eq!(seeds.run(index).draws(Stream::User), Draws::new(word));
    }
}

proptest! {
    #[test]
    fn a_seed_survives_its_text(seed: u64) {
        prop_assert_eq!(Seed(seed).to_string().parse(), Ok(Seed(seed)));
        prop_assert_eq!(seed.to_string().parse(), Ok(Seed(seed)));
    }

    #[test]
    fn reading_a_seed_never_panics(text in ".{0,50}") {
        let _ = text.parse::<Seed>();
    }

    /// The same run comes out in whatever order runs are asked for.
    #[test]
    fn a_run_does_not_depend_on_its_predecessors(
        seed: u64, order in proptest::collection::vec(0..200_u64, 1..50),
    ) {
        let mut jumping = RunSeeds::new(Seed(seed), "pool");
        for index in order {
            let run = jumping.run(index);
            prop_assert_eq!(run.index(), index);
            prop_assert_eq!(run, RunSeeds::new(Seed(seed), "pool").run(index));
        }
    }

    /// Seeds, names, runs and streams all matter.
    #[test]
    fn every_part_changes_the_draws(seed: u64, index in 0..1_000_000_u64) {
        let draws = |seed, name, index, stream| {
            RunSeeds::new(Seed(seed), name).run(index).draws(stream).bits()
        };
        let base = draws(seed, "a", index, Stream::Schedule);
        prop_assert_ne!(base, draws(seed ^ 1, "a", index, Stream::Schedule));
        prop_assert_ne!(base, draws(seed, "b", index, Stream::Schedule));
        prop_assert_ne!(base, draws(seed, "a", index + 1, Stream::Schedule));
        prop_assert_ne!(base, draws(seed, "a", index, Stream::Timers));
    }
}
