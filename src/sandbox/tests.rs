//! Confined for good, a process cannot be used again: each test starts this binary anew, as a child that
//! is confined and tries what it must not be able to do.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use super::{Bounds, Confined, Held, confine};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "ALMONER_TEST_SANDBOX";

/// Starts a test of this binary that is passed over otherwise, with a folder of its own.
fn child(name: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    for place in ["mine", "given", "other"] {
        std::fs::create_dir(folder.path().join(place)).unwrap();
        std::fs::write(folder.path().join(place).join("file"), "content").unwrap();
    }
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new(this);
    command.args(["--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    let ended = command.arg(format!("sandbox::tests::{name}")).env(FOLDER, folder.path());
    let ended = ended.output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn passes(name: &str) {
    let (passed, said) = child(name);
    assert!(passed && said.contains("1 passed"), "{said}");
}

#[expect(clippy::disallowed_methods, reason = "the parent says where its folder is")]
fn folder() -> std::path::PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

fn confined(call: &[u16]) -> Confined {
    let folder = folder();
    let held = confine(&Bounds {
        read: vec![folder.join("given")],
        write: vec![folder.join("mine")],
        call: call.to_vec(),
    });
    assert_eq!(held.calls, Held::Whole, "every kernel that runs these tests has seccomp");
    held
}

/// Whether this kernel holds it. In CI it must.
#[expect(clippy::disallowed_methods, reason = "where nothing may be passed over is said there")]
fn can(held: Held) -> bool {
    assert!(held != Held::Not || std::env::var_os("CI").is_none(), "Linux 6.7 and Landlock");
    held != Held::Not
}

fn refusal<T>(tried: std::io::Result<T>) -> Option<ErrorKind> {
    tried.err().map(|error| error.kind())
}

#[test]
fn only_what_is_named_may_be_read_and_only_the_ledger_s_folder_written() {
    passes("tries_files");
}

#[test]
#[ignore = "a child of the test above"]
fn tries_files() {
    let folder = folder();
    if !can(confined(&[]).files) {
        return;
    }
    let at = |place: &str| folder.join(place).join("file");
    let write = |path: &Path| std::fs::write(path, "anew");
    assert_eq!(std::fs::read(at("mine")).unwrap(), b"content");
    assert_eq!(refusal(write(&at("mine"))), None);
    assert_eq!(refusal(write(&folder.join("mine/fresh"))), None);
    assert_eq!(refusal(std::fs::remove_file(folder.join("mine/fresh"))), None);
    assert_eq!(std::fs::read(at("given")).unwrap(), b"content");
    let denied = Some(ErrorKind::PermissionDenied);
    assert_eq!(refusal(write(&at("given"))), denied);
    assert_eq!(refusal(write(&folder.join("given/fresh"))), denied);
    assert_eq!(refusal(std::fs::remove_file(at("given"))), denied);
    assert_eq!(refusal(std::fs::read(at("other"))), denied);
    assert_eq!(refusal(std::fs::read_dir(folder.join("other"))), denied);
    assert_eq!(refusal(std::os::unix::fs::symlink("/etc", folder.join("mine/link"))), denied);
    assert_eq!(refusal(std::fs::read("/proc/1/environ")), denied);
    assert!(std::fs::read("/etc/passwd").is_ok(), "names are looked up there");
}

#[test]
fn only_the_ports_that_are_named_may_be_called_and_none_listened_on() {
    passes("tries_ports");
}

#[test]
#[ignore = "a child of the test above"]
fn tries_ports() {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (named, other) = (listen().unwrap(), listen().unwrap());
    let [port, unnamed] = [&named, &other].map(|one| one.local_addr().unwrap().port());
    if !can(confined(&[port]).ports) {
        return;
    }
    let call = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    assert_eq!(refusal(call(port)), None);
    assert!(named.accept().is_ok(), "who listened before still does");
    assert_eq!(refusal(call(unnamed)), Some(ErrorKind::PermissionDenied));
    assert_eq!(refusal(listen()), Some(ErrorKind::PermissionDenied));
}

#[test]
fn no_other_program_is_started() {
    passes("tries_programs");
}

#[test]
#[ignore = "a child of the test above"]
fn tries_programs() {
    assert!(Command::new("/bin/true").status().is_ok());
    confined(&[]);
    let started = Command::new("/bin/true").status();
    assert_eq!(refusal(started), Some(ErrorKind::PermissionDenied));
    let thread = std::thread::spawn(|| Command::new("/bin/true").status().is_err());
    assert!(thread.join().unwrap(), "threads are held as whom they were started by");
}

#[test]
fn no_other_process_is_made_and_no_name_space() {
    passes("tries_processes");
}

/// Perl, because it makes any call by its number. It must be started to try: without the filter that refuses
/// to start it.
const PERL: &str = r#"
my ($clone, $clone3, $chld) = (map({ $_ + 0 } @ARGV), 17);
my %tries = (
    "fork" => sub { my $child = fork; exit if defined $child && !$child; defined $child ? 0 : -1 },
    "clone as fork" => sub { syscall($clone, $chld, 0, 0, 0, 0) },
    "a thread in a name space" => sub { syscall($clone, 0x00010f00 | 0x40000000, 0, 0, 0, 0) },
    map { my $bit = $_; sprintf("name space %x", $bit) => sub { syscall($clone, $bit | $chld, 0, 0, 0, 0) } }
        (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000),
);
for my $name (keys %tries) {
    my $made = $tries{$name}->();
    exit if $made == 0 && $name ne "fork";
    die "$name: $made, $!" unless $made == -1 && $!{EPERM};
}
my $made = syscall($clone3, 0, 0);
die "clone3: $made, $!" unless $made == -1 && $!{ENOSYS};
print "1 passed";
"#;

#[test]
#[ignore = "a child of the test above"]
fn tries_processes() {
    super::calls::threads_alone().unwrap();
    let refused = Command::new("/bin/true").status();
    assert_eq!(refusal(refused), Some(ErrorKind::PermissionDenied), "no second process");
    let numbers = [libc::SYS_clone, libc::SYS_clone3].map(|call| call.to_string());
    // It takes the place of this process.
    let error = Command::new("perl").args(["-MErrno", "-e", PERL]).args(numbers).exec();
    panic!("{error}");
}

#[test]
fn threads_are_started_as_before() {
    passes("tries_threads");
}

#[test]
#[ignore = "a child of the test above"]
fn tries_threads() {
    confined(&[]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let sum = runtime.block_on(async {
        let blocking = tokio::task::spawn_blocking(|| 1);
        let other = runtime.spawn(async { 2 });
        blocking.await.unwrap() + other.await.unwrap()
    });
    assert_eq!(sum, 3);
    assert_eq!(std::thread::spawn(|| 4).join().unwrap(), 4);
}
