//! A mock, a receiver, and a browser between them.

use crate::receiver::Receiver;
use almoner::clock::Clock;
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use almoner::payment::Reference;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use reqwest::Response;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const NEXT_KEY: &str = "fedcba9876543210fedcba9876543210";
pub(crate) const WEBHOOK_KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(crate) const NEXT_WEBHOOK_KEY: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
pub(crate) const TOKEN: &str = "control-token-of-the-tests";
pub(crate) const RETURN_URL: &str = "https://give.example.org/return/4f1c";

pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) struct Stage {
    pub(crate) mock: MockRsm,
    pub(crate) receiver: Receiver,
    pub(crate) browser: reqwest::Client,
    pub(crate) clock: Clock,
    pub(crate) port: u16,
}

/// A certificate authority and certificates for `localhost` under it.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key.
    pub(crate) fn issue(&self) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (leaf.signed_by(&key, &self.0).unwrap(), key)
    }

    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let (leaf, key) = self.issue();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key);
        Arc::new(config.unwrap())
    }

    /// A browser that follows nothing by itself.
    pub(crate) fn browser(&self) -> reqwest::Client {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
        builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Clock::system(), |_| {})
    }

    pub(crate) fn with(clock: Clock, change: impl FnOnce(&mut MockSettings)) -> Self {
        let authority = Authority::new();
        let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (mine, theirs) = (listen(), listen());
        let mut settings = MockSettings {
            merchant: "hope".to_owned(),
            signing_keys: vec![("k1".to_owned(), KEY.into()), ("k2".to_owned(), NEXT_KEY.into())],
            webhook_url: format!(
                "https://localhost:{}/webhooks/signed",
                theirs.local_addr().unwrap().port()
            ),
            webhook_keys: vec![WEBHOOK_KEY.into()],
            webhook_roots: authority.pem(),
            origin: format!("https://localhost:{}", mine.local_addr().unwrap().port()),
            control_token: Some(TOKEN.into()),
            return_origins: None,
            rsm2000: None,
            pace: Pace {
                retries: [50, 100].map(Duration::from_millis).into(),
                answer_within: Duration::from_secs(5),
                patience: Duration::from_secs(2),
                slow: Duration::from_millis(400),
                late: Duration::from_millis(400),
                lifetime: SignedDuration::from_mins(60),
            },
        };
        change(&mut settings);
        let port = mine.local_addr().unwrap().port();
        Self {
            port,
            receiver: Receiver::start(theirs, authority.server()),
            browser: authority.browser(),
            mock: MockRsm::start(settings, mine, authority.server(), clock.clone()).unwrap(),
            clock,
        }
    }

    /// A donation of 25 pounds by card, not yet signed.
    pub(crate) fn donation(&self) -> (Reference, Fields) {
        let reference = Reference::at(self.clock.now());
        let fields = [
            ("merchant", "hope"),
            ("kind", "donate"),
            ("method", "card"),
            ("amount", "2500"),
            ("currency", "GBP"),
            ("frequency", "once"),
            ("gift_aid", "true"),
            ("return_url", RETURN_URL),
            ("key_id", "k1"),
            ("title", "Ms"),
            ("first_name", "Pat"),
            ("last_name", "O'Brien"),
            ("email", "pat@example.org"),
            ("line1", "1 High Street"),
            ("town", "Bedford"),
            ("postcode", "TE1 2ST"),
            ("country", "GB"),
        ];
        let mut fields: Fields =
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        fields.insert("reference".to_owned(), reference.to_string());
        fields.insert("timestamp".to_owned(), self.clock.now().as_second().to_string());
        (reference, fields)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.mock.origin())
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.browser.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.post_raw(path, encode(fields)).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: String) -> Response {
        let request = self.browser.post(self.url(path)).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    /// Signs the fields and hands them over.
    pub(crate) async fn hand_off(&self, mut fields: Fields) -> Response {
        let key =
            if fields.get("key_id").map(String::as_str) == Some("k2") { NEXT_KEY } else { KEY };
        sign(&mut fields, key);
        self.post_raw("/handoff", encode(fields)).await
    }

    /// The address of the hosted page of a new hand-off.
    pub(crate) async fn visit(&self, change: &[(&str, &str)]) -> (Reference, String) {
        let (reference, mut fields) = self.donation();
        for (name, value) in change {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        (reference, location(&self.hand_off(fields).await))
    }

    pub(crate) async fn pay(&self, page: &str, number: &str) -> Response {
        let card =
            [("number", number), ("expiry", "12/49"), ("cvc", "123"), ("holder", "Pat O'Brien")];
        self.post(page, &card).await
    }

    pub(crate) async fn debit(&self, page: &str, number: &str) -> Response {
        let account = [
            ("account_name", "Pat O'Brien"),
            ("sort_code", "12-34-56"),
            ("account_number", number),
        ];
        self.post(page, &account).await
    }

    /// A rightly signed enquiry.
    pub(crate) async fn enquire(&self, path: &str) -> Response {
        let (input, signature) = enquiry(&self.url(path), self.clock.now().as_second(), "k1", KEY);
        let request = self.browser.get(self.url(path));
        request
            .header("signature-input", input)
            .header("signature", signature)
            .send()
            .await
            .unwrap()
    }
}

/// Adds the signature, as the specification says.
pub(crate) fn sign(fields: &mut Fields, key: &str) {
    let sent = fields.iter().filter(|(_, value)| !value.is_empty());
    let lines = sent.map(|(name, value)| format!("{}:{name}{}:{value}\n", name.len(), value.len()));
    let text = lines.fold("almoner-handoff-v1\n".to_owned(), |text, line| text + &line);
    fields.insert("signature".to_owned(), hex::encode(mac(key, &text)));
}

/// The two headers of RFC 9421.
pub(crate) fn enquiry(url: &str, created: i64, key_id: &str, key: &str) -> (String, String) {
    let parameters = format!(
        "(\"@method\" \"@target-uri\");created={created};keyid=\"{key_id}\";alg=\"hmac-sha256\""
    );
    let base =
        format!("\"@method\": GET\n\"@target-uri\": {url}\n\"@signature-params\": {parameters}");
    (format!("sig1={parameters}"), format!("sig1=:{}:", STANDARD.encode(mac(key, &base))))
}

pub(crate) fn mac(key: &str, text: &str) -> Vec<u8> {
    let hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    hmac.chain_update(text).finalize().into_bytes().to_vec()
}

pub(crate) fn encode(fields: impl IntoIterator<Item = (String, String)>) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}

/// Where a 303 leads, without the mock's own origin.
pub(crate) fn location(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap().to_owned()
}
