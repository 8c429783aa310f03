//! The two listeners: what systemd hands over (`almoner.socket`), and what is not among that, bound here.

use super::{Listeners, StartError};
use crate::config::Settings;
use listenfd::ListenFd;
use std::net::{SocketAddr, TcpListener};

impl Listeners {
    /// The sockets that this process was started with, each for the address that it stands for, and the rest
    /// bound. Whatever was handed over must be listened on: a connection to it would wait for ever.
    pub fn open(settings: &Settings) -> Result<Self, StartError> {
        let mut given = given()?;
        let (public, operations) = (settings.public.listen.0, settings.operations.listen.0);
        let at_port = take(&mut given, |address| {
            address == public || (address.port() == public.port() && address.ip().is_unspecified())
        });
        // Of every address it would be open to whoever can reach this machine, and nobody meant it to be.
        let at_address = take(&mut given, |address| address == operations);
        if let Some((address, _)) = given.into_iter().next() {
            return Err(StartError::Unknown { address });
        }
        Ok(Self {
            public: at_port.map_or_else(|| bind(public), Ok)?,
            operations: at_address.map_or_else(|| bind(operations), Ok)?,
        })
    }
}

/// All that were handed over, with their addresses.
fn given() -> Result<Vec<(SocketAddr, TcpListener)>, StartError> {
    let mut handed = ListenFd::from_env();
    let mut given = Vec::new();
    for place in 0..handed.len() {
        let not_tcp = |error: std::io::Error| StartError::NotTcp { kind: error.kind() };
        if let Some(listener) = handed.take_tcp_listener(place).map_err(not_tcp)? {
            given.push((listener.local_addr().map_err(not_tcp)?, listener));
        }
    }
    Ok(given)
}

/// The first that fits.
fn take(
    given: &mut Vec<(SocketAddr, TcpListener)>,
    fits: impl Fn(SocketAddr) -> bool,
) -> Option<TcpListener> {
    let place = given.iter().position(|(address, _)| fits(*address))?;
    Some(given.swap_remove(place).1)
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|error| StartError::Listen { address, kind: error.kind() })
}
