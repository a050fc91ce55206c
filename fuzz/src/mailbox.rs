//! Target `mailbox`: a process that sends to itself and receives, against a list.
//!
//! The bytes are operations, two bytes each ([`Operation`]): messages of several types, references
//! and monitors, receives of every kind with and without timeouts, and receives that stand waiting
//! while other operations go on. One process does them in the simulator; after each, what it got
//! must be what the naive model says: the oldest item of a list that matches. At the end nothing of
//! a message may be left in memory.
//!
//! # Semantics
//! MBX-1 to MBX-4, MBX-8, MBX-9, MBX-11, MBX-15, MON-14, MON-15, SIG-18.

use std::cell::RefCell;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use beamline_sim::campaign::Rig;
use beamline_sim::strategy::Canonical;
use beamline_sim::{Check, Granularity, Verdict};

use crate::inputs::replay_each;

mod comparison;
mod messages;
mod model;
mod operation;
mod receives;

pub use operation::{Guard, Operation, Wanted};

const USAGE: &str = "\
usage: mailbox INPUT...    does the operations of each and says how it went
Exit codes: 0 as the model has it; 1 not possible; 2 wrong arguments; 10 otherwise.";

/// Operations of one input: enough for every pair of kinds, few enough for thousands of inputs a
/// second, and so few that their references can be numbered by bytes.
const OPERATIONS_MAX: usize = 256;

type Program = Arc<Mutex<Vec<Operation>>>;

/// The comparison, ready for one input after another.
#[derive(Debug)]
pub struct Mailboxes {
    program: Program,
    /// Both ways to divide a run: a receive stops at its choice point in the fine one only.
    rigs: [Rig; 2],
}

impl Default for Mailboxes {
    fn default() -> Self {
        Mailboxes::new()
    }
}

impl Mailboxes {
    /// Sets the comparison up.
    pub fn new() -> Mailboxes {
        let program = Program::default();
        let rigs = [Granularity::Fused, Granularity::Fine].map(|granularity| {
            let program = Arc::clone(&program);
            let check = Check::new("fuzz::mailbox").granularity(granularity);
            Rig::new(check.regressions(None).campaign(async move || {
                let operations = program
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                comparison::compare(&operations).await;
            }))
        });
        Mailboxes { program, rigs }
    }

    /// Does the operations that the bytes describe. Returns what was not as in the model.
    pub fn run(&mut self, bytes: &[u8]) -> Option<Verdict> {
        let mut operations = Operation::decode(bytes);
        operations.truncate(OPERATIONS_MAX);
        *self.program.lock().unwrap_or_else(PoisonError::into_inner) = operations;
        self.rigs.iter_mut().find_map(|rig| {
            let verdict = rig.run(&mut Canonical).verdict;
            assert_eq!(
                messages::alive(),
                0,
                "messages are left in memory after the run"
            );
            verdict
        })
    }
}

thread_local! {
    static TARGET: RefCell<Option<Mailboxes>> = const { RefCell::new(None) };
}

/// One call of libFuzzer's.
///
/// # Panics
/// When something was not as in the model.
pub fn fuzz(bytes: &[u8]) {
    TARGET.with_borrow_mut(|target| {
        let target = target.get_or_insert_with(Mailboxes::new);
        if let Some(verdict) = target.run(bytes) {
            panic!("{verdict}\n{:#?}", Operation::decode(bytes));
        }
    });
}

/// The target as an ordinary program.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let mut target = Mailboxes::new();
    replay_each(&arguments, USAGE, |bytes| {
        for operation in Operation::decode(bytes).iter().take(OPERATIONS_MAX) {
            println!("  {operation:?}");
        }
        let verdict = target.run(bytes);
        match &verdict {
            Some(verdict) => println!("  violated: {verdict}"),
            None => println!("  all as the model has it"),
        }
        verdict.is_none()
    })
}
