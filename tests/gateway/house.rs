//! A whole gateway over real TLS with a mock processor beside it, on a clock set by hand.
//!
//! Whatever a test leaves behind (ledger, log, answers) is kept under the build folder's
//! `evidence`, where `tests/leaks.rs` looks for what must not be there.

use almoner::app::{self, Ended, Listeners, Running};
use almoner::clock::Clock;
use almoner::config::{Document, Settings};
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use almoner::payment::Reference;
use almoner::tls::development::{Authority, DAYS, LOOPBACK};
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

pub(crate) const API_KEY: &str = "alm_test-key-for-create-and-read";
pub(crate) const READ_KEY: &str = "alm_test-key-for-reading-alone";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(crate) const NEXT_WEBHOOK_SECRET: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const SIGNING_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) mock: MockRsm,
    pub(crate) client: reqwest::Client,
    pub(crate) origin: String,
    pub(crate) operations: String,
    pub(crate) folder: PathBuf,
    pub(crate) authority: String,
    running: Running,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With some settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        keep_the_log();
        let folder = evidence().join(uuid::Uuid::new_v4().to_string());
        let clock = Clock::set_to(system_now());
        let [public, operations, processor] =
            [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let (origin, mock_origin) = (
            format!("https://localhost:{}", port(&public)),
            format!("https://localhost:{}", port(&processor)),
        );
        let written =
            Authority::new(&clock, DAYS).unwrap().write(&folder.join("tls"), &LOOPBACK).unwrap();
        let authority = std::fs::read_to_string(&written.authority).unwrap();
        for (name, secret) in [
            ("install.key", "an install key for tests, long enough"),
            ("signing.key", SIGNING_SECRET),
            ("webhook.key", WEBHOOK_SECRET),
            ("next.key", NEXT_WEBHOOK_SECRET),
        ] {
            let mut options = std::fs::OpenOptions::new();
            options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(folder.join(name))
                .unwrap()
                .write_all(secret.as_bytes())
                .unwrap();
        }
        let text = include_str!("house.toml")
            .replace("@GATEWAY@", &port(&public).to_string())
            .replace("@MOCK@", &port(&processor).to_string());
        let document = Document::given("house.toml", text);
        let mut settings = document.settings().unwrap();
        settings.place(&folder);
        change(&mut settings);
        let mock_settings = MockSettings {
            merchant: "test-charity".into(),
            signing_keys: vec![("k1".into(), SecretString::from(SIGNING_SECRET))],
            webhook_url: format!("{origin}/webhooks/signed"),
            webhook_keys: vec![SecretString::from(WEBHOOK_SECRET)],
            webhook_roots: authority.clone(),
            origin: mock_origin.clone(),
            control_token: None,
            return_origins: None,
            pace: Pace {
                retries: vec![Duration::from_millis(50); 4],
                late: Duration::from_millis(300),
                ..Pace::default()
            },
        };
        let tls = server_config(&written.server, &written.server_key);
        let mock = MockRsm::start(mock_settings, processor, tls, clock.clone()).unwrap();
        let operations_origin = format!("https://localhost:{}", port(&operations));
        let running =
            app::start(&settings, &document, clock.clone(), Listeners { public, operations })
                .await
                .unwrap();
        Self {
            client: client(&authority),
            clock,
            mock,
            origin,
            operations: operations_origin,
            folder,
            authority,
            running,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Moves the clock of gateway and mock alike.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// The form's token, old enough to be used.
    pub(crate) async fn token(&self, path: &str) -> String {
        let page = self.client.get(self.url(path)).send().await.unwrap().text().await.unwrap();
        self.later(5);
        hidden(&page, "client_token")
    }

    /// Fills in the donate form, with some fields changed, added, or left out where empty.
    pub(crate) async fn donate(&self, changes: &[(&str, &str)]) -> reqwest::Response {
        let token = self.token("/donate").await;
        self.post_form("/donate", &with_changes(&gift(&token), changes)).await
    }

    pub(crate) async fn post_form(
        &self,
        path: &str,
        fields: &[(String, String)],
    ) -> reqwest::Response {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.post_raw(path, body.finish().into_bytes()).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: Vec<u8>) -> reqwest::Response {
        let request = self
            .client
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded");
        request.header("sec-fetch-site", "same-origin").body(body).send().await.unwrap()
    }

    /// `POST /v1/handoffs` with a key of its own.
    pub(crate) async fn create(&self, body: &serde_json::Value, key: &str) -> reqwest::Response {
        let request = self
            .client
            .post(self.url("/v1/handoffs"))
            .bearer_auth(API_KEY)
            .header("idempotency-key", key);
        request
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
    }

    /// A hand-off made by the API; its reference and the fields to post.
    pub(crate) async fn handed_off(&self) -> (Reference, Vec<(String, String)>) {
        let key = uuid::Uuid::new_v4().simple().to_string();
        let answer = self.create(&request(), &key).await;
        assert_eq!(answer.status(), 201);
        let answer: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let fields = answer["hand_off"]["fields"].as_object().unwrap();
        let fields = fields
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        (Reference::parse(answer["reference"].as_str().unwrap()).unwrap(), fields)
    }

    /// What the API says of a hand-off.
    pub(crate) async fn outcome(&self, reference: Reference) -> serde_json::Value {
        let answer = self
            .client
            .get(self.url(&format!("/v1/handoffs/{reference}")))
            .bearer_auth(API_KEY)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.unwrap();
        keep("answers.txt", &bytes);
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Waits until a hand-off's state is this one; the guard is generous, the usual wait is none.
    pub(crate) async fn becomes(&self, reference: Reference, state: &str) -> serde_json::Value {
        for _ in 0..600 {
            let outcome = self.outcome(reference).await;
            if outcome["state"] == state {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{reference} never became {state}: {}", self.outcome(reference).await);
    }

    /// Posts a webhook as it stands.
    pub(crate) async fn webhook(&self, headers: &[(&str, &str)], body: &str) -> reqwest::Response {
        let mut request = self
            .client
            .post(self.url("/webhooks/signed"))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.to_owned()).send().await.unwrap()
    }

    pub(crate) async fn stop(self) -> Ended {
        let metrics = self.client.get(format!("{}/metrics", self.operations)).send().await.unwrap();
        keep("answers.txt", &metrics.bytes().await.unwrap());
        let ended = self.running.stop().await;
        self.mock.shutdown().await;
        ended
    }
}

/// A gift as a supporter would fill it in, with data that must be found nowhere afterwards.
pub(crate) fn gift(token: &str) -> Vec<(String, String)> {
    let fields = [
        ("client_token", token),
        ("amount", "25.00"),
        ("frequency", "once"),
        ("method", "card"),
        ("appeal", "XMAS26"),
        ("gift_aid", "true"),
        ("title", "Ms"),
        ("first_name", "Canaryfirst"),
        ("last_name", "Canarylast"),
        ("email", "canary.mail@example.org"),
        ("phone", "+44 808 157 0192"),
        ("line1", "1 Canarystreet"),
        ("town", "Canarytown"),
        ("postcode", "CN1 9RY"),
        ("country", "GB"),
    ];
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// Changes fields by name; an unknown name is added, an empty value leaves the field out.
pub(crate) fn with_changes(
    fields: &[(String, String)],
    changes: &[(&str, &str)],
) -> Vec<(String, String)> {
    let mut fields = fields.to_vec();
    for (name, value) in changes {
        fields.retain(|(given, _)| given != name);
        if !value.is_empty() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

/// The same gift for the API.
pub(crate) fn request() -> serde_json::Value {
    serde_json::json!({
        "kind": "donate", "amount": { "value": 2500, "currency": "GBP" }, "frequency": "once", "method": "card",
        "appeal": "XMAS26", "gift_aid": true, "merchant_reference": "crm:4711",
        "contact": {
            "title": "Ms", "first_name": "Canaryfirst", "last_name": "Canarylast", "email": "canary.mail@example.org",
            "phone": "+44 808 157 0192",
            "address": { "line1": "1 Canarystreet", "town": "Canarytown", "postcode": "CN1 9RY", "country": "GB" }
        }
    })
}

/// The value of a hidden field in a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let from = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in the page"))
        .1;
    from.split_once('"').unwrap().0.to_owned()
}

/// Every hidden field of a page that posts itself.
pub(crate) fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    let read = |field: &str| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        let value = rest.split_once('"').unwrap().0;
        let value = value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        (name.to_owned(), value)
    };
    fields.map(read).collect()
}

/// A browser-like client that trusts the test's own authority and follows nothing by itself.
pub(crate) fn client(authority: &str) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(authority.as_bytes()).unwrap()])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Where everything that tests leave behind is kept.
pub(crate) fn evidence() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Keeps an answer, to be searched later.
pub(crate) fn keep(file: &str, bytes: &[u8]) {
    let mut kept =
        std::fs::OpenOptions::new().create(true).append(true).open(evidence().join(file)).unwrap();
    kept.write_all(bytes).unwrap();
}

struct KeptLog;

impl std::io::Write for KeptLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        keep("log.jsonl", bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log of every test at its fullest, as the service writes it.
fn keep_the_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        almoner::processor::client::install_provider();
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(|| KeptLog)
            .init();
    });
}

fn server_config(certificate: &Path, key: &Path) -> Arc<rustls::ServerConfig> {
    let chain = rustls::pki_types::CertificateDer::pem_file_iter(certificate)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    Arc::new(versions.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// TLS clients check certificates by the system's clock, so a test's clock begins there.
fn system_now() -> Timestamp {
    Clock::system().now()
}
