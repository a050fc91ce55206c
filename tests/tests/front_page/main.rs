//! The server of the front page is this code, and its test passes.

use std::fs;

mod server;

/// Lines that the page gives to a server and its test.
const LINES_MAX: usize = 30;

#[test]
fn the_page_shows_the_server_that_is_tested_here() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let page = fs::read_to_string(page).expect("there is a front page");
    let (_, code) = include_str!("server.rs")
        .split_once("\n\n")
        .expect("the code comes after the words about it");
    assert!(page.contains(&format!("```rust,ignore\n{code}```\n")));
    assert!(code.lines().count() <= LINES_MAX);
}
