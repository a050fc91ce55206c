//! The audit: whether all that was promised has been kept.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;

use super::database::Database;
use super::ledger::{Account, Ask, Books, ledger};
use super::order::{Cents, Fate, Order, OrderId, Receipt};
use super::stock::Piece;

/// What is wrong, if anything is.
pub type Audited = Result<(), String>;

/// What the ledger says, asked until it answers.
pub async fn books() -> Books {
    loop {
        match ledger().call(Ask::Books).await {
            Ok(books) => return books,
            Err(_) => sleep(Duration::from_millis(1)).await,
        }
    }
}

/// At any moment: all money is there.
pub fn conserved(opening: &Books, books: &Books) -> Audited {
    let sum = |books: &Books| books.values().sum::<Cents>();
    expect("all money", sum(books), sum(opening))
}

/// When these orders have come to their end, and there are no others: everybody has what belongs
/// to him by the receipts that customers were given.
pub fn settled(opening: &Books, books: &Books, receipts: &[(Order, Receipt)]) -> Audited {
    let mut expected = opening.clone();
    let mut add = |account, amount| *expected.entry(account).or_default() += amount;
    for (order, receipt) in receipts {
        if let Fate::Shipped { carrier, fee } = receipt.fate {
            add(Account::Of(order.customer), -receipt.paid);
            add(Account::Shop, receipt.paid - fee);
            add(Account::Carrier(carrier), fee);
        }
    }
    add(Account::Escrow, 0);
    let carriers = |account: &Account| matches!(account, Account::Carrier(_) | Account::Shop);
    let mut books = books.clone();
    books.entry(Account::Escrow).or_default();
    expected.retain(|account, amount| *amount != 0 || !carriers(account));
    books.retain(|account, amount| *amount != 0 || !carriers(account));
    expect("the books", books, expected)
}

/// When all is over: the database says of each order what its customer was told, and a piece has
/// left for each that was shipped, and for no other.
pub async fn kept(database: &Database, receipts: &[(Order, Receipt)], pieces: usize) -> Audited {
    let told = receipts.iter().map(|(order, receipt)| (order.id, *receipt));
    let told: BTreeMap<OrderId, Receipt> = told.collect();
    expect("closed orders", database.closed.all().await, told)?;
    let piece = |(order, receipt): &(Order, Receipt)| match receipt.fate {
        Fate::Shipped { .. } => (order.id, Piece::Sold(order.item)),
        Fate::Cancelled => (order.id, Piece::Released),
    };
    let left: BTreeMap<OrderId, Piece> = receipts.iter().map(piece).collect();
    let sold = left
        .values()
        .filter(|piece| matches!(piece, Piece::Sold(_)));
    let too_many = sold.count().saturating_sub(pieces);
    expect("pieces sold that there never were", too_many, 0)?;
    expect("pieces", database.pieces.all().await, left)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Audited {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: found {found:?}, expected {expected:?}")),
    }
}
