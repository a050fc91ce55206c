//! The process of a partition: it is linked to whoever registers, forgets those that end, and hands
//! out locks.

use std::sync::Arc;

use super::handle::{Key, Value};
use super::lock::{LockRequest, Unlock};
use super::shared::Shared;
use crate::kernel::calls::Asked;
use crate::kernel::handle::Exit;
use crate::kernel::monitors::Down;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::locks::Locks;
use crate::otp::start::Unready;
use crate::process::request::open;
use crate::process::{Mailbox, me, trap_exit};
use crate::receive;

/// A partition exists as long as this does, which its process holds: when that ends, whatever the
/// reason, the entries are lost (RGY-40).
struct Owned<K, V> {
    shared: Arc<Shared<K, V>>,
    at: usize,
    owner: Pid,
}

impl<K, V> Drop for Owned<K, V> {
    fn drop(&mut self) {
        let partition = &self.shared.partitions[self.at];
        // A registry that was killed may run again before all of its partitions have ended.
        if partition.owner() == Some(self.owner) {
            partition.set_owner(None);
            self.shared.clear(self.at);
        }
    }
}

/// What a partition's process does, given who started it.
pub(super) async fn begin<K: Key, V: Value>(
    mailbox: Mailbox,
    shared: Arc<Shared<K, V>>,
    at: usize,
    root: Pid,
) -> Result<((), impl Future<Output = ExitReason>), Unready> {
    trap_exit(true);
    shared.point("opens a partition", true).await;
    let owner = me();
    shared.clear(at);
    shared.partitions[at].set_owner(Some(owner));
    let owned = Owned { shared, at, owner };
    Ok(((), watch_over(mailbox, owned, root)))
}

#[expect(clippy::allow_attributes, reason = "those of the macro `receive!`")]
async fn watch_over<K: Key, V: Value>(
    mut mailbox: Mailbox,
    owned: Owned<K, V>,
    root: Pid,
) -> ExitReason {
    let mut locks = Locks::default();
    loop {
        receive! { mailbox;
            exit in Exit => {
                if exit.from == root {
                    return exit.reason;
                }
                owned.shared.point("forgets a process", true).await;
                owned.shared.forget(owned.at, exit.from);
            },
            asked in Asked<LockRequest<K>> => {
                let (key, ask) = open(asked).into_parts();
                locks.ask(key, ask);
            },
            unlock in Unlock<K> => locks.withdraw(&unlock.key, unlock.id),
            down in Down => locks.forget(down.reference),
        }
    }
}
