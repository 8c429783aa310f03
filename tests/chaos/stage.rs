//! What a round needs on disk: certificates and secrets once for all rounds, a folder with a
//! configuration for each.

use super::port::free_port;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Opens the mock's control API.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef-control";

/// How an instance is set up.
pub(crate) struct Setting<'a> {
    pub(crate) doors: Doors,
    /// Whether the gateway calls the processor itself.
    pub(crate) direct: bool,
    /// What stands under `[ledger]`, and of it under `[secrets]`.
    pub(crate) ledger: &'a [String; 2],
}

const BY_API: &str = r#"card_api = true
mandate_api = true

[processor.signed.debit]
service_user_number = "123456"
collecting_name = "The Example Trust"
guarantee = "The Guarantee."
bank_holidays_file = "@HOLIDAYS@"
"#;

/// Limits that a round can wait for.
const IN_A_HURRY: &str = r#"
[limits]
connections_per_address = 500
upstream_connect_timeout = "1s"
upstream_timeout = "1s"
ledger_wait = "2s"
drain_timeout = "2s"
"#;

/// Certificates, secrets, and the API's key: the same for every round.
pub(crate) struct Ground {
    pub(crate) folder: PathBuf,
    pub(crate) api_key: String,
    api_hash: String,
}

/// The ports of one round.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// Of the gateway's instances: public, operations.
    pub(crate) gateways: [[u16; 2]; 2],
    pub(crate) mock: u16,
}

/// Where the proxies of one round listen.
#[derive(Clone, Copy)]
pub(crate) struct Doors {
    /// Callers and browsers to the gateway.
    pub(crate) front: u16,
    /// The processor's webhooks to the gateway.
    pub(crate) back: u16,
    /// The gateway and browsers to the processor.
    pub(crate) processor: u16,
}

/// One round's folder.
pub(crate) struct Stage {
    pub(crate) folder: PathBuf,
    /// The folder that the ledger is in: a small disk of its own in some rounds.
    pub(crate) disk: PathBuf,
    /// By how much the time of gateway and mock is shifted.
    pub(crate) clock: PathBuf,
    pub(crate) ports: Ports,
}

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Sets another one under fire than the one built beside this.
pub(crate) fn choose(binary: PathBuf) {
    BINARY.set(binary).unwrap();
}

/// Where the binary is.
pub(crate) fn binary() -> &'static Path {
    BINARY.get_or_init(|| env!("CARGO_BIN_EXE_almoner").into())
}

/// The binary under fire.
pub(crate) fn almoner() -> Command {
    let mut command = Command::new(binary());
    command.stdin(Stdio::null());
    command
}

impl Ground {
    pub(crate) fn prepare(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        // Made yesterday: a clock that is put back must not make them invalid.
        let mut certificates = almoner();
        certificates.args(["dev-certs", "--out", &at("tls")]).stdout(Stdio::null());
        certificates.env("LD_PRELOAD", libfaketime()).env("FAKETIME", "-1d");
        let mut certificates = certificates.spawn().unwrap();
        assert!(certificates.wait().unwrap().success());
        forget_the_clock(certificates.id());
        for kind in ["install", "signing", "webhook"] {
            run(&["keygen", kind, "--out", &at(&format!("{kind}.key"))]);
        }
        let token = folder.join("token");
        fs::write(&token, TOKEN).unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
        let made = run(&["keygen", "api"]);
        let api_key = made.lines().next().unwrap().to_owned();
        let api_hash =
            made.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Self { folder: folder.to_owned(), api_key, api_hash }
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// A client that trusts the round's authority and waits for three seconds at most.
    pub(crate) fn client(&self) -> reqwest::Client {
        let authority = fs::read(self.folder.join("tls/authority.pem")).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(3))
            .build()
            .unwrap()
    }
}

