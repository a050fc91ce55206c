//! Entries as addresses.

use super::*;

#[test]
fn rgy_038_a_duplicate_registry_gives_no_addresses() {
    both("RGY-38", async || {
        let mut mailbox = mailbox();
        let (_, watch) = spawn_monitor(async |_: Mailbox| {
            let [registry, ..] = duplicate().await;
            let _ = beamline::via(&registry, "key");
        });
        let reason = down(&mut mailbox, watch).await;
        let text = format!("{reason}");
        assert!(
            text.contains("not supported for duplicate registries"),
            "{text}"
        );
    });
}

#[test]
fn rgy_039_sending_to_a_key() {
    both("RGY-39", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let refused = registry.send(&"key", 7_u32).await;
            assert!(refused.is_err(), "nobody is there");
            registry.register("key", 1).await.expect("it is free");
            registry
                .send(&"key", 7_u32)
                .await
                .expect("this process is there");
            assert_eq!(mailbox.receive::<u32>().await, 7);
        }
    });
}
