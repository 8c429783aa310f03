//! What this process does to itself before it holds a secret: no core is ever written of it, no other
//! process of its user can look into it, and a panic says where it happened and nothing else.

use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, Write as _};
use std::path::Path;

/// Why this process must not hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exposed {
    /// There is no limit on cores.
    #[error(
        "core dumps cannot be switched off ({0}), and one would hold what supporters typed: start it where setrlimit is allowed"
    )]
    Cores(io::ErrorKind),
    /// Others may read its memory.
    #[error(
        "this process cannot be closed to others of its user ({0}): start it where prctl is allowed"
    )]
    Memory(io::ErrorKind),
}

/// Closes this process to everybody but root: to debuggers, to readers of its memory and of its
/// environment, and to whoever would find its core (security.md, M-6 and G-14). A core that is piped to
/// a program is not held by the limit, so both are needed.
pub fn close() -> Result<(), Exposed> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|error| Exposed::Cores(error.kind()))?;
    undumpable().map_err(|error| Exposed::Memory(error.kind()))
}

#[cfg(target_os = "linux")]
fn undumpable() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// Elsewhere the limit is all there is (security.md, M-12).
#[cfg(not(target_os = "linux"))]
fn undumpable() -> rustix::io::Result<()> {
    Ok(())
}

/// Makes a panic one line that holds its place: its message may hold what somebody typed (security.md,
/// M-10). A line of the log, or a plain one where no log has been started.
pub fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if tracing::dispatcher::has_been_set() {
            tracing::error!(event = "panic", place);
        } else {
            // There is nobody left to tell if this fails too.
            writeln!(io::stderr().lock(), "almoner: panicked at {place}: report this").ok();
        }
    }));
}

/// Whether the system may write out what is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// There is no swap, or none for this process.
    None,
    /// There is.
    Some,
    /// The system does not say.
    Unknown,
}

impl Swap {
    /// As it is now (security.md, M-8).
    #[must_use]
    pub fn look() -> Self {
        let Ok(swaps) = std::fs::read_to_string("/proc/swaps") else { return Self::Unknown };
        if Self::listed(&swaps) && !Self::is_forbidden() { Self::Some } else { Self::None }
    }

    /// Whether any stands under the head of the list; one in memory itself is none.
    fn listed(swaps: &str) -> bool {
        swaps.lines().skip(1).any(|line| !line.trim().is_empty() && !line.starts_with("/dev/zram"))
    }

    /// Whether the unit or container says `MemorySwapMax=0`.
    fn is_forbidden() -> bool {
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"));
        own.is_some_and(|own| {
            let file = Path::new("/sys/fs/cgroup").join(own).join("memory.swap.max");
            std::fs::read_to_string(file).is_ok_and(|most| most.trim() == "0")
        })
    }

    /// The log's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::Unknown => "unknown",
        }
    }

    /// One line of the log at the start.
    pub fn tell(self) {
        let swap = self.word();
        if self == Self::None {
            tracing::info!(event = "memory", swap);
        } else {
            let advice = "what supporters type may reach a disk: MemorySwapMax=0 in the unit, or encrypt the swap";
            tracing::warn!(event = "memory", swap, advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_8_swap_is_what_reaches_a_disk() {
        let head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        for (lines, some) in [
            ("", false),
            ("/dev/zram0 partition 1024 0 100\n", false),
            ("/dev/sda2 partition 1024 0 -2\n", true),
            ("/dev/zram0 partition 1024 0 100\n/swap.img file 1024 0 -2\n", true),
        ] {
            assert_eq!(Swap::listed(&format!("{head}{lines}")), some, "{lines}");
        }
    }
}
