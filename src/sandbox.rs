//! What the service may still do once it runs, held to by the kernel: which files, which ports, which
//! system calls. It is confined before its first thread begins, and for good.
//!
//! Files and ports are held by Landlock (Linux 5.13 and later, ports from 6.7 on), system calls by a seccomp
//! filter. What the kernel cannot hold is said, and the settings say what then happens.

use std::path::PathBuf;

#[cfg(feature = "sandbox")]
mod calls;
#[cfg(feature = "sandbox")]
mod places;
#[cfg(all(test, feature = "sandbox"))]
mod tests;

/// What is left to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Folders and files that may be read, beside the system's own.
    pub read: Vec<PathBuf>,
    /// Folders in which files may be made, written and removed.
    pub write: Vec<PathBuf>,
    /// TCP ports that may be called. None may be listened on: the listeners are there already.
    pub call: Vec<u16>,
}

/// How far one of the three is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// All of it.
    Whole,
    /// Some of it: an older kernel.
    Partly,
    /// Nothing of it.
    Not,
}

/// What the kernel holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confined {
    /// Reading and writing of files.
    pub files: Held,
    /// Calling and listening.
    pub ports: Held,
    /// System calls that no service needs.
    pub calls: Held,
}

impl Held {
    /// As it is logged.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Partly => "partly",
            Self::Not => "not",
        }
    }
}

impl Confined {
    /// Whether all three are held.
    #[must_use]
    pub fn is_whole(self) -> bool {
        [self.files, self.ports, self.calls].iter().all(|held| *held == Held::Whole)
    }
}

/// Confines this thread and all that it will start. It cannot be undone.
#[cfg(feature = "sandbox")]
#[must_use]
pub fn confine(bounds: &Bounds) -> Confined {
    let (files, ports) = places::hold(bounds);
    Confined { files, ports, calls: calls::hold() }
}

/// This binary was built without a sandbox: nothing is held.
#[cfg(not(feature = "sandbox"))]
#[must_use]
pub fn confine(_: &Bounds) -> Confined {
    Confined { files: Held::Not, ports: Held::Not, calls: Held::Not }
}
