//! What a supervisor does when it is asked for something.
//!
//! # Semantics
//! SUP-1001 to SUP-1020, DSUP-10 to DSUP-12, DSUP-22.

use super::call::{Answer, ChildInfo, Counts, SupervisorError};
use super::core::Supervisor;
use super::observe;
use super::options::Kind;
use super::spec::{ChildSpec, ChildType, Restart};
use super::table::{ChildState, Key};
use crate::kernel::pid::Pid;
use crate::otp::start::StartError;
use crate::process::alive;
use crate::process::observe::supervisor::Why;

impl Supervisor {
    pub(super) fn child(&self, id: &str) -> Answer<(Key, ChildState)> {
        let found = self.children.of_id(id).and_then(|key| {
            let child = self.children.get(key)?;
            Some((key, child.state()))
        });
        found.ok_or(SupervisorError::NotFound)
    }

    /// SUP-1001, SUP-1008 to SUP-1010, DSUP-10, DSUP-12.
    pub(super) async fn start_child(&mut self, spec: ChildSpec) -> Answer<Pid> {
        match self.settings.kind {
            Kind::Dynamic { max_children } => {
                if max_children.is_some_and(|max| {
                    self.children.len() >= max + usize::from(mutant!(OneTooMany))
                }) {
                    return Err(SupervisorError::MaxChildren);
                }
            }
            Kind::Static => {
                spec.check(self.settings.auto_shutdown)?;
                match self.child(&spec.id) {
                    Err(_) => {}
                    Ok(_) if mutant!(AllowTwins) => {}
                    Ok((_, ChildState::Running(pid))) => {
                        return Err(SupervisorError::AlreadyStarted(pid));
                    }
                    Ok(_) => return Err(SupervisorError::AlreadyPresent),
                }
            }
        }
        match observe::run(&spec, None, Why::Asked).await {
            Ok(pid) => {
                if mutant!(EnterTwice) {
                    let key = self.children.push(spec.clone(), false);
                    self.started(key, pid);
                }
                let key = self.children.push(spec, self.is_static());
                self.started(key, pid);
                Ok(pid)
            }
            Err(StartError::Ignore) => {
                if self.is_static() && spec.restart != Restart::Temporary {
                    self.children.push(spec, true);
                }
                Err(StartError::Ignore.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// SUP-1002, SUP-1017, SUP-1018.
    pub(super) async fn terminate_child(&mut self, id: &str) -> Answer<()> {
        let (key, _) = self.child(id)?;
        self.stop(key).await;
        Ok(())
    }

    /// DSUP-22. The children of a static supervisor are not addressed by pid (SUP-1013).
    pub(super) async fn terminate_pid(&mut self, pid: Pid) -> Answer<()> {
        if self.is_static() {
            return Err(SupervisorError::NotFound);
        }
        let key = self.children.of_pid(pid).ok_or(SupervisorError::NotFound)?;
        match self.pid(key) {
            Some(_) => self.stop_together(vec![key]).await,
            None => self.children.remove(key),
        }
        Ok(())
    }

    /// SUP-1003, SUP-1011, SUP-1012.
    pub(super) async fn restart_child(&mut self, id: &str) -> Answer<Pid> {
        let key = self.stopped(id)?;
        match observe::run(&self.spec(key), Some(key), Why::AskedAgain).await {
            Ok(pid) => {
                self.started(key, pid);
                Ok(pid)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// SUP-1004.
    pub(super) fn delete_child(&mut self, id: &str) -> Answer<()> {
        let key = self.stopped(id)?;
        self.children.remove(key);
        Ok(())
    }

    fn stopped(&self, id: &str) -> Answer<Key> {
        match self.child(id)? {
            (key, ChildState::Stopped) => Ok(key),
            (key, _) if mutant!(DeleteRunning) => Ok(key),
            (_, ChildState::Running(pid)) => Err(SupervisorError::Running(pid)),
            (_, ChildState::Restarting(_)) => Err(SupervisorError::Restarting),
        }
    }

    pub(super) fn info(&self, key: Key) -> ChildInfo {
        let spec = self.spec(key);
        ChildInfo {
            id: self.is_static().then_some(spec.id),
            child: self
                .children
                .get(key)
                .map_or(ChildState::Stopped, |child| child.state()),
            kind: spec.kind,
        }
    }

    /// SUP-1006, SUP-1014, DSUP-31: the youngest first.
    pub(super) fn which(&self) -> Vec<ChildInfo> {
        let keys = self.children.keys(..).into_iter().rev();
        keys.map(|key| self.info(key)).collect()
    }

    /// SUP-1015, DSUP-32.
    pub(super) async fn count(&self) -> Counts {
        let mut counts = Counts {
            specs: self.children.len() + usize::from(mutant!(Miscount)),
            ..Counts::default()
        };
        for child in self.children.iter() {
            match child.spec.kind {
                ChildType::Worker => counts.workers += 1,
                ChildType::Supervisor => counts.supervisors += 1,
            }
            if let Some(pid) = child.state().pid()
                && (!self.is_static() || alive(pid).await)
            {
                counts.active += 1;
            }
        }
        counts
    }
}
