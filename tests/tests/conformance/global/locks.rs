//! Locks.

use super::*;

type Id = LockId<(&'static str, u32)>;

/// One resource, in the name of the caller.
fn disk() -> Id {
    LockId::new(("disk", 0))
}

/// A process that takes a lock, says so, and holds it until it is told to [`Stop`].
async fn holder(mailbox: &mut Mailbox, names: &Names, id: Id) -> Pid {
    let (names, parent) = (names.clone(), me());
    let pid = spawn(async move |mut mailbox: Mailbox| {
        let held = names.set_lock(&id, Retries::Forever).await;
        send(parent, (me(), held));
        mailbox.receive::<Stop>().await;
    });
    let (_, held) = mailbox
        .receive_where(|(from, _): &(Pid, bool)| *from == pid)
        .await;
    assert!(held, "it waits as long as it takes");
    pid
}

/// In the name of a process that does nothing else.
fn in_name_of(requester: Pid) -> Id {
    disk().requester(requester)
}

#[test]
fn reg_022_a_lock_is_not_counted() {
    both("REG-22", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let other = idle();
        names.del_lock(&disk()).await;
        for _ in 0..2 {
            assert!(names.set_lock(&disk(), 0).await);
        }
        // The holder is one in whose name it is asked for.
        assert!(!names.set_lock(&in_name_of(other), 0).await);
        names.del_lock(&in_name_of(other)).await;
        assert!(!names.set_lock(&in_name_of(other), 0).await);
        names.del_lock(&disk()).await;
        assert!(names.set_lock(&in_name_of(other), 0).await);
        // Others give back what is theirs alone.
        let (theirs, id) = (names.clone(), in_name_of(other));
        let (_, watch) = spawn_monitor(async move |_: Mailbox| theirs.del_lock(&id).await);
        down(&mut mailbox, watch).await;
        assert!(!names.set_lock(&disk(), 0).await);
    });
}

#[test]
fn reg_022_locks_and_names_have_nothing_to_do_with_each_other() {
    both("REG-22 and names", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let pid = holder(&mut mailbox, &names, in_name_of(idle())).await;
        names.register_name(("disk", 0), me()).await?;
        assert_eq!(names.whereis_name(&("disk", 0)).await, Some(me()));
        assert!(!names.set_lock(&disk(), 0).await);
        names.unregister_name(&("disk", 0)).await;
        assert!(!names.set_lock(&disk(), 0).await);
        names.register_name(("disk", 0), pid).await?;
        end(&mut mailbox, pid).await;
        assert!(names.set_lock(&disk(), Retries::Forever).await);
        settles_at(&names, 0).await;
        assert!(names.set_lock(&LockId::new(("other", 0)), 0).await);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_023_processes_of_one_requester_share_a_lock() {
    both("REG-23", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let group = idle();
        let first = holder(&mut mailbox, &names, in_name_of(group)).await;
        let second = holder(&mut mailbox, &names, in_name_of(group)).await;
        assert!(names.set_lock(&in_name_of(group), 0).await);
        assert!(!names.set_lock(&disk(), 0).await);
        names.del_lock(&in_name_of(group)).await;
        assert!(!names.set_lock(&disk(), 0).await, "two hold it still");
        end(&mut mailbox, first).await;
        assert!(!names.set_lock(&disk(), 0).await, "one holds it still");
        end(&mut mailbox, second).await;
        assert!(names.set_lock(&disk(), Retries::Forever).await);
    });
}

#[test]
fn reg_023_those_that_wait_together_get_a_lock_together() {
    both("REG-23 waiting", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let names = names().await;
        let group = idle();
        assert!(names.set_lock(&disk(), 0).await);
        for id in [in_name_of(group), in_name_of(idle()), in_name_of(group)] {
            let names = names.clone();
            spawn(async move |mut mailbox: Mailbox| {
                assert!(names.set_lock(&id, Retries::Forever).await);
                send(root, (me(), id.clone()));
                mailbox.receive::<Stop>().await;
                names.del_lock(&id).await;
            });
        }
        names.del_lock(&disk()).await;
        let mut heard = 0;
        while heard < 3 {
            let mut inside = vec![mailbox.receive::<(Pid, Id)>().await];
            // Nobody is let in who does not share it with those inside.
            while let Some(other) = mailbox.receive_timeout::<(Pid, Id)>(SHORT).await {
                inside.push(other);
            }
            let shared = inside.iter().all(|(_, id)| *id == inside[0].1);
            assert!(shared, "{inside:?}");
            heard += inside.len();
            for (pid, _) in inside {
                send(pid, Stop);
            }
        }
        assert!(names.set_lock(&disk(), Retries::Forever).await);
    });
}

