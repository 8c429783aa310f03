//! A folder with everything a service needs, and the processes that run in it.

pub(crate) use port::free_port;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

#[path = "../proxy/port.rs"]
mod port;

pub(crate) const WEBHOOK_KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

/// The binary under test.
pub(crate) fn almoner() -> Command {
    Command::new(env!("CARGO_BIN_EXE_almoner"))
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    almoner().args(arguments).output().unwrap()
}

/// A command that goes on until it is stopped, and what it says.
pub(crate) fn following(command: &[&str], more: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = almoner();
    child.args(command).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// The next line of one that speaks JSON.
pub(crate) fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A folder with certificates, secrets and a configuration on ports that were free.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
    pub(crate) operations: u16,
    pub(crate) api_key: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        assert!(run(&["dev-certs", "--out", &at("dev/tls")]).status.success());
        for kind in ["install", "signing", "webhook"] {
            let file = at(&format!("dev/{kind}.key"));
            assert!(run(&["keygen", kind, "--out", &file]).status.success());
        }
        let encoded =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, WEBHOOK_KEY);
        std::fs::write(at("dev/webhook.key"), format!("whsec_{encoded}\n")).unwrap();
        let made = said(&run(&["keygen", "api"]));
        let api_key = made.lines().next().unwrap().to_owned();
        let hash = made.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let [port, operations] = [(); 2].map(|()| free_port());
        let text = std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("config/development.toml"),
        )
        .unwrap();
        let text = text.replace("8443", &port.to_string()).replace("9443", &operations.to_string());
        let api = format!(
            "\n[[api.keys]]\nname = \"tests\"\nsha256 = \"{hash}\"\nscopes = [\"create\", \"read\"]\n"
        );
        std::fs::write(at("almoner.toml"), text + &api).unwrap();
        Self { folder, port, operations, api_key }
    }

    /// Where every test's log is kept, for `tests/leaks.rs`.
    fn keep_the_log(&self) {
        let evidence = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence");
        std::fs::create_dir_all(&evidence).unwrap();
        let kept = evidence.join(format!("cli-{}.jsonl", uuid::Uuid::new_v4()));
        if self.file("log").exists() {
            std::fs::copy(self.file("log"), kept).unwrap();
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> String {
        self.file("almoner.toml").display().to_string()
    }

    /// Changes the configuration's text.
    pub(crate) fn change(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(self.config(), text.replacen(from, to, 1)).unwrap();
    }

    /// Starts the service; its log goes to a file of the folder.
    pub(crate) fn serve(&self) -> Child {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.file("log")).unwrap();
        almoner()
            .args(["serve", "--config", &self.config()])
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) fn client(&self) -> reqwest::Client {
        almoner::way_out::install_provider();
        let authority = std::fs::read(self.file("dev/tls/authority.pem")).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        reqwest::Client::builder().tls_certs_only([authority]).build().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Waits until the service answers; the guard is generous.
    pub(crate) async fn answers(&self) {
        let client = self.client();
        for _ in 0..4800 {
            if client
                .get(format!("https://localhost:{}/readyz", self.operations))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no answer: {}", std::fs::read_to_string(self.file("log")).unwrap());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.keep_the_log();
    }
}

/// Sends a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill")
            .args(["-s", name, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// What `POST /v1/handoffs` is sent.
pub(crate) const GIFT: &str = r#"{"kind":"donate","amount":{"value":2500,"currency":"GBP"},"frequency":"once","method":"card","contact":{"title":"Ms","first_name":"Pat","last_name":"Example","email":"pat@example.org","address":{"line1":"1 High Street","town":"Bedford","postcode":"MK40 1AA","country":"GB"}}}"#;
