//! The only way out: HTTPS alone, no proxy, no redirects, no retries by itself, no word of where we come from
//! (security.md, table E). Whoever calls the processor, a subscriber, a certificate authority or a collector of traces
//! begins here and adds what is its own.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Certificate, ClientBuilder, redirect, retry, tls};
use std::time::Duration;

/// Why there is no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWayOut {
    /// The PEM of the certificate authorities.
    #[error("not PEM certificates")]
    Roots,
    /// Anything else in setting up TLS.
    #[error(
        "TLS cannot be set up: on a system without certificate authorities, name them in ca_file"
    )]
    Setup,
}

/// Why a client cannot be built says nothing that an operator could use.
impl From<reqwest::Error> for NoWayOut {
    fn from(_: reqwest::Error) -> Self {
        Self::Setup
    }
}

/// So long for connecting, TLS included, and for the whole exchange. `roots` is the PEM of the only certificate
/// authorities trusted; `None` trusts the platform's.
pub fn client(
    connect: Duration,
    whole: Duration,
    roots: Option<&[u8]>,
) -> Result<ClientBuilder, NoWayOut> {
    install_provider();
    let builder = reqwest::Client::builder()
        .https_only(true)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .tls_version_min(tls::Version::TLS_1_2)
        .connect_timeout(connect)
        .timeout(whole);
    let Some(roots) = roots else { return Ok(builder) };
    let roots = Certificate::from_pem_bundle(roots).ok().filter(|roots| !roots.is_empty());
    Ok(builder.tls_certs_only(roots.ok_or(NoWayOut::Roots)?))
}

/// Makes aws-lc-rs the process's cryptography, which reqwest asks for. Done once, here.
pub fn install_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Only fails where another thread was quicker with the same provider.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    }
}

/// Retry-After: seconds, or a date, which is held against the time of the answer itself.
pub(crate) fn wait(text: &str, date: Option<Timestamp>) -> Option<SignedDuration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(until.duration_since(date?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_authority_in_what_should_hold_some_is_none_and_not_the_platform_s() {
        for roots in ["", "-----BEGIN CERTIFICATE-----\n", "a word"] {
            let why = client(Duration::ZERO, Duration::ZERO, Some(roots.as_bytes())).err();
            assert_eq!(why, Some(NoWayOut::Roots), "{roots}");
        }
    }

    #[test]
    fn fm_39_how_long_the_other_side_wants_to_be_left_alone() {
        let seconds = |text| wait(text, "2026-12-01T12:00:00Z".parse().ok()).map(|it| it.as_secs());
        assert_eq!([seconds("0"), seconds("120")], [Some(0), Some(120)]);
        assert_eq!(seconds("Tue, 01 Dec 2026 12:01:30 GMT"), Some(90));
        assert_eq!(seconds("Tue, 01 Dec 2026 11:59:00 GMT"), Some(-60), "no longer");
        assert_eq!(
            seconds("99999999999999999999"),
            Some(i64::MAX),
            "held to minutes by the client"
        );
        for wrong in ["", "soon", "-5", "+5", "1.5"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!(wait("Tue, 01 Dec 2026 12:01:30 GMT", None), None, "by whose clock?");
    }
}