impl Setting<'_> {
    /// What the processor's section says of payments by its API.
    fn api(&self) -> String {
        if !self.direct {
            return String::new();
        }
        let holidays = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/bank-holidays.json");
        BY_API.replace("@HOLIDAYS@", &holidays.display().to_string())
    }
}

impl Stage {
    pub(crate) fn set(folder: PathBuf) -> Self {
        let disk = folder.join("disk");
        fs::create_dir_all(&disk).unwrap();
        fs::set_permissions(&disk, fs::Permissions::from_mode(0o700)).unwrap();
        let clock = folder.join("clock");
        fs::write(&clock, "+0s\n").unwrap();
        let ports =
            Ports { gateways: [(); 2].map(|()| [(); 2].map(|()| free_port())), mock: free_port() };
        Self { folder, disk, clock, ports }
    }

    pub(crate) fn config(&self, instance: usize) -> PathBuf {
        self.folder.join(format!("almoner-{instance}.toml"))
    }

    /// Writes an instance's configuration.
    pub(crate) fn configure(&self, ground: &Ground, setting: &Setting<'_>, instance: usize) {
        let Setting { doors, ledger: [ledger, secret], .. } = setting;
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/development.toml");
        let [public, operations] = self.ports.gateways[instance];
        let mut text = fs::read_to_string(example).unwrap();
        for (from, to) in [
            (
                "origin = \"https://localhost:8443\"",
                format!(
                    "origin = \"https://localhost:{}\"\nextra_hosts = [\"localhost:{}\", \"localhost:{public}\"]",
                    doors.front, doors.back
                ),
            ),
            ("127.0.0.1:8443", format!("127.0.0.1:{public}")),
            ("127.0.0.1:9443", format!("127.0.0.1:{operations}")),
            ("https://localhost:8444", format!("https://localhost:{}", doors.processor)),
            ("file = \"dev/ledger.db\"", (*ledger).clone()),
            ("[charity]", format!("{secret}\n[charity]")),
            ("key_id = \"dev\"", format!("key_id = \"dev\"\n{}", setting.api())),
            (
                "mode = \"test\"",
                "mode = \"test\"\noverdue_after = \"2m\"\ndoubt_overdue_after = \"1m\"".to_owned(),
            ),
            ("dev/tls/", ground.file("tls/")),
            ("dev/install.key", ground.file("install.key")),
            ("dev/signing.key", ground.file("signing.key")),
            ("dev/webhook.key", ground.file("webhook.key")),
        ] {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, &to);
        }
        text.push_str(&format_args!("\n[[api.keys]]\nname = \"chaos\"\nsha256 = \"{}\"\nscopes = [\"create\", \"read\"]\n", ground.api_hash).to_string());
        text.push_str(IN_A_HURRY);
        fs::write(self.config(instance), text).unwrap();
    }

    /// Moves the clock of gateway and mock: seconds from the true time.
    pub(crate) fn shift(&self, seconds: i64) {
        let beside = self.folder.join("clock.next");
        fs::write(&beside, format!("{seconds:+}s\n")).unwrap();
        fs::rename(beside, &self.clock).unwrap();
    }

    /// What makes a process live by that clock.
    pub(crate) fn faked(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", libfaketime()),
            ("FAKETIME_TIMESTAMP_FILE", self.clock.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }
}

/// What a process is given to live by another clock.
fn libfaketime() -> String {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"]
        .map(|folder| format!("{folder}/faketime/libfaketime.so.1"))
        .into_iter()
        .find(|library| Path::new(library).exists())
        .expect("libfaketime: see scripts/chaos")
}

/// Removes what libfaketime leaves in shared memory of a process that was killed.
pub(crate) fn forget_the_clock(process: u32) {
    for left in ["faketime_shm_", "sem.faketime_sem_"] {
        fs::remove_file(format!("/dev/shm/{left}{process}")).ok();
    }
}

/// Runs the binary to its end; what it said.
pub(crate) fn run(arguments: &[&str]) -> String {
    let output = almoner().args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let erred = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}{erred}");
    said
}
