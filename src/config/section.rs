//! The sections of the file. What each setting is for is told in docs/configuration.md.

use super::{AcmeSettings, Checked, Colour, HostName, Level, Origin, SandboxMode, Span};
use crate::payment::{Frequency, Method};
use crate::tls::Profile;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[public]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Public {
    /// `https://host[:port]` as supporters see it.
    pub origin: Checked<Origin>,
    /// Address and port to listen on.
    pub listen: Checked<SocketAddr>,
    /// PEM file of the certificate chain.
    pub certificate_file: Option<PathBuf>,
    /// PEM file of its private key, mode 0600.
    pub private_key_file: Option<PathBuf>,
    /// An authority that gives certificates, instead of the two.
    pub acme: Option<AcmeSettings>,
    /// `intermediate` (TLS 1.2 and 1.3) or `modern` (TLS 1.3 only).
    #[serde(default)]
    pub tls_profile: Checked<Profile>,
    /// How often the certificate files are looked at.
    #[serde(default = "default::certificate_check")]
    pub certificate_check: Checked<Span>,
    /// Further host names that are answered.
    #[serde(default)]
    pub extra_hosts: Vec<Checked<HostName>>,
    /// Origins of the charity's own pages whose forms may post here.
    #[serde(default)]
    pub form_origins: Vec<Checked<Origin>>,
    /// Origins that a `return_url` may name.
    #[serde(default)]
    pub return_origins: Vec<Checked<Origin>>,
}

/// `[operations]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Address and port to listen on, loopback by default.
    #[serde(default = "default::operations")]
    pub listen: Checked<SocketAddr>,
    /// PEM file of the certificate chain; that of the public listener without.
    pub certificate_file: Option<PathBuf>,
    /// PEM file of its private key, mode 0600; that of the public listener without.
    pub private_key_file: Option<PathBuf>,
    /// PEM file of the authorities whose client certificates are asked for; none are without.
    pub client_ca_file: Option<PathBuf>,
}

/// `[ledger]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerSettings {
    /// The SQLite file. Its folder must be ours alone.
    pub file: Option<PathBuf>,
    /// A database that speaks PostgreSQL's protocol, instead of the file.
    pub url: Option<String>,
    /// PEM file of the only authorities trusted for that database's server.
    pub ca_file: Option<PathBuf>,
    /// Whether a database that forgets what it acknowledged is put up with.
    #[serde(default)]
    pub asynchronous_commit: bool,
    /// For how many months what is over is kept.
    #[serde(default = "default::retention_months")]
    pub retention_months: u32,
}

/// `[charity]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Charity {
    /// Its name.
    pub name: String,
    /// Its registration, as it must be shown.
    #[serde(default)]
    pub registration: String,
    /// Its own site.
    pub website: Checked<Origin>,
    /// Where supporters can write to.
    #[serde(default)]
    pub contact: String,
    /// Where its privacy notice is.
    #[serde(default)]
    pub privacy_url: String,
    /// The processor's name, as supporters know it.
    #[serde(default = "default::processor_name")]
    pub processor_name: String,
}

/// `[theme]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Theme {
    /// SVG, PNG, JPEG or WebP file shown at the head of every page.
    pub logo_file: Option<PathBuf>,
    /// Buttons, links and the chosen option.
    pub accent: Checked<Colour>,
    /// The text on buttons.
    pub on_accent: Checked<Colour>,
    /// The ground of the page.
    pub ground: Checked<Colour>,
    /// The ground of the form.
    pub surface: Checked<Colour>,
    /// Text.
    pub ink: Checked<Colour>,
}

/// `[texts]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextsSettings {
    /// Which languages, the first for whoever asks for none of them; all there are without.
    pub languages: Vec<String>,
    /// The operator's own `.ftl` files.
    pub folder: Option<PathBuf>,
}

/// `[[currencies]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// The least sum of one payment.
    pub minimum: String,
    /// The greatest sum of one payment.
    pub maximum: String,
}

/// `[donate]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Donate {
    /// The heading.
    #[serde(default = "default::donate_title")]
    pub title: String,
    /// A sentence or two under it.
    #[serde(default)]
    pub introduction: String,
    /// Amounts to choose from.
    pub amounts: Vec<String>,
    /// How it can be paid, the first preselected.
    pub methods: Vec<Checked<Method>>,
    /// How often, the first preselected.
    pub frequencies: Vec<Checked<Frequency>>,
    /// The Gift Aid declaration; Gift Aid is not offered without.
    #[serde(default)]
    pub gift_aid_declaration: String,
}

/// `[join]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The heading.
    #[serde(default = "default::join_title")]
    pub title: String,
    /// A sentence or two under it.
    #[serde(default)]
    pub introduction: String,
    /// How it can be paid, the first preselected.
    pub methods: Vec<Checked<Method>>,
    /// The Gift Aid declaration; Gift Aid is not offered without.
    #[serde(default)]
    pub gift_aid_declaration: String,
    /// `[[join.plans]]`: ways to be a member; without any there is no join form.
    #[serde(default)]
    pub plans: Vec<Plan>,
}

/// `[[join.plans]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its code, echoed in outcomes.
    pub code: String,
    /// What supporters read.
    pub name: String,
    /// What it brings, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The price of one payment.
    pub amount: String,
    /// How often it is paid.
    pub frequency: Checked<Frequency>,
    /// Whether Gift Aid may be claimed on it.
    #[serde(default)]
    pub gift_aid: bool,
}

/// `[api]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Api {
    /// `[[api.keys]]`: one for each program.
    pub keys: Vec<ApiKey>,
}

/// `[[api.keys]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Whose it is; shown in the log.
    pub name: String,
    /// SHA-256 of the key in hex, as `almoner keygen api` prints it.
    pub sha256: String,
    /// What it may do: `create`, `read`.
    pub scopes: Vec<String>,
}

/// `[log]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info` or `debug`.
    pub level: Checked<Level>,
}

/// `[sandbox]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxSettings {
    /// `require`, `warn` or `off`.
    pub mode: Checked<SandboxMode>,
    /// Further folders that may be read.
    pub read: Vec<PathBuf>,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            logo_file: None,
            accent: Colour::of("#1d5c4d"),
            on_accent: Colour::of("#ffffff"),
            ground: Colour::of("#f4f1ea"),
            surface: Colour::of("#ffffff"),
            ink: Colour::of("#1f2a2a"),
        }
    }
}

/// Defaults that are not nothing.
mod default {
    use super::{Checked, Span};
    use std::net::{Ipv4Addr, SocketAddr};

    pub(super) fn certificate_check() -> Checked<Span> {
        Span::seconds(30)
    }
    pub(super) fn operations() -> Checked<SocketAddr> {
        Checked(SocketAddr::from((Ipv4Addr::LOCALHOST, 9443)))
    }
    pub(super) fn retention_months() -> u32 {
        84
    }
    pub(super) fn processor_name() -> String {
        "RSM".to_owned()
    }
    pub(super) fn donate_title() -> String {
        "Make a donation".to_owned()
    }
    pub(super) fn join_title() -> String {
        "Become a member".to_owned()
    }
}
