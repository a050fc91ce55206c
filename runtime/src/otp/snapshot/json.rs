//! A snapshot as JSON.

use serde_json::{Value, json};

use super::view::{Answer, ChildView, ProcessView, Snapshot};
use crate::otp::supervisor::{ChildState, ChildType, Restart, Shutdown};

impl Snapshot {
    /// The snapshot as JSON: what its text shows and more, under the names of the fields. Times are
    /// in seconds, pids are text.
    pub fn to_json(&self) -> Value {
        json!({
            "time": self.time.as_secs_f64(),
            "root": self.root.to_json(),
        })
    }
}

fn text_of(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

impl ProcessView {
    fn to_json(&self) -> Value {
        let info = &self.info;
        let calls = info
            .calls
            .iter()
            .map(|call| json!({ "to": call.to.to_string(), "without_limit": call.without_limit }));
        let mut shown = json!({
            "pid": info.pid.to_string(),
            "name": info.name.as_ref().map(ToString::to_string),
            "label": info.label,
            "runs": info.initial_call,
            "status": format!("{:?}", info.status).to_lowercase(),
            "message_queue_len": info.message_queue_len,
            "trap_exit": info.trap_exit,
            "links": text_of(&info.links),
            "monitors": text_of(&info.monitors),
            "calls": calls.collect::<Vec<_>>(),
            "others": self.others.iter().map(ProcessView::to_json).collect::<Vec<_>>(),
        });
        match &self.answer {
            Answer::NotAsked => {}
            Answer::Late => shown["answers"] = json!(false),
            Answer::Status { suspended, state } => {
                shown["answers"] = json!(true);
                shown["suspended"] = json!(suspended);
                shown["state"] = json!(state);
            }
        }
        if let Some(supervision) = &self.supervision {
            shown["supervision"] = json!({
                "dynamic": supervision.dynamic,
                "max_children": supervision.max_children,
                "strategy": format!("{:?}", supervision.strategy),
                "max_restarts": supervision.max_restarts,
                "within": supervision.within.as_secs_f64(),
                "restarts_left": supervision.restarts_left,
                "auto_shutdown": format!("{:?}", supervision.auto_shutdown),
                "children": self.children.iter().map(ChildView::to_json).collect::<Vec<_>>(),
            });
        }
        shown
    }
}

impl ChildView {
    fn to_json(&self) -> Value {
        let spec = &self.spec;
        let state = match spec.child {
            ChildState::Running(_) => "running",
            ChildState::Stopped => "stopped",
            ChildState::Restarting(_) => "restarting",
        };
        json!({
            "id": spec.id.as_ref().map(ToString::to_string),
            "state": state,
            "restart": restart(spec.restart),
            "shutdown": shutdown(spec.shutdown),
            "supervisor": spec.kind == ChildType::Supervisor,
            "significant": spec.significant,
            "process": self.process.as_ref().map(ProcessView::to_json),
        })
    }
}

/// When a child is started again, in a word.
fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::Permanent => "permanent",
        Restart::Transient => "transient",
        Restart::Temporary => "temporary",
    }
}

/// How a child is stopped, in words.
fn shutdown(shutdown: Shutdown) -> String {
    match shutdown {
        Shutdown::Brutal => "brutal".into(),
        Shutdown::Timeout(time) => format!("{time:?}"),
        Shutdown::Infinity => "infinity".into(),
    }
}
