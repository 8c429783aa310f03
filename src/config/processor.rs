//! `[processor]`: whom payments are handed to, and how it speaks.

use super::{Checked, DebitSettings, Origin, Rsm2000, SelfServiceSettings, Span};
use crate::payment::{Dialect, Mode};
use crate::tls::Network;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[processor]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessorSettings {
    /// How it speaks.
    pub dialect: Checked<Dialect>,
    /// Test system or real money.
    pub mode: Checked<Mode>,
    /// `[processor.signed]`: where it speaks `signed`.
    pub signed: Option<SignedSettings>,
    /// `[processor.rsm2000]`: where it speaks as RSM does.
    pub rsm2000: Option<Rsm2000>,
    /// `[processor.self_service]`: its page for members.
    pub self_service: Option<SelfServiceSettings>,
    /// PEM file of the only certificate authorities trusted; the system's without.
    pub ca_file: Option<PathBuf>,
    /// PEM file of our client certificate, for mutual TLS.
    pub client_certificate_file: Option<PathBuf>,
    /// PEM file of its private key, mode 0600.
    pub client_key_file: Option<PathBuf>,
    /// Networks that its webhooks come from: connections are kept free for them.
    #[serde(default)]
    pub networks: Vec<Checked<Network>>,
    /// Whether webhooks from anywhere else are refused.
    #[serde(default)]
    pub networks_only: bool,
    /// After how long without an outcome a hosted page is overdue.
    #[serde(default = "overdue_after")]
    pub overdue_after: Checked<Span>,
    /// After how long without an outcome a call is flagged.
    #[serde(default = "doubt_overdue_after")]
    pub doubt_overdue_after: Checked<Span>,
}

/// `[processor.signed]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedSettings {
    /// `https://host[:port]` of the processor.
    pub origin: Checked<Origin>,
    /// Our name with it.
    pub merchant: String,
    /// The name of the key that signs what we send.
    pub key_id: String,
    /// Whether cards are typed on a page of ours and sent to its API.
    #[serde(default)]
    pub card_api: bool,
    /// Whether Direct Debits are set up on a page of ours, by its API.
    #[serde(default)]
    pub mandate_api: bool,
    /// `[processor.signed.debit]`: the terms of those Direct Debits.
    pub debit: Option<DebitSettings>,
}

/// While the processor answers, 99 of 100 doubts are settled by then (gateway.md, section 4).
const fn doubt_overdue_after() -> Checked<Span> {
    Span::seconds(300)
}

const fn overdue_after() -> Checked<Span> {
    Span::seconds(5400)
}
