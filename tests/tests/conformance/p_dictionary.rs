//! P-51 to P-55: what a process keeps about itself.

use beamline::prelude::*;
use beamline_tests::{Stop, both, down};

/// A value taken back out of the dictionary.
fn number(value: Option<Message>) -> Option<u32> {
    value.map(|value| value.downcast::<u32>().expect("only numbers are put"))
}

#[test]
fn p_051_put_returns_the_previous_value() {
    both("P-51", async || {
        assert_eq!(local::get::<u32>("count"), None);
        assert_eq!(number(local::put("count", 1_u32)), None);
        assert_eq!(local::get::<u32>("count"), Some(1));
        assert_eq!(number(local::put("count", 2_u32)), Some(1));
        assert_eq!(local::get::<u32>("count"), Some(2));
    });
}

#[test]
fn p_052_erase_returns_what_it_removed() {
    both("P-52", async || {
        local::put("count", 1_u32);
        local::put("other", 2_u32);
        assert_eq!(number(local::erase("count")), Some(1));
        assert_eq!(local::get::<u32>("count"), None);
        assert_eq!(number(local::erase("count")), None);
        assert_eq!(local::get::<u32>("other"), Some(2));
    });
}

#[test]
fn p_053_keys_lists_every_key() {
    both("P-53", async || {
        assert_eq!(local::keys(), [""; 0]);
        local::put("one", 1_u32);
        local::put("two", "words");
        local::put("three", 3_u32);
        local::erase("one");
        let mut keys = local::keys();
        keys.sort_unstable();
        assert_eq!(keys, ["three", "two"]);
    });
}

#[test]
fn p_054_the_dictionary_is_private_but_for_info() {
    both("P-54", async || {
        let mut mailbox = mailbox();
        let parent = me();
        local::put("count", 1_u32);
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            local::put("count", 2_u32);
            send(parent, "put");
            mailbox.receive::<Stop>().await;
        });
        mailbox.receive::<&'static str>().await;
        assert_eq!(local::get::<u32>("count"), Some(1));
        let seen = info(child).await.expect("it waits for Stop");
        assert_eq!(seen.locals, [("count".to_owned(), "2".to_owned())]);

        send(child, Stop);
        down(&mut mailbox, reference).await;
        assert!(info(child).await.is_none());
        assert_eq!(local::get::<u32>("count"), Some(1));
    });
}

#[test]
fn p_055_a_label_can_be_read_by_others() {
    both("P-55", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = spawn(async move |mut mailbox: Mailbox| {
            set_label("indexer");
            send(parent, "labelled");
            mailbox.receive::<Stop>().await;
        });
        mailbox.receive::<&'static str>().await;
        let seen = info(child).await.expect("it waits for Stop");
        assert_eq!(seen.label.as_deref(), Some("indexer"));
    });
}
