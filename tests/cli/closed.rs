//! What others learn of the process: nothing of its memory and its environment, and nothing by its end.

use super::place::{Place, almoner, said, signal};
use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The user whom everybody can become who is root.
const NOBODY: u32 = 65_534;

/// Runs a program as nobody; for whoever is not root, as the user that runs the tests.
pub(crate) fn by_nobody(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let id = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "--"]).arg(program);
    command
}

/// Gives the folder and all that is in it to nobody, and puts a copy of the binary there, because nobody
/// may be kept out of the folder where it was built.
pub(crate) fn give_away(place: &Place) -> PathBuf {
    let binary = place.file("almoner");
    fs::copy(env!("CARGO_BIN_EXE_almoner"), &binary).unwrap();
    if rustix::process::getuid().is_root() {
        let mut paths = vec![place.folder.path().to_owned()];
        while let Some(path) = paths.pop() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            if path.is_dir() {
                paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
    }
    binary
}

/// Starts a program that was told to run another, and waits until it is that other.
pub(crate) fn begun(mut command: Command, name: &str) -> Child {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut looks = 0..24_000;
    while fs::read_to_string(of(&child, "comm")).unwrap().trim() != name {
        assert!(looks.next().is_some(), "{name} has not begun");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

pub(crate) fn of(child: &Child, file: &str) -> String {
    format!("/proc/{}/{file}", child.id())
}

/// Whether nobody can open a file of a process.
fn nobody_opens(child: &Child, file: &str) -> bool {
    let mut shell = by_nobody("sh");
    shell.args(["-c", "exec 3<\"$0\"", &of(child, file)]).stderr(Stdio::null());
    shell.status().unwrap().success()
}

#[tokio::test]
async fn g_14_m_6_e_15_no_process_of_its_user_looks_into_it() {
    let place = Place::new();
    let binary = give_away(&place);
    let mut command = by_nobody(binary);
    let log = File::create(place.file("log")).unwrap();
    let tls_keys = place.file("keys.log");
    command
        .args(["serve", "--config", &place.config()])
        .env("SSLKEYLOGFILE", &tls_keys)
        .stderr(log);
    let mut service = begun(command, "almoner");
    place.answers().await;
    assert!(!tls_keys.exists(), "the keys of its connections are written down for nobody");
    for file in ["mem", "environ", "maps", "auxv"] {
        assert!(!nobody_opens(&service, file), "{file}");
    }
    let mut other = by_nobody("sleep");
    other.arg("600");
    let mut other = begun(other, "sleep");
    for file in ["environ", "maps", "auxv"] {
        assert!(nobody_opens(&other, file), "the control: {file} of any other process of the user");
    }
    if rustix::process::getuid().is_root() {
        File::open(of(&service, "mem")).expect("root can, and looks for leaks so");
    }
    other.kill().unwrap();
    other.wait().unwrap();
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// Runs a program where cores of any size are wanted, in a folder of its own.
fn wanting_cores(place: &Place, program: &str) -> Command {
    let mut command = Command::new("prlimit");
    command.args(["--core=unlimited:unlimited", "--", program]).current_dir(place.folder.path());
    command
}

/// SIGABRT, because a Rust process survives SIGSEGV that is sent to it. What the system left of it, and
/// whether it says that it wrote a core.
fn aborted(place: &Place, mut child: Child) -> (Vec<String>, bool) {
    signal(&child, "ABRT");
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    let names = fs::read_dir(place.folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    (names.filter(|name| name.contains("core")).collect(), status.core_dumped())
}

#[tokio::test]
async fn m_6_p_2_no_core_is_written_of_it() {
    let place = Place::new();
    let mut other = wanting_cores(&place, "sleep");
    other.arg("600");
    let (_, dumped) = aborted(&place, begun(other, "sleep"));
    assert!(dumped, "the control: this system writes cores");

    let place = Place::new();
    let mut command = wanting_cores(&place, env!("CARGO_BIN_EXE_almoner"));
    command.args(["serve", "--config", &place.config()]).stderr(Stdio::null());
    let service = begun(command, "almoner");
    place.answers().await;
    let limits = fs::read_to_string(of(&service, "limits")).unwrap();
    let cores = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    let cores: Vec<&str> = cores.split_whitespace().collect();
    assert_eq!(cores, ["0", "0", "bytes"], "for good");
    assert_eq!(aborted(&place, service), (Vec::new(), false));
}

/// Where neither can be done, no command runs that could hold a secret.
#[test]
fn m_6_it_does_not_run_where_it_cannot_be_closed() {
    let place = Place::new();
    for (call, says) in [("prctl", "prctl is allowed"), ("prlimit64", "setrlimit is allowed")] {
        for arguments in [["serve", "--config"], ["check", "--config"]] {
            let output = Command::new("strace")
                .args(["-qqf", "-o", "/dev/null", "-e", &format!("inject={call}:error=EPERM")])
                .arg(env!("CARGO_BIN_EXE_almoner"))
                .args(arguments)
                .arg(place.config())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1), "{call}: {}", said(&output));
            assert!(said(&output).contains(says), "{call}: {}", said(&output));
        }
    }
}

#[tokio::test]
async fn m_8_the_log_says_whether_memory_can_be_swapped_out() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    signal(&service, "TERM");
    service.wait().unwrap();
    let log = fs::read_to_string(place.file("log")).unwrap();
    let line = log.lines().find(|line| line.contains("\"memory\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let expected = almoner::app::process::Swap::look().word();
    assert_eq!(line["swap"], expected, "{line}");
}

/// Other commands that read keys close themselves too.
#[test]
fn m_6_a_check_cannot_be_looked_into_either() {
    let place = Place::new();
    let trace = place.file("trace");
    let output = Command::new("strace")
        .args(["-qqf", "-o", trace.to_str().unwrap(), "-e", "trace=prctl,prlimit64,openat"])
        .arg(almoner().get_program())
        .args(["check", "--offline", "--config", &place.config()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let calls = fs::read_to_string(trace).unwrap();
    let at = |what: &str| calls.find(what).unwrap_or_else(|| panic!("{what}: {calls}"));
    let key = at("install.key");
    assert!(at("PR_SET_DUMPABLE, SUID_DUMP_DISABLE") < key && at("RLIMIT_CORE, {") < key);
}
