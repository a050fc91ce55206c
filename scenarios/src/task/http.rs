//! The port through which pages are fetched, and a service behind it that is only simulated.

use std::future::Future;
use std::time::Duration;

use beamline::prelude::*;

/// What can become of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HttpError {
    /// The server said so.
    Status(u16),
    /// The connection broke.
    Broken,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// Where it is from.
    pub path: String,
    /// What it says.
    pub body: String,
}

/// Whatever fetches pages.
pub(super) trait Http: Clone + Send + 'static {
    /// Fetches the page at a path.
    fn get(self, path: String) -> impl Future<Output = Result<Page, HttpError>> + Send;
}

/// A service whose latency, errors and crashes are drawn: on threads at random, in the simulator
/// as choices that are recorded and shrunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct DrawnHttp;

impl Http for DrawnHttp {
    async fn get(self, path: String) -> Result<Page, HttpError> {
        sleep(Duration::from_millis(random_range(1..8))).await;
        match random_range(0..8) {
            0 => Err(HttpError::Status(503)),
            1 => Err(HttpError::Broken),
            2 => panic!("the parser met a page that it does not understand"),
            3 => std::future::pending().await,
            _ => Ok(Page {
                body: format!("page {path}"),
                path,
            }),
        }
    }
}
