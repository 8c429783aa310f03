//! Files and ports, by Landlock.

use super::{Bounds, Held};
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, Scope, make_bitflags,
    path_beneath_rules,
};

/// What names are looked up with, what the time zone and the system's authorities are read from, and what
/// libraries ask of the machine.
const SYSTEM: [&str; 11] = [
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/proc/self",
    "/proc/swaps",
    "/proc/sys",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
    "/dev/urandom",
];
/// Names that do not fit into a datagram are looked up over TCP.
const NAMES: u16 = 53;
/// What is asked of the kernel: the newest interface that was tested. An older kernel holds what it knows.
const NEWEST: ABI = ABI::V6;
/// The first interface that knows all that may be done to a file here, truncation with it.
const FILES_SINCE: ABI = ABI::V3;
/// The first that knows ports.
const PORTS_SINCE: ABI = ABI::V4;

/// Holds files and ports, as far as the kernel can.
pub(super) fn hold(bounds: &Bounds) -> (Held, Held) {
    match restrict(bounds) {
        Ok(LandlockStatus::Available { effective_abi, .. }) => (
            if effective_abi >= FILES_SINCE { Held::Whole } else { Held::Partly },
            if effective_abi >= PORTS_SINCE { Held::Whole } else { Held::Not },
        ),
        Ok(LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) | Err(_) => {
            (Held::Not, Held::Not)
        }
    }
}

fn restrict(bounds: &Bounds) -> Result<LandlockStatus, RulesetError> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let write: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir | WriteFile | Truncate | MakeReg | RemoveFile});
    let ports = bounds.call.iter().chain([&NAMES]);
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, read))?
        .add_rules(path_beneath_rules(&bounds.read, read))?
        .add_rules(path_beneath_rules(&bounds.write, write))?
        .add_rules(
            ports.map(|port| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp))),
        )?
        .restrict_self()?;
    Ok(status.landlock)
}
