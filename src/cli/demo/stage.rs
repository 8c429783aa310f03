//! Where everything of one demo is: a folder, certificates, keys, and the settings of both sides.

use crate::cli::{Failure, keygen};
use crate::clock::Clock;
use crate::keys::{self, Password};
use crate::mock_rsm::{MockSettings, Pace, Rsm2000Settings};
use crate::tls::development::{Authority, LOOPBACK, Written};
use base64::Engine as _;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// How long the certificates last: a demo's clock runs months ahead.
const DEMO_DAYS: u16 = 3650;

/// The file of the gateway's settings, for commands beside the demo.
pub(super) const SETTINGS: &str = "almoner.toml";

/// Everything that is thrown away at the end.
pub(super) struct Stage {
    pub(super) folder: tempfile::TempDir,
    pub(super) play: Play,
    pub(super) api_key: String,
    /// Of the console.
    pub(super) password: String,
    pub(super) gateway: u16,
    pub(super) mock: u16,
    /// Where the charity's own system listens.
    crm: u16,
    pub(super) clock: Clock,
    pub(super) written: Written,
    secrets: Secrets,
}

/// Which journey is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Play {
    /// The processor's own pages, in the dialect `signed`.
    Pages,
    /// Our own pages, and the processor's API.
    Api,
    /// RSM's own formats.
    Rsm2000,
}

/// What gateway and mock share.
struct Secrets {
    signing: String,
    webhook: String,
    callback: String,
    api: String,
    crm: String,
}

impl Stage {
    pub(super) fn set(play: Play, [gateway, mock, crm]: [u16; 3]) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("almoner-demo-").tempdir()?;
        let clock = Clock::that_can_be_moved();
        let written =
            Authority::new(&clock, DEMO_DAYS)?.write(&folder.path().join("tls"), &LOOPBACK)?;
        let base64 = |engine: &base64::engine::GeneralPurpose| {
            Ok::<_, Failure>(engine.encode(keys::random::<32>()?))
        };
        let whsec = || {
            let random = base64(&base64::engine::general_purpose::STANDARD)?;
            Ok::<_, Failure>(format!("whsec_{random}"))
        };
        let hex = || Ok::<_, Failure>(hex::encode(keys::random::<32>()?));
        let password = hex::encode(keys::random::<8>()?);
        let secrets = Secrets {
            signing: hex()?,
            webhook: whsec()?,
            callback: hex()?,
            api: hex()?,
            crm: whsec()?,
        };
        for (name, secret) in [
            ("install.key", &hex()?),
            ("signing.key", &secrets.signing),
            ("webhook.key", &secrets.webhook),
            ("callback.key", &secrets.callback),
            ("api.key", &secrets.api),
            ("crm.key", &secrets.crm),
            ("console.phc", &Password::hash(&password)?),
        ] {
            keygen::write_private(&folder.path().join(name), secret)?;
        }
        let holidays = include_str!("../../../config/bank-holidays.json");
        std::fs::write(folder.path().join("bank-holidays.json"), holidays)?;
        let texts = folder.path().join("texts");
        std::fs::create_dir(&texts)?;
        std::fs::write(texts.join("cy.ftl"), include_str!("cy.ftl"))?;
        let api_key = base64(&base64::engine::general_purpose::URL_SAFE_NO_PAD)?;
        let api_key = format!("alm_{api_key}");
        let stage =
            Self { folder, play, api_key, password, gateway, mock, crm, clock, written, secrets };
        std::fs::write(stage.folder.path().join(SETTINGS), stage.settings())?;
        Ok(stage)
    }

    /// What the charity's own system shares with the gateway.
    pub(super) fn crm_secret(&self) -> &str {
        &self.secrets.crm
    }

    /// The gateway's configuration.
    pub(super) fn settings(&self) -> String {
        let (processor, join) = match self.play {
            Play::Pages | Play::Api => {
                (include_str!("signed.toml"), "[\"direct_debit\", \"card\"]")
            }
            Play::Rsm2000 => (include_str!("rsm2000.toml"), "[\"direct_debit\"]"),
        };
        let api = if self.play == Play::Api { include_str!("api.toml") } else { "" };
        include_str!("demo.toml")
            .replace("@PROCESSOR@", processor)
            .replace("@API@", api)
            .replace("@JOIN_METHODS@", join)
            .replace("@GATEWAY@", &self.gateway.to_string())
            .replace("@MOCK@", &self.mock.to_string())
            .replace("@CRM@", &self.crm.to_string())
            .replace("@HASH@", &hex::encode(Sha256::digest(self.api_key.as_bytes())))
    }

    /// The mock's.
    pub(super) fn mock_settings(&self) -> Result<MockSettings, Failure> {
        let gateway = format!("https://localhost:{}", self.gateway);
        let secret = |text: &String| SecretString::from(text.as_str());
        let secrets = &self.secrets;
        let rsm =
            || Rsm2000Settings::new(&gateway, secret(&secrets.api), secret(&secrets.callback));
        Ok(MockSettings {
            merchant: "harbour-lights".to_owned(),
            signing_keys: vec![("demo".to_owned(), secret(&secrets.signing))],
            webhook_url: format!("{gateway}/webhooks/signed"),
            webhook_keys: vec![secret(&secrets.webhook)],
            webhook_roots: std::fs::read_to_string(&self.written.authority)?,
            origin: format!("https://localhost:{}", self.mock),
            control_token: None,
            return_origins: None,
            rsm2000: (self.play == Play::Rsm2000).then(rsm),
            pace: Pace::default(),
        })
    }
}
