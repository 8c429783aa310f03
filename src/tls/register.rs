//! Who is in: the caps on connections and handshakes, and who has to go when they are reached.
//!
//! Newcomers are not made to wait. Whoever holds places without using them, stalled handshakes or
//! idle connections, loses the oldest of them instead, so that holding them keeps nobody out
//! (security.md, D-15 and D-16).

use super::connection::Connection;
use super::limits::Limits;
use super::network::{Network, counted_under};
use super::rarely::Rarely;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of one listener. Its memory is bounded by the cap: nobody is remembered who is
/// not connected.
#[derive(Debug)]
pub(super) struct Register {
    limits: Limits,
    book: Mutex<Book>,
    refused: Rarely,
    dismissed: Rarely,
}

#[derive(Debug, Default)]
struct Book {
    next: u64,
    open: BTreeMap<u64, Arc<Connection>>,
    /// Those of `open` whose TLS handshake is not finished.
    handshakes: BTreeMap<u64, Arc<Connection>>,
    /// How many of `open` are counted under each address and each network.
    counted: HashMap<Network, usize>,
    /// All of `open` but those the reserve is for.
    ordinary: usize,
}

impl Register {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        let (refused, dismissed) = (Rarely::new(), Rarely::new());
        Arc::new(Self { limits, book: Mutex::default(), refused, dismissed })
    }

    /// Lets `peer` in, or says that the connection is to be closed.
    pub(super) fn admit(self: &Arc<Self>, peer: SocketAddr) -> io::Result<Seat> {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let reserved = self.limits.reserved_addresses.iter().any(|net| net.contains(peer.ip()));
        let counted = (!reserved).then(|| peer.ip());
        let mut book = self.book();
        if !self.room_for(&mut book, counted) {
            drop(book);
            if let Some(count) = self.refused.happened() {
                let reason = "a limit on connections is reached";
                tracing::warn!(event = "connections_refused", count, reason);
            }
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(Seat { connection: book.enter(peer, counted), register: Arc::clone(self) })
    }

    /// Makes room where somebody can be asked to go.
    fn room_for(&self, book: &mut Book, counted: Option<IpAddr>) -> bool {
        let limits = &self.limits;
        let share = limits.connections_per_address;
        let used_up = |(network, times): (Network, usize)| {
            let theirs = book.counted.get(&network).copied().unwrap_or(0);
            theirs >= share.saturating_mul(times)
        };
        if counted.into_iter().flat_map(counted_under).any(used_up) {
            return false;
        }
        let kept =
            if limits.reserved_addresses.is_empty() { 0 } else { limits.reserved_connections };
        let for_all = limits.connections.saturating_sub(kept);
        let full = book.open.len() >= limits.connections;
        if (full || counted.is_some() && book.ordinary >= for_all)
            && !self.dismiss(book, Book::idlest)
        {
            return false;
        }
        book.handshakes.len() < limits.handshakes_at_once
            || self.dismiss(book, Book::oldest_handshake)
            || counted.is_none()
    }

    fn dismiss(&self, book: &mut Book, choose: fn(&Book) -> Option<u64>) -> bool {
        let Some(connection) = choose(book).and_then(|id| book.leave(id)) else { return false };
        connection.dismiss();
        if let Some(count) = self.dismissed.happened() {
            let reason = "a limit on connections is reached";
            tracing::warn!(event = "connections_dismissed", count, reason);
        }
        true
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn enter(&mut self, peer: SocketAddr, counted: Option<IpAddr>) -> Arc<Connection> {
        let connection = Connection::new(self.next, peer, counted);
        self.next = self.next.wrapping_add(1);
        self.open.insert(connection.id, Arc::clone(&connection));
        self.handshakes.insert(connection.id, Arc::clone(&connection));
        if let Some(address) = counted {
            self.ordinary = self.ordinary.saturating_add(1);
            for (network, _) in counted_under(address) {
                let theirs = self.counted.entry(network).or_default();
                *theirs = theirs.saturating_add(1);
            }
        }
        connection
    }

    /// Strikes a connection out; one that was dismissed is struck out already.
    fn leave(&mut self, id: u64) -> Option<Arc<Connection>> {
        let connection = self.open.remove(&id)?;
        self.handshakes.remove(&id);
        if let Some(address) = connection.counted {
            self.ordinary = self.ordinary.saturating_sub(1);
            for (network, _) in counted_under(address) {
                if let Entry::Occupied(mut theirs) = self.counted.entry(network) {
                    *theirs.get_mut() = theirs.get().saturating_sub(1);
                    if *theirs.get() == 0 {
                        theirs.remove();
                    }
                }
            }
        }
        Some(connection)
    }

    fn idlest(&self) -> Option<u64> {
        let ordinary = self.open.values().filter(|connection| connection.counted.is_some());
        let idle =
            ordinary.filter_map(|connection| Some((connection.idle_since()?, connection.id)));
        idle.min().map(|(_, id)| id)
    }

    fn oldest_handshake(&self) -> Option<u64> {
        self.handshakes.values().find(|one| one.counted.is_some()).map(|one| one.id)
    }
}

/// A place in the register, free again once it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    connection: Arc<Connection>,
    register: Arc<Register>,
}

impl Seat {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// The handshake is over.
    pub(super) fn settle(&self) {
        self.register.book().handshakes.remove(&self.connection.id);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        drop(self.register.book().leave(self.connection.id));
    }
}

#[cfg(test)]
mod tests;
