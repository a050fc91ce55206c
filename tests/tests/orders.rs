//! The order-processing service on threads, under kills: nothing that was promised is broken.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::ExitReason;
use beamline_scenarios::orders::soak::{Plan, soak};
use beamline_sim::on_threads;

#[test]
fn the_service_survives_random_kills() {
    let plan = Plan {
        time: Duration::from_secs(2),
        ..Plan::default()
    };
    let summary = Arc::new(Mutex::new(None));
    let told = Arc::clone(&summary);
    let run = on_threads(4, move || {
        let (plan, told) = (plan.clone(), Arc::clone(&told));
        async move {
            let summary = soak(plan).await?;
            *told.lock().expect("nobody panicked") = Some(summary);
            Ok::<(), ExitReason>(())
        }
    });
    assert!(run.is_clean(), "{run:?}");
    let summary = summary.lock().expect("nobody panicked").take();
    let summary = summary.expect("it told what it came to");
    assert!(
        summary.shipped > 0 && !summary.kills.is_empty(),
        "{summary}"
    );
}
