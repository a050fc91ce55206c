//! Operations, and how bytes become operations.
//!
//! Two bytes are one operation: the first says which, the second is its value, guard or target. So
//! deleting a pair deletes an operation, and changing a byte changes one.

/// One step of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sends itself a number.
    SendNumber(u8),
    /// Sends itself a word, which owns memory.
    SendWord(u8),
    /// Sends itself a block, which is large.
    SendBlock(u8),
    /// Sends itself an answer to one of the references made so far.
    SendAnswer(u8),
    /// Makes a reference.
    Reference,
    /// Monitors a name that nobody has, so that a `Down` comes at once.
    Monitor,
    /// Ends one of the monitors; what it sent may stay.
    Demonitor(u8),
    /// Ends one of the monitors, and takes out what it sent.
    Flush(u8),
    /// Receives with a timeout of zero.
    Look(Wanted),
    /// Receives with a timeout above zero.
    Wait(Wanted),
    /// Receives without a timeout, if the model has a match; else as `Look`.
    Receive(Wanted),
    /// Begins a receive, and goes on with it after each of so many operations that follow, as far
    /// as they do not receive themselves. It is dropped if it has nothing then.
    Hold {
        /// What it asks for.
        wanted: Wanted,
        /// How many operations it stands over.
        over: usize,
        /// Whether it has a timeout, which does not pass meanwhile.
        timed: bool,
    },
    /// Lets others go first.
    Yield,
}

/// What a receive asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A number.
    Number,
    /// A word that the guard accepts.
    Word(Guard),
    /// Whatever comes.
    Any,
    /// An answer to one of the references, looked for behind it.
    Answer(u8),
    /// The `Down` of one of the monitors, looked for behind it.
    Down(u8),
    /// A receive of several clauses.
    Clauses(Guard),
}

/// Accepts the values that leave this rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    divisor: u8,
    rest: u8,
}

impl Guard {
    fn decode(byte: u8) -> Guard {
        let divisor = 1 + byte % 3;
        let rest = (byte / 3) % divisor;
        Guard { divisor, rest }
    }

    /// Whether it accepts a value.
    pub fn accepts(self, value: u8) -> bool {
        value % self.divisor == self.rest
    }
}

impl Wanted {
    /// How many there are; see `decode`.
    const KINDS: u8 = 6;

    fn decode(kind: u8, value: u8) -> Wanted {
        match kind % Wanted::KINDS {
            0 => Wanted::Number,
            1 => Wanted::Word(Guard::decode(value)),
            2 => Wanted::Any,
            3 => Wanted::Answer(value),
            4 => Wanted::Down(value),
            _ => Wanted::Clauses(Guard::decode(value)),
        }
    }
}

impl Operation {
    /// The operations that bytes describe. A single byte at the end says nothing.
    pub fn decode(bytes: &[u8]) -> Vec<Operation> {
        let pairs = bytes.chunks_exact(2);
        pairs.map(|pair| Operation::of(pair[0], pair[1])).collect()
    }

    /// Operations that do more have more bytes; each that receives has a multiple of the kinds of
    /// receive.
    fn of(which: u8, value: u8) -> Operation {
        let wanted = |first: u8| Wanted::decode(which - first, value);
        match which {
            0..16 => Operation::SendNumber(value),
            16..32 => Operation::SendWord(value),
            32..40 => Operation::SendBlock(value),
            40..64 => Operation::SendAnswer(value),
            64..72 => Operation::Reference,
            72..88 => Operation::Monitor,
            88..96 => Operation::Demonitor(value),
            96..112 => Operation::Flush(value),
            112..120 => Operation::Yield,
            120..156 => Operation::Look(wanted(120)),
            156..174 => Operation::Wait(wanted(156)),
            174..210 => Operation::Receive(wanted(174)),
            210..=255 => Operation::Hold {
                wanted: wanted(210),
                over: 1 + usize::from(value % 4),
                timed: value % 8 > 3,
            },
        }
    }
}
