//! The sources of the workspace, and a view of each in which only code is left.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose Rust files are looked at. `bench/peers` are programs for other people's
/// libraries, written in those libraries' ways.
const FOLDERS: [&str; 6] = ["runtime", "sim", "scenarios", "tests", "bench", "fuzz"];
const SKIPPED: [&str; 4] = ["target", "peers", "corpus", "artifacts"];

/// A Rust file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its path from the root of the repository, with `/` between the parts.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
    /// The same, with blanks for comments and for what is inside literals; as many lines.
    pub(crate) code: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests are a folder of it").into()
}

/// All Rust files, in the order of their paths.
pub(crate) fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for path in files("rs") {
        let text = fs::read_to_string(root().join(&path)).expect("sources are text");
        let code = code_of(&text);
        sources.push(Source { path, text, code });
    }
    assert!(sources.len() > 100, "only {} sources found", sources.len());
    sources
}

/// All files with this extension, in the order of their paths.
pub(crate) fn files(extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        walk(&root().join(folder), extension, &mut found);
    }
    found.sort();
    found
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !SKIPPED.contains(&&*name) && !name.starts_with('.') {
                walk(&path, extension, found);
            }
        } else if path.extension().is_some_and(|its| its == extension) {
            let path = path.strip_prefix(root()).expect("it lies below the root");
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// The text with blanks for comments and for the insides of literals.
pub(crate) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (from, to, next) = literal_or_comment(bytes, at);
        for byte in &mut code[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = next;
    }
    String::from_utf8(code).expect("blanks replace whole literals and comments")
}

/// What starts at `at`: the stretch to blank, and where to go on.
fn literal_or_comment(text: &[u8], at: usize) -> (usize, usize, usize) {
    let rest = &text[at..];
    if rest.starts_with(b"//") {
        let end = at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        return (at, end, end);
    }
    if rest.starts_with(b"/*") {
        let end = at + block_comment(rest);
        return (at, end, end);
    }
    let in_word = at > 0 && (text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'_');
    if (rest[0] == b'r' || rest.starts_with(b"br")) && !in_word {
        let begin = if rest[0] == b'b' { 2 } else { 1 };
        let hashes = rest[begin..].iter().take_while(|b| **b == b'#').count();
        if rest.get(begin + hashes) == Some(&b'"') {
            let from = at + begin + hashes + 1;
            let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let length = text[from..].windows(close.len()).position(|w| w == close);
            let end = from + length.unwrap_or(text.len() - from - close.len());
            return (from, end, end + close.len());
        }
    }
    match rest[0] {
        b'"' => {
            let end = at + 1 + quoted(&rest[1..], b'"');
            (at + 1, end, end + 1)
        }
        // A lifetime has no closing quote after one character.
        b'\'' if rest.get(1) == Some(&b'\\') || closes_at(rest).is_some() => {
            let end = at + 1 + quoted(&rest[1..], b'\'');
            (at + 1, end, end + 1)
        }
        _ => (at, at, at + 1),
    }
}

/// Whether one character and a closing quote follow.
fn closes_at(rest: &[u8]) -> Option<usize> {
    let width = match rest.get(1)? {
        byte if byte.is_ascii() => 1,
        byte if *byte >= 0xf0 => 4,
        byte if *byte >= 0xe0 => 3,
        _ => 2,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(1 + width)
}

/// The length of what stands before the closing quote.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at.min(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(rest.len())
}

/// The code without its inline test modules.
pub(crate) fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some(at) = rest.find("#[cfg(test)]") {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let open = from.find('{').unwrap_or(from.len());
        let semicolon = from.find(';').unwrap_or(from.len());
        let end = if open < semicolon {
            open + block(&from[open..])
        } else {
            (semicolon + 1).min(from.len())
        };
        // The lines stay, so that places are still right.
        kept.extend(from[..end].chars().filter(|c| *c == '\n'));
        rest = &from[end..];
    }
    kept + rest
}

/// The length of the block that begins with the brace at the start of this code.
pub(crate) fn block(code: &str) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in code.bytes().enumerate() {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The number of the line that this place is on.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].bytes().filter(|b| *b == b'\n').count() + 1
}

#[test]
fn only_code_is_left() {
    let text = "a /* { /* \" */ */ b // }\n'{' '\\'' 'x: &'static \"\\\"{\" r#\"\"}\"# br\"{\" 'é'";
    let code = code_of(text);
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>().join(" "),
        "a b ' ' ' ' 'x: &'static \" \" r#\" \"# br\" \" ' '"
    );
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn inline_tests_are_left_out() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
    assert_eq!(without_tests(code), "fn a() {}\n\n\n\n\nfn c() {}\n");
    let code = "#[cfg(test)]\nmod tests;\nfn c() {}\n";
    assert_eq!(without_tests(code), "\n\nfn c() {}\n");
}
