//! SUP-8xx, SUP-13xx, SUP-14xx: stopping.

use super::*;

#[test]
fn sup_801_children_stop_one_after_another_in_reverse() {
    both("SUP-801", async || {
        let slow = |id| child_with(id, Manner::Slow(SHORT)).shutdown(Shutdown::Infinity);
        let supervisor = patient([slow("a"), child("b"), slow("c")]).await;
        let supervisor = supervisor.expect("it starts");
        ups(["a", "b", "c"]).await;
        let begun = now();
        supervisor.stop().await.expect("it runs");
        stops(["c", "b", "a"]).await;
        assert!(begun.elapsed() >= 2 * SHORT);
    });
}

#[test]
fn sup_802_a_child_that_does_not_stop_in_time_is_killed_and_reported() {
    both("SUP-802", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let deaf = child_with("a", Manner::Deaf).shutdown(SHORT);
        let supervisor = patient([deaf]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let watch = watch(a).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        // SUP-807
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}

#[test]
fn sup_804_a_brutal_stop_asks_nobody() {
    both("SUP-804", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient([child("a").shutdown(Shutdown::Brutal)]).await;
        let supervisor = supervisor.expect("it starts");
        let [a] = ups(["a"]).await;
        let watch = watch(a).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        assert_eq!(complaints(&mut mailbox).await, []);
        assert_eq!(log().take(), None, "nobody was asked");
    });
}

#[test]
fn sup_806_which_ends_are_fine() {
    both("SUP-806", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for (restart, ending, fine) in [
            (Restart::Permanent, ExitReason::Shutdown, true),
            (Restart::Permanent, ExitReason::Normal, false),
            (Restart::Transient, ExitReason::Normal, true),
            (Restart::Transient, ExitReason::shutdown_with(1), true),
            (Restart::Transient, boom(), false),
        ] {
            let spec = ends_with("a", ending.clone()).restart(restart);
            let supervisor = patient([spec]).await.expect("it starts");
            assert_eq!(supervisor.terminate_child("a").await, Ok(()));
            let complained = complaints(&mut mailbox).await;
            let expected: Vec<_> = Some(ending).filter(|_| !fine).into_iter().collect();
            assert_eq!(complained, expected);
        }
    });
}

