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
        let mut open = |wanted| take(&mut given, wanted).map_or_else(|| bind(wanted), Ok);
        let listeners = Self {
            public: open(settings.public.listen.0)?,
            operations: open(settings.operations.listen.0)?,
        };
        match given.into_iter().next() {
            None => Ok(listeners),
            Some((address, _)) => Err(StartError::Unknown { address }),
        }
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

/// That for an address: of the same, or of every address at the same port, as a unit that names the port alone.
fn take(given: &mut Vec<(SocketAddr, TcpListener)>, wanted: SocketAddr) -> Option<TcpListener> {
    let fits = |address: &SocketAddr| {
        *address == wanted || (address.port() == wanted.port() && address.ip().is_unspecified())
    };
    let place = given.iter().position(|(address, _)| fits(address))?;
    Some(given.swap_remove(place).1)
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|error| StartError::Listen { address, kind: error.kind() })
}