/// Long enough for who is let in to say so; nothing depends on it.
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn reg_024_a_lock_is_tried_for_as_often_as_told() {
    both("REG-24", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let pid = holder(&mut mailbox, &names, in_name_of(idle())).await;
        assert!(!names.set_lock(&disk(), 0).await);
        assert!(!names.set_lock(&disk(), Retries::Times(0)).await);
        // In vain however often, if it is held; then once more is enough.
        let (theirs, parent) = (names.clone(), me());
        spawn(async move |mut mailbox: Mailbox| {
            send(parent, theirs.set_lock(&disk(), Retries::Forever).await);
            mailbox.receive::<Stop>().await;
        });
        expect_nothing(&mut mailbox, "it waits").await;
        end(&mut mailbox, pid).await;
        assert!(mailbox.receive::<bool>().await);
    });
}

#[test]
fn reg_024_retries_are_a_quarter_second_apart_and_then_twice_as_long() {
    beamline_tests::on_sim("REG-24 retries", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        holder(&mut mailbox, &names, in_name_of(idle())).await;
        for (retries, waited) in [(0, 0), (1, 250), (3, 250 + 500 + 1_000)] {
            let before = now();
            assert!(!names.set_lock(&disk(), retries).await);
            assert!(now() - before >= Duration::from_millis(waited));
        }
    });
}

#[test]
fn reg_024_who_gives_up_waiting_gets_no_lock() {
    both("REG-24 gives up", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let pid = holder(&mut mailbox, &names, in_name_of(idle())).await;
        let (theirs, parent) = (names.clone(), me());
        let waiter = spawn(async move |mut mailbox: Mailbox| {
            let id = disk();
            {
                let mut asked = std::pin::pin!(theirs.set_lock(&id, Retries::Forever));
                let mut rounds = 0;
                std::future::poll_fn(|cx| {
                    let _ = asked.as_mut().poll(cx);
                    rounds += 1;
                    cx.waker().wake_by_ref();
                    match rounds {
                        0..3 => std::task::Poll::Pending,
                        _ => std::task::Poll::Ready(()),
                    }
                })
                .await;
            }
            send(parent, "gave up");
            mailbox.receive::<Stop>().await;
        });
        assert_eq!(mailbox.receive::<&str>().await, "gave up");
        send(pid, Stop);
        assert!(names.set_lock(&disk(), Retries::Forever).await);
        assert!(alive(waiter).await);
    });
}

#[test]
fn reg_025_the_lock_of_the_dead_is_free() {
    both("REG-25", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let pid = holder(&mut mailbox, &names, in_name_of(idle())).await;
        let theirs = names.clone();
        let waiter = spawn(async move |_: Mailbox| {
            theirs.set_lock(&disk(), Retries::Forever).await;
            std::future::pending::<()>().await;
        });
        yield_now().await;
        exit(waiter, ExitReason::Kill);
        exit(pid, ExitReason::Kill);
        // Whoever waited and died is skipped.
        assert!(names.set_lock(&disk(), Retries::Forever).await);
    });
}

#[test]
fn reg_026_a_transaction_runs_under_the_lock_or_not_at_all() {
    both("REG-26", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let inside = Arc::new(AtomicBool::new(false));
        let root = me();
        for _ in 0..3 {
            let (names, inside) = (names.clone(), Arc::clone(&inside));
            spawn(async move |_: Mailbox| {
                let body = async {
                    let alone = !inside.swap(true, Ordering::SeqCst);
                    yield_now().await;
                    inside.store(false, Ordering::SeqCst);
                    alone
                };
                let id = disk();
                let alone = names.transaction(&id, Retries::Forever, body);
                send(root, alone.await);
            });
        }
        for _ in 0..3 {
            let alone = mailbox.receive::<Result<bool, Aborted>>().await;
            assert_eq!(alone, Ok(true), "two were inside");
        }
        // Given back by the time that it is over.
        assert!(names.set_lock(&in_name_of(idle()), 0).await);
        let id = disk();
        let aborted = names.transaction(&id, 0, async { unreachable!("it is held") });
        assert_eq!(aborted.await, Err::<(), _>(Aborted));
    });
}

#[test]
fn reg_026_a_transaction_gives_the_lock_back_however_it_ends() {
    both("REG-26 panics", async || {
        let names = names().await;
        let id = disk();
        let held = names.transaction(&id, 0, async {
            let panics = names.transaction(&id, 0, async {
                if alive(me()).await {
                    panic!("no more");
                }
            });
            beamline::catch_exit(panics).await
        });
        let caught = held.await.expect("it is free");
        assert!(matches!(caught, Err(ExitReason::Panicked(_))), "{caught:?}");
        // The same process held it twice, which is once.
        assert!(names.set_lock(&in_name_of(idle()), 0).await);
    });
}
