//! The process of a partition: it is linked to whoever registers, forgets those that end, and hands
//! out locks.

use std::sync::Arc;

use super::handle::{Key, Value};
use super::lock::{LockRequest, Locks, Unlock};
use super::shared::Shared;
use crate::kernel::calls::Asked;
use crate::kernel::handle::Exit;
use crate::kernel::monitors::Down;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::start::Unready;
use crate::process::request::open;
use crate::process::{Mailbox, me, trap_exit};
use crate::receive;

/// A partition exists as long as this does, which its process holds: when that ends, whatever the
/// reason, the entries are lost (RGY-40).
struct Owned<K, V> {
    shared: Arc<Shared<K, V>>,
    at: usize,
}

impl<K, V> Drop for Owned<K, V> {
    fn drop(&mut self) {
        let partition = &self.shared.partitions[self.at];
        partition.set_owner(None);
        partition.clear();
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
    shared.partitions[at].set_owner(Some(me()));
    let owned = Owned { shared, at };
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
            asked in Asked<LockRequest<K>> => locks.ask(open(asked)),
            unlock in Unlock<K> => locks.release(&unlock.key, unlock.reference),
            down in Down => locks.forget(down.reference),
        }
    }
}