#[test]
fn sup_809_no_exit_of_a_stopped_child_is_left() {
    both("SUP-809", async || {
        let slow = child_with("a", Manner::Hesitant(SHORT));
        let supervisor = patient([slow, child("b")]).await.expect("it starts");
        let [a, _] = ups(["a", "b"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let asked = supervisor.clone();
        let asked = Task::spawn(async move { asked.terminate_child("a").await });
        stops(["a"]).await;
        // While it takes its time, it is linked still: a supervisor that is killed now takes it
        // along. Of the two one may have ended meanwhile.
        let linked = info(pid).await.map(|it| it.links.contains(&a));
        assert!(linked == Some(true) || !alive(a).await, "{linked:?}");
        // Suspended behind that request, the supervisor would keep what is left in its mailbox.
        suspended(&supervisor).await;
        assert_eq!(asked.join(None).await, Ok(Ok(())));
        let queued = info(pid).await.expect("it runs").message_queue_len;
        assert_eq!(queued, 0);
        resumed(&supervisor).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
    });
}

#[test]
fn sup_812_a_child_that_has_unlinked_itself_is_stopped_all_the_same() {
    both("SUP-812", async || {
        let mut mailbox = mailbox();
        let log = log();
        let spec = ChildSpec::new("a", move || {
            let (supervisor, log) = (me(), log.clone());
            async move {
                Ok::<_, StartError>(spawn_link(async move |mut mailbox: Mailbox| {
                    unlink(supervisor);
                    log.tell(Told::Up("a", me()));
                    mailbox.receive::<End>().await;
                }))
            }
        });
        let spec = spec.shutdown(Shutdown::Infinity);
        let supervisor = patient([spec]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let watch = watch(a).await;
        supervisor.stop().await.expect("it runs");
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_816_children_of_a_killed_supervisor_die_through_their_links() {
    both("SUP-816", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let plain = ChildSpec::new("a", || async {
            Ok::<_, StartError>(spawn_link(async |mut mailbox: Mailbox| {
                mailbox.receive::<End>().await;
            }))
        });
        let supervisor = patient([plain]).await.expect("it starts");
        let child = state(&supervisor, "a").await.pid().expect("it runs");
        let watch = watch(child).await;
        let pid = supervisor.whereis().await.expect("it runs");
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
    });
}

#[test]
fn sup_1301_the_end_of_the_parent_stops_all() {
    both("SUP-1301", async || {
        let mut mailbox = mailbox();
        let test = me();
        for reason in [ExitReason::Shutdown, boom()] {
            let children = [child("a"), child("b")];
            let parent = spawn(async move |mut mailbox: Mailbox| {
                let supervisor = patient(children).await.expect("it starts");
                send(test, supervisor.whereis().await);
                mailbox.receive::<End>().await.0
            });
            ups(["a", "b"]).await;
            let pid = mailbox.receive::<Option<Pid>>().await.expect("it runs");
            let watch = watch(pid).await;
            send(parent, End(reason.clone()));
            stops(["b", "a"]).await;
            assert_eq!(down(&mut mailbox, watch).await, reason);
        }
    });
}

#[test]
fn sup_1406_a_tree_is_stopped_depth_first() {
    both("SUP-1406", async || {
        let inner = Supervisor::child([child("b"), child("c")]).id("inner");
        let outer = patient([child("a"), inner, child("d")]).await;
        let outer = outer.expect("it starts");
        ups(["a", "b", "c", "d"]).await;
        outer.stop().await.expect("it runs");
        stops(["d", "c", "b", "a"]).await;
    });
}

#[test]
fn sup_803_a_child_may_take_as_long_as_it_likes() {
    both("SUP-803", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let slow = child_with("a", Manner::Slow(4 * SHORT)).shutdown(Shutdown::Infinity);
        let supervisor = patient([slow]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let watch = watch(a).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert_eq!(complaints(&mut mailbox).await, []);
    });
}

#[test]
fn sup_805_no_time_at_all_is_a_kill_after_a_question() {
    both("SUP-805", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let deaf = child_with("a", Manner::Deaf).shutdown(Duration::ZERO);
        let supervisor = patient([deaf]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let death = watch(a).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert_eq!(down(&mut mailbox, death).await, ExitReason::Killed);
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
        // One that does not trap exits ends of the question, if that comes first at all.
        let plain = ChildSpec::new("b", || async {
            let pid = spawn_link(async |_: Mailbox| std::future::pending::<()>().await);
            Ok::<_, StartError>(pid)
        });
        let supervisor = patient([plain.shutdown(Duration::ZERO)])
            .await
            .expect("it starts");
        let b = state(&supervisor, "b").await.pid().expect("it runs");
        let death = watch(b).await;
        assert_eq!(supervisor.terminate_child("b").await, Ok(()));
        assert_eq!(down(&mut mailbox, death).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_807_a_child_that_is_killed_is_reported_as_killed() {
    both("SUP-807", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let deaf = child_with("a", Manner::Deaf).restart(Restart::Temporary);
        let supervisor = patient([child("b"), deaf.shutdown(SHORT)]).await;
        let supervisor = supervisor.expect("it starts");
        ups(["b", "a"]).await;
        supervisor.stop().await.expect("it runs");
        stops(["b"]).await;
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}

#[test]
fn sup_808_a_complaint_changes_nothing() {
    both("SUP-808", async || {
        let deaf = |id| child_with(id, Manner::Deaf).shutdown(Duration::ZERO);
        let supervisor = patient([child("a"), deaf("b"), child("c"), deaf("d")]).await;
        let supervisor = supervisor.expect("it starts");
        ups(["a", "b", "c", "d"]).await;
        assert_eq!(supervisor.terminate_child("d").await, Ok(()));
        assert_eq!(state(&supervisor, "d").await, ChildState::Stopped);
        assert_eq!(supervisor.stop().await, Ok(()));
        stops(["c", "a"]).await;
    });
}

#[test]
fn sup_810_the_reason_of_a_child_that_was_dead_before() {
    both("SUP-810", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for (restart, ending, fine) in [
            (Restart::Permanent, boom(), false),
            (Restart::Permanent, ExitReason::Normal, false),
            (Restart::Transient, ExitReason::Normal, true),
            (Restart::Permanent, ExitReason::Shutdown, true),
        ] {
            let supervisor = patient([child("a").restart(restart)]).await;
            let supervisor = supervisor.expect("it starts");
            let [a] = ups(["a"]).await;
            let pid = supervisor.whereis().await.expect("it runs");
            suspended(&supervisor).await;
            let asked = supervisor.clone();
            let asked = Task::spawn(async move { asked.terminate_child("a").await });
            queue_of(pid, 1).await;
            end(&mut mailbox, a, ending.clone()).await;
            resumed(&supervisor).await;
            assert_eq!(asked.join(None).await, Ok(Ok(())));
            assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
            let expected: Vec<_> = Some(ending).filter(|_| !fine).into_iter().collect();
            assert_eq!(complaints(&mut mailbox).await, expected);
            let queued = info(pid).await.expect("it runs").message_queue_len;
            assert_eq!(queued, 0, "its exit was taken");
        }
    });
}

#[test]
fn sup_810_children_may_end_while_their_supervisor_stops() {
    both("SUP-810", async || {
        for reason in [ExitReason::Normal, boom()] {
            let children = [child("a"), child("b"), child("c")];
            let supervisor = patient(children).await.expect("it starts");
            let mut pids = ups(["a", "b", "c"]).await.to_vec();
            for pid in &pids {
                send(*pid, End(reason.clone()));
            }
            assert_eq!(supervisor.stop().await, Ok(()));
            while let Some(told) = log().take() {
                if let Told::Up(_, again) = told {
                    pids.push(again);
                }
            }
            for pid in pids {
                assert!(!alive(pid).await);
            }
        }
    });
}

#[test]
fn sup_811_a_supervisor_that_waits_for_a_child_does_nothing_else() {
    both("SUP-811", async || {
        let mut mailbox = mailbox();
        let slow = child_with("b", Manner::Hesitant(SHORT));
        let supervisor = patient([child("a"), slow]).await.expect("it starts");
        let [a, b] = ups(["a", "b"]).await;
        let asked = supervisor.clone();
        let asked = Task::spawn(async move { asked.terminate_child("b").await });
        stops(["b"]).await;
        // It is on its way out; whatever is asked meanwhile comes after it.
        end(&mut mailbox, a, boom()).await;
        let counts = supervisor.count_children().await.expect("it runs");
        assert!(!alive(b).await, "{counts:?}");
        assert_eq!(asked.join(None).await, Ok(Ok(())));
        ups(["a"]).await;
    });
}

#[test]
fn sup_813_children_that_do_not_run_are_skipped() {
    both("SUP-813", async || {
        let mut mailbox = mailbox();
        let (b, _) = failing("b", u32::MAX);
        let children = [child("a"), b, child("c")];
        let supervisor = Supervisor::start_link(children).max_restarts(1_000_000, LONG);
        let supervisor = supervisor.await.expect("it starts");
        let [_, b, _] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, b, boom()).await;
        becomes(&supervisor, "b", ChildState::Restarting(Some(b))).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        stops(["a"]).await;
        assert_eq!(supervisor.stop().await, Ok(()));
        stops(["c"]).await;
        assert_eq!(log().take(), None);
    });
}

#[test]
fn sup_814_who_is_stopped_stays_known_unless_temporary() {
    both("SUP-814", async || {
        let children = [
            child("a"),
            child("b").restart(Restart::Transient),
            child("c").restart(Restart::Temporary),
        ];
        let supervisor = patient(children).await.expect("it starts");
        for id in ["a", "b", "c"] {
            assert_eq!(supervisor.terminate_child(id).await, Ok(()));
        }
        assert_eq!(listed(&supervisor).await, ["b", "a"].map(Name::from));
    });
}

#[test]
fn sup_815_all_are_stopped_whyever_a_supervisor_ends() {
    both("SUP-815", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for way in 0..3 {
            let significant = child("c").restart(Restart::Temporary).significant(true);
            let supervisor = Supervisor::start_link([child("a"), child("b"), significant])
                .max_restarts(0, LONG)
                .auto_shutdown(AutoShutdown::AnySignificant)
                .await;
            let supervisor = supervisor.expect("it starts");
            let pid = supervisor.whereis().await.expect("it runs");
            let watch = watch(pid).await;
            let [_, b, c] = ups(["a", "b", "c"]).await;
            match way {
                0 => {
                    let _ = beamline::stop(supervisor.clone(), boom(), None).await;
                    stops(["c", "b", "a"]).await;
                }
                1 => {
                    end(&mut mailbox, b, boom()).await;
                    stops(["c", "a"]).await;
                }
                _ => {
                    end(&mut mailbox, c, boom()).await;
                    stops(["b", "a"]).await;
                }
            }
            let reason = down(&mut mailbox, watch).await;
            assert_eq!(reason == boom(), way == 0, "{reason}");
        }
    });
}
