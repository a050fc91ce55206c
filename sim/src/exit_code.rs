//! The exit codes of the `beamline` command.
//!
//! They tell a pipeline what happened without reading any text, and stay as they are.

/// Everything held, or did what was asked.
pub const HELD: u8 = 0;
/// The command line, or a file named on it, makes no sense. The number of the argument parser.
pub const USAGE: u8 = 2;
/// Nothing ran: no scenario has such a name.
pub const NOTHING_RAN: u8 = 4;
/// Something was violated: an `always`, an `unreachable`, a panic or abnormal exit of the root, a
/// deadlock, a leak.
pub const VIOLATED: u8 = 10;
/// A `sometimes` or `reachable` was never seen, and `--strict` asks for it.
pub const NEVER_SEEN: u8 = 11;
/// An `eventually` or a bound was missed: a limit of a run, a planted bug that was not found within
/// its budget, a story that is longer than promised.
pub const MISSED: u8 = 12;
/// Two executions of one run differed.
pub const NONDETERMINISTIC: u8 = 13;
/// A replay did not follow its record, or two runs that were compared differ.
pub const NOT_REPLAYED: u8 = 14;
/// A bug of Beamline's own.
pub const OUR_BUG: u8 = 70;
/// Stopped by Ctrl-C before anything was found, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// The code for a verdict of this id.
pub fn of_verdict(id: &str) -> u8 {
    match id.split(' ').next().unwrap_or(id) {
        "nondeterminism" => NONDETERMINISTIC,
        "eventually" | "steps" | "virtual-time" | "memory" => MISSED,
        _ => VIOLATED,
    }
}

/// The one of two codes that matters more: what makes the others meaningless first, then what was
/// violated, then what was missed.
pub fn graver(one: u8, other: u8) -> u8 {
    const ORDER: [u8; 10] = [
        OUR_BUG,
        NONDETERMINISTIC,
        VIOLATED,
        MISSED,
        NOT_REPLAYED,
        USAGE,
        NOTHING_RAN,
        INTERRUPTED,
        NEVER_SEEN,
        HELD,
    ];
    let place = |code: u8| ORDER.iter().position(|known| *known == code);
    // A code that is not listed is none of ours, and the worst.
    if place(one) <= place(other) {
        one
    } else {
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_have_codes() {
        let codes = [
            ("always bank.money", VIOLATED),
            ("panic src/a.rs:3", VIOLATED),
            ("deadlock", VIOLATED),
            ("eventually queue.drained", MISSED),
            ("virtual-time", MISSED),
            ("nondeterminism", NONDETERMINISTIC),
        ];
        for (id, code) in codes {
            assert_eq!(of_verdict(id), code, "{id}");
        }
    }

    #[test]
    fn the_graver_code_wins() {
        assert_eq!(graver(HELD, NEVER_SEEN), NEVER_SEEN);
        assert_eq!(graver(VIOLATED, MISSED), VIOLATED);
        assert_eq!(graver(MISSED, NONDETERMINISTIC), NONDETERMINISTIC);
        assert_eq!(graver(INTERRUPTED, HELD), INTERRUPTED);
    }
}
