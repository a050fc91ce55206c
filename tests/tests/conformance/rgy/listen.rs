//! Listeners.

use super::*;

type Event = RegistryEvent<&'static str, u32>;

#[test]
fn rgy_034_listeners_hear_of_registrations_and_never_of_a_death() {
    both("RGY-34", async || {
        let mut mailbox = mailbox();
        register("listener", me()).await.expect("the name is free");
        let registry = Numbers::duplicate().name("numbers").listener("listener");
        let registry = registry.start_link().await.expect("nothing is in its way");
        let pid = member(&mut mailbox, &registry, "key", 1).await;
        let (key, value) = ("key", 1);
        let name = || Name::from("numbers");
        let registered = Event::Registered {
            registry: name(),
            key,
            pid,
            value,
        };
        assert_eq!(mailbox.receive::<Event>().await, registered);
        registry.register("own", 2).await.expect("any number may");
        mailbox.receive::<Event>().await;
        registry.unregister(&"own").await;
        let (key, own) = ("own", me());
        let unregistered = Event::Unregistered {
            registry: name(),
            key,
            pid: own,
        };
        assert_eq!(mailbox.receive::<Event>().await, unregistered);
        end(&mut mailbox, pid).await;
        settles_at(&registry, 0).await;
        assert_eq!(mailbox.receive_timeout::<Event>(Duration::ZERO).await, None);
    });
}

#[test]
fn rgy_035_only_an_unregistration_is_told_of_without_effect() {
    both("RGY-35", async || {
        let mut mailbox = mailbox();
        register("listener", me()).await.expect("the name is free");
        let registry = Numbers::unique().listener("listener").start_link().await;
        let registry = registry.expect("nothing is in its way");
        member(&mut mailbox, &registry, "key", 1).await;
        mailbox.receive::<Event>().await;
        assert!(registry.register("key", 2).await.is_err());
        assert_eq!(mailbox.receive_timeout::<Event>(Duration::ZERO).await, None);
        registry.unregister(&"absent").await;
        let told = mailbox.receive::<Event>().await;
        assert!(
            matches!(told, Event::Unregistered { key: "absent", .. }),
            "{told:?}"
        );
    });
}

#[test]
fn rgy_036_unregister_match_is_told_of_when_nothing_is_left() {
    both("RGY-36", async || {
        let mut mailbox = mailbox();
        register("listener", me()).await.expect("the name is free");
        let registry = Numbers::duplicate().listener("listener").start_link().await;
        let registry = registry.expect("nothing is in its way");
        for value in 1..=2 {
            registry
                .register("key", value)
                .await
                .expect("any number may");
            mailbox.receive::<Event>().await;
        }
        registry.unregister_match(&"key", |value| *value == 1).await;
        assert_eq!(mailbox.receive_timeout::<Event>(Duration::ZERO).await, None);
        for _ in 0..2 {
            registry.unregister_match(&"key", |_| true).await;
            let told = mailbox.receive::<Event>().await;
            assert!(
                matches!(told, Event::Unregistered { key: "key", .. }),
                "{told:?}"
            );
        }
    });
}
