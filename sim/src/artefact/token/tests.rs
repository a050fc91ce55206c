//! Tokens: their size, and what is said of a bad paste.

use super::*;
use crate::seed::Seed;

fn artefact(deviations: u64) -> Artefact {
    let deviation = |at| Deviation {
        index: 7 * at + 3,
        kind: ChoiceKind::Event,
        n: 4,
        rank: 2,
        id: ChoiceId(at + 1),
    };
    let header = Header {
        scenario: "restart::call".into(),
        seed: Seed(1),
        ..Header::default()
    };
    Artefact::new(header, &(0..deviations).map(deviation).collect(), &|_| None)
}

fn token(deviations: u64) -> String {
    Token::of(&artefact(deviations)).encode().expect("it fits")
}

#[test]
fn a_token_is_pinned_and_short() {
    assert_eq!(token(3), "bl1-2c0ca0c7jyz060810r0g21g105yade8");
    assert!(token(3).len() <= 40);
    assert!(token(10).len() <= 72);
    let length = |deviations| {
        Token::of(&artefact(deviations))
            .encode()
            .map(|text| text.len())
    };
    assert!(length(20).is_some_and(|length| length < 120));
    assert_eq!(length(21), None);
    assert_eq!(length(10_000), None);
}

#[test]
fn large_numbers_fit_too() {
    let mut large = artefact(0);
    let deviation = Deviation {
        index: u64::MAX,
        kind: ChoiceKind::User,
        n: u32::MAX,
        rank: u32::MAX - 1,
        id: ChoiceId(9),
    };
    large = Artefact::new(large.header, &[deviation].into_iter().collect(), &|_| None);
    let token = Token::of(&large);
    assert_eq!(Token::decode(&token.encode().unwrap()), Ok(token));
}

#[test]
fn a_token_for_something_else_is_noticed() {
    let token = Token::decode(&token(3)).unwrap();
    let none = Faults::none();
    assert!(token.belongs_to("restart::call", &none));
    assert!(!token.belongs_to("restart::cast", &none));
    assert!(!token.belongs_to("restart::call", &none.clone().crashes(1)));
    assert!(!token.belongs_to("restart::call", &none.victims(["worker"])));
    assert!(token.has_ids_of(&artefact(3).deviations()));
    assert!(!token.has_ids_of(&artefact(2).deviations()));
}

/// Clip, lengthen and mistype a token everywhere.
#[test]
fn every_bad_paste_is_refused_for_what_it_is() {
    let good = token(5);
    let expected = good.len();
    for got in 4..expected {
        assert_eq!(
            Token::decode(&good[..got]),
            Err(match got {
                // Not even the length is there.
                4 | 5 => TokenError::Clipped { got, expected: 20 },
                _ => TokenError::Clipped { got, expected },
            })
        );
    }
    for start in 1..=4 {
        assert_eq!(Token::decode(&good[start..]), Err(TokenError::NoPrefix));
    }
    let longer = format!("{good}0");
    let got = expected + 1;
    assert_eq!(
        Token::decode(&longer),
        Err(TokenError::TooLong { got, expected })
    );
    for at in 6..expected {
        let mut mistyped = good.clone().into_bytes();
        mistyped[at] = if mistyped[at] == b'7' { b'8' } else { b'7' };
        let mistyped = String::from_utf8(mistyped).unwrap();
        assert_eq!(
            Token::decode(&mistyped),
            Err(TokenError::Checksum),
            "{mistyped}"
        );
    }
    assert_eq!(Token::decode(""), Err(TokenError::NoPrefix));
    assert_eq!(
        Token::decode("bl2-00"),
        Err(TokenError::Version("2".into()))
    );
    assert_eq!(
        Token::decode("bl1-ab!c").unwrap_err().to_string(),
        "`!` at position 7 does not occur in tokens",
    );
    assert_eq!(
        Token::decode(&good[..12]).unwrap_err().to_string(),
        format!("only 12 of {expected} characters are there: the token was clipped"),
    );
}

/// The last character of a token has bits that say nothing; they are zero.
#[test]
fn a_token_is_written_in_one_way_only() {
    let good = token(3);
    let last = base32::digit(good.chars().last().unwrap()).unwrap();
    let unused = (good.len() - PREFIX.len()) * 5 % 8;
    assert!((1..5).contains(&unused), "this token has unused bits");
    let other = base32::encode(&[(last | 1) << 3]).chars().next().unwrap();
    let rewritten = format!("{}{other}", &good[..good.len() - 1]);
    assert_ne!(rewritten, good);
    assert_eq!(Token::decode(&rewritten), Err(TokenError::Checksum));
}

/// A checksum that fits does not make sense of nonsense.
#[test]
fn content_is_checked_apart_from_the_checksum() {
    let with = |content: &[u8]| {
        let mut bytes = vec![(content.len() + 1 + CHECKSUM_BYTES) as u8];
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(&checksum(&bytes));
        Token::decode(&format!("{PREFIX}{}", base32::encode(&bytes)))
    };
    assert!(with(&[0; 6]).is_ok());
    assert_eq!(with(&[0; 5]), Err(TokenError::Content));
    assert_eq!(with(&[4, 0, 0, 0, 0, 0]), Err(TokenError::Content));
    for deviation in [
        &[0][..],
        &[0, 0x90, 0],
        &[0, 0x00],
        &[128; 12],
        &[255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0],
        &[0, 0x0f, 255, 255, 255, 255, 15, 0],
    ] {
        let content = [&[0; 6], deviation].concat();
        assert_eq!(with(&content), Err(TokenError::Content), "{deviation:?}");
    }
}
