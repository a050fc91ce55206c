//! A shop that tells prices, and a customer who asks again when the shop is slow.

#[cfg(not(feature = "mended"))]
mod hasty;
#[cfg(feature = "mended")]
mod patient;

#[cfg(not(feature = "mended"))]
pub use hasty::{price, shop};
#[cfg(feature = "mended")]
pub use patient::{price, shop};
