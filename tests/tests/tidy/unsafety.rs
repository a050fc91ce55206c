//! Unsafe code: only in the files listed here, and every block says why it is sound.

use super::demand;
use super::source::{Source, line_of, sources};

/// Files that may hold unsafe code, and what it is there for. May only shrink.
const FILES: &[(&str, &str)] = &[
    (
        "runtime/src/backend/context.rs",
        "the current context is a pointer in a thread local (CTX1)",
    ),
    (
        "runtime/src/kernel/birth.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/body.rs",
        "bodies and rooms with their types erased",
    ),
    (
        "runtime/src/kernel/calls.rs",
        "requests that are opened, and the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/death.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    ("runtime/src/kernel/deliver.rs", "nodes handed to inboxes"),
    (
        "runtime/src/kernel/describe.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/handle.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/inbox.rs",
        "the list behind the inbox word (INB1 to INB3)",
    ),
    (
        "runtime/src/kernel/links.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/memory.rs",
        "blocks in size classes (MEM1, MEM2)",
    ),
    (
        "runtime/src/kernel/monitors.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/node.rs",
        "values with their types erased (NOD1, NOD2)",
    ),
    (
        "runtime/src/kernel/queue.rs",
        "the ring of the mailbox (QUE1)",
    ),
    (
        "runtime/src/kernel/report.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/run.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/seam.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/kernel/slot.rs",
        "fields that belong to whoever runs the process (SLT1)",
    ),
    (
        "runtime/src/kernel/table.rs",
        "slots that are never freed (TAB1)",
    ),
    (
        "runtime/src/kernel/waker.rs",
        "a waker is the address of a slot (SLT2)",
    ),
    (
        "runtime/src/process/ask.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/in_place.rs",
        "futures pinned where they lie, and the value that one of them borrows (INP1, INP2)",
    ),
    (
        "runtime/src/process/lineage.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/local.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/mailbox.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/receive.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/relations.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/replies.rs",
        "the part of a slot that its runner owns (SLT1)",
    ),
    (
        "runtime/src/process/request.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/self_control.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/spawn.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/suspend.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/process/wait.rs",
        "a process looks at its own slot (CTX2)",
    ),
    (
        "runtime/src/threads/clock.rs",
        "the processor's cycle counter",
    ),
    (
        "runtime/src/threads/handle.rs",
        "a context on a foreign thread",
    ),
    (
        "runtime/src/threads/outside.rs",
        "a context on a foreign thread",
    ),
    (
        "runtime/src/threads/runtime.rs",
        "contexts of workers, and the end of all processes",
    ),
    (
        "runtime/src/threads/worker.rs",
        "turns: a queued process belongs to one worker (THR1)",
    ),
    ("sim/src/world/backend.rs", "contexts of a world"),
    (
        "sim/src/world/drive.rs",
        "turns: between events nobody runs (WLD1)",
    ),
    (
        "sim/src/world/faults.rs",
        "condemning a process that is held (WLD1)",
    ),
    (
        "sim/src/world/quiescence.rs",
        "describing processes that are held (WLD1)",
    ),
    (
        "sim/src/world/run.rs",
        "the world as a backend of its own context",
    ),
    (
        "sim/src/world/state.rs",
        "the chooser of the run, borrowed for its length",
    ),
    (
        "sim/src/world/schedule.rs",
        "the chooser of the run, borrowed for its length",
    ),
    (
        "fuzz/src/counters.rs",
        "a static in a section that libFuzzer reads",
    ),
    (
        "runtime/src/kernel/loom_tests.rs",
        "what the models share, as threads share slots",
    ),
];

/// How many lines above a block its comment may stand: a statement may begin above its block.
const ABOVE: usize = 6;

#[test]
fn unsafe_code_is_where_it_belongs() {
    let mut complaints = Vec::new();
    let sources = sources();
    for source in &sources {
        let listed = FILES.iter().any(|(path, _)| *path == source.path);
        let has = places(source).next().is_some();
        if has && !listed {
            complaints.push(format!("{}: unsafe code in a file not listed", source.path));
        } else if !has && listed {
            complaints.push(format!("{}: none any more, so drop its entry", source.path));
        }
    }
    for (path, reason) in FILES {
        let exists = sources.iter().any(|source| source.path == *path);
        if !exists || reason.is_empty() {
            complaints.push(format!("{path}: listed, but gone or without a reason"));
        }
    }
    demand("unsafe code stays in its files", complaints);
}

#[test]
fn every_block_says_why_it_is_sound() {
    let mut complaints = Vec::new();
    for source in sources() {
        let lines: Vec<&str> = source.text.lines().collect();
        for at in places(&source) {
            let rest = source.code[at + "unsafe".len()..].trim_start();
            if !rest.starts_with('{') && !rest.starts_with("impl") {
                continue;
            }
            let line = line_of(&source.code, at);
            if !explained(&lines, line) {
                complaints.push(format!("{}:{line}: no SAFETY comment above", source.path));
            }
        }
    }
    demand("every unsafe block says why it is sound", complaints);
}

/// Whether a comment above this line says SAFETY, with nothing but its own lines and those of the
/// statement in between.
fn explained(lines: &[&str], line: usize) -> bool {
    let above = lines[..line - 1].iter().rev().take_while(|above| {
        let above = above.trim();
        !above.is_empty()
    });
    let mut statement = 0;
    for above in above {
        let above = above.trim();
        if above.starts_with("//") {
            if above.contains("SAFETY:") {
                return true;
            }
        } else {
            statement += 1;
            if statement > ABOVE {
                return false;
            }
        }
    }
    lines[line - 1].contains("SAFETY:")
}

/// Where the keyword stands.
fn places(source: &Source) -> impl Iterator<Item = usize> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let found = source.code.match_indices("unsafe").map(|found| found.0);
    found.filter(move |&at| {
        let (before, rest) = source.code.split_at(at);
        !before.ends_with(word) && !rest["unsafe".len()..].starts_with(word)
    })
}

#[test]
fn a_block_without_its_reason_is_seen() {
    let silent = ["fn a() {", "    unsafe { b() };"];
    assert!(!explained(&silent, 2));
    let told = [
        "    // SAFETY: b asks for nothing,",
        "    // really.",
        "    unsafe { b() };",
    ];
    assert!(explained(&told, 3));
}
