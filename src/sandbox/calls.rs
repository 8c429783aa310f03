//! System calls that a service never makes and an intruder would, by a seccomp filter. It names what is
//! refused, so that a library's new call does not end a payment; systemd's `SystemCallFilter` in
//! config/almoner.service names what is allowed.

use super::Held;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};
use std::collections::BTreeMap;

/// Other programs and other processes; the kernel's own things; other name spaces, mounts and clocks.
const REFUSED: [i64; 46] = [
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_personality,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
];
/// The same for calls that other machines never had.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: [i64; 7] = [
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_kexec_file_load,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: [i64; 0] = [];
/// Name spaces of one's own, each of which `clone` makes as `unshare` does.
const NAME_SPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];
/// The kinds of sockets that are left: the network, the system's own, and what names are looked up with.
const SOCKETS: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Calls, and for each the rules of which one must hold; without rules it always does.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses those calls from here on.
pub(super) fn hold() -> Held {
    match threads_alone().and_then(|()| apply_filter(&filter()?)) {
        Ok(()) => Held::Whole,
        Err(_) => Held::Not,
    }
}

/// Refuses new processes and new name spaces: `clone` is left for threads. What `clone3` is asked for stands
/// in memory, where no filter can look: it is said to be missing (ENOSYS), and the C library falls back to
/// `clone`.
pub(super) fn threads_alone() -> Result<(), Error> {
    let with = |bit: i32, value: i32| {
        let [bit, value] = [bit, value].map(|flags| u64::from(flags.cast_unsigned()));
        let test = SeccompCmpOp::MaskedEq(bit);
        SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, test, value)?])
    };
    let name_spaces = NAME_SPACES.into_iter().map(|bit| with(bit, bit));
    let rules = std::iter::once(with(libc::CLONE_THREAD, 0)).chain(name_spaces);
    let rules = BTreeMap::from([(libc::SYS_clone, rules.collect::<Result<_, _>>()?)]);
    apply_filter(&program(rules, libc::EPERM)?)?;
    apply_filter(&program(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)?)
}

/// Who makes a refused call is told that it may not (EPERM).
fn filter() -> Result<BpfProgram, Error> {
    let mut rules: Rules =
        REFUSED.into_iter().chain(REFUSED_HERE).map(|call| (call, Vec::new())).collect();
    let others = SOCKETS.into_iter().map(|family| {
        let family = u64::try_from(family).unwrap_or_default();
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    });
    let others = SeccompRule::new(others.collect::<Result<_, _>>()?)?;
    rules.insert(libc::SYS_socket, vec![others]);
    program(rules, libc::EPERM)
}

/// A filter that answers with this error where one of the rules holds.
fn program(rules: Rules, error: i32) -> Result<BpfProgram, Error> {
    let refuse = SeccompAction::Errno(error.unsigned_abs());
    let machine = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine)?.try_into()?)
}
