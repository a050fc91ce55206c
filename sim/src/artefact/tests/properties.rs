//! Whatever is saved comes back, and nothing makes a reader panic.

use proptest::prelude::*;

use super::*;

fn any_header() -> impl Strategy<Value = Header> {
    let texts = (
        ".{0,20}",
        ".{0,20}",
        proptest::option::of(".{0,8}"),
        ".{0,30}",
    );
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>());
    let modes = (any::<bool>(), any::<bool>());
    let budgets = proptest::array::uniform6(0..4_u32);
    let victims = proptest::collection::vec(".{0,6}", 0..3);
    let limits = proptest::collection::btree_map("[a-z_]{1,8}", any::<u64>(), 0..3);
    (texts, numbers, modes, budgets, victims, limits).prop_map(
        |(texts, numbers, modes, budgets, victims, limits)| {
            let faults = ChoiceKind::FAULTS.into_iter().zip(budgets);
            let faults = faults.fold(Faults::none(), |faults, (kind, n)| faults.with(kind, n));
            Header {
                scenario: texts.0,
                beamline: texts.1,
                rustc: texts.2.clone(),
                target: None,
                granularity: if modes.0 {
                    Granularity::Fine
                } else {
                    Granularity::Fused
                },
                delivery: if modes.1 {
                    Delivery::Immediate
                } else {
                    Delivery::Pairwise
                },
                strategy: "learnt".into(),
                seed: Seed(numbers.0),
                run: numbers.1,
                faults: faults.victims(victims),
                limits,
                verdict: texts.3,
                location: texts.2,
                story: numbers.2,
                extra: Map::new(),
            }
        },
    )
}

fn any_deviations() -> impl Strategy<Value = Deviations> {
    let one = (
        1..5_000_u64,
        0..9_u8,
        2..u32::MAX,
        any::<u32>(),
        any::<u64>(),
    );
    proptest::collection::vec(one, 0..12).prop_map(|steps| {
        let mut index = 0;
        let deviation = |(gap, kind, n, rank, id)| {
            index += gap;
            let kind = ChoiceKind::from_number(kind).expect("a kind");
            // Small numbers mostly, as in real runs.
            let n = if id % 8 > 0 { 2 + n % 40 } else { n };
            Deviation {
                index,
                kind,
                n,
                rank: 1 + rank % (n - 1),
                id: ChoiceId(id),
            }
        };
        steps.into_iter().map(deviation).collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(header in any_header(), deviations in any_deviations()) {
        let artefact = Artefact::new(header, &deviations, &|_| None);
        let (read, warnings) = Artefact::parse(artefact.to_text().as_bytes()).unwrap();
        prop_assert_eq!(&read, &artefact);
        prop_assert_eq!(read.deviations(), deviations);
        prop_assert_eq!(warnings, vec![]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Artefact::parse(&bytes);
    }

    /// One byte changed, dropped or added: noticed, or of no meaning.
    #[test]
    fn damage_is_noticed(at in 0..2_000_usize, byte: u8, how in 0..3) {
        let mut bytes = TEXT.as_bytes().to_vec();
        let at = at % bytes.len();
        match how {
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        if let Ok((read, warnings)) = Artefact::parse(&bytes) {
            let noticed = read == sample() || !warnings.is_empty();
            prop_assert!(noticed, "{:?}", String::from_utf8(bytes));
        }
    }

    /// Pieces of real lines in any order, which get further than random bytes.
    #[test]
    fn no_shuffled_file_makes_the_reader_panic(
        pieces in proptest::collection::vec((0..400_usize, 0..60_usize), 0..12),
    ) {
        let piece = |&(start, length): &(usize, usize)| &TEXT.as_bytes()[start..start + length];
        let header = TEXT.lines().next().unwrap().as_bytes();
        let shuffled: Vec<_> = pieces.iter().map(piece).collect();
        let _ = Artefact::parse(&shuffled.concat());
        let _ = Artefact::parse(&[header, b"\n", &shuffled.concat()].concat());
    }

    #[test]
    fn a_token_survives_its_text(header in any_header(), deviations in any_deviations()) {
        let artefact = Artefact::new(header, &deviations, &|_| None);
        let token = Token::of(&artefact);
        prop_assert!(token.belongs_to(&artefact.header.scenario, &artefact.header.faults));
        prop_assert!(token.has_ids_of(&deviations));
        let Some(text) = token.encode() else {
            prop_assert!(deviations.len() > 5);
            return Ok(());
        };
        prop_assert!(text.len() < 120);
        prop_assert_eq!(Token::decode(&text), Ok(token.clone()));
        prop_assert_eq!(Token::decode(&format!(" {}\n ", text.to_uppercase())), Ok(token));
    }

    #[test]
    fn no_text_makes_the_token_reader_panic(text in "(bl1-)?[0-9a-z]{0,120}", any in ".{0,60}") {
        let _ = Token::decode(&text);
        let _ = Token::decode(&any);
    }
}
