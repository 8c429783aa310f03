//! Where the public listener's certificate comes from: files, or an authority; never both.

use crate::config::{AcmeSettings, ConfigError, Document, Settings};
use crate::payment::Mode;
use crate::tls::acme::{BUILT, Terms};
use crate::tls::{CertificateError, Files};
use email_address::EmailAddress;
use rustls::pki_types::DnsName;

/// The most names in one certificate: what authorities take.
const MOST_NAMES: usize = 100;

/// Where the public listener's certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Files that somebody else renews.
    Files(Files),
    /// An authority that is asked.
    Acme(Terms),
}

impl Shown {
    /// Where it lies, or will.
    #[must_use]
    pub fn files(&self) -> Files {
        match self {
            Self::Files(files) => files.clone(),
            Self::Acme(terms) => terms.files(),
        }
    }

    /// Makes what must be there before the kernel holds the service to what is its own.
    pub fn prepare(&self) -> Result<(), CertificateError> {
        match self {
            Self::Files(_) => Ok(()),
            Self::Acme(terms) => terms.prepare(),
        }
    }
}

impl Settings {
    /// Where the public listener's certificate comes from.
    pub fn shown(&self, document: &Document) -> Result<Shown, ConfigError> {
        let wrong = |key: &str, what: &str| Err(document.wrong(key, what));
        let public = &self.public;
        match (&public.certificate_file, &public.private_key_file, &public.acme) {
            (Some(chain), Some(key), None) => Ok(Shown::Files(Files {
                chain: chain.clone(),
                key: key.clone(),
                client_authorities: None,
            })),
            (None, None, Some(acme)) => self.terms(acme, document).map(Shown::Acme),
            (None, None, None) => wrong(
                "public",
                "no certificate: name certificate_file and private_key_file, or an authority in [public.acme]",
            ),
            (_, _, Some(_)) => wrong(
                "public.acme",
                "beside certificate files: keep [public.acme], or certificate_file and private_key_file, not both",
            ),
            (None, Some(_), None) => {
                wrong("public.private_key_file", "without certificate_file: name that too")
            }
            (Some(_), None, None) => {
                wrong("public.certificate_file", "without private_key_file: name that too")
            }
        }
    }

    fn terms(&self, acme: &AcmeSettings, document: &Document) -> Result<Terms, ConfigError> {
        let wrong = |name: &str, what: &str| document.wrong(&format!("public.acme.{name}"), what);
        if !BUILT {
            return Err(document.wrong("public.acme", &CertificateError::BuiltWithout.to_string()));
        }
        if !acme.terms_agreed {
            let what = "not true: read the authority's terms of service, then set it to true";
            return Err(wrong("terms_agreed", what));
        }
        if !acme.contact.is_empty() && !EmailAddress::is_valid(&acme.contact) {
            let what = "not an address of electronic mail: write it like \"it@charity.example\"";
            return Err(wrong("contact", what));
        }
        self.check_of_operators(document)?;
        Ok(acme.terms(self.names(acme, document)?))
    }

    /// Operators need a certificate of their own; a throw-away one is none for real money.
    fn check_of_operators(&self, document: &Document) -> Result<(), ConfigError> {
        let own = self.operations.certificate_file.as_ref();
        if own.and(self.operations.private_key_file.as_ref()).is_some() {
            return Ok(());
        }
        let remedy = match self.processor.mode.0 {
            Mode::Live => "name one of your own authority, or of a public one",
            Mode::Test => "`almoner dev-certs` makes one",
        };
        let what = format!(
            "needed beside [public.acme], with private_key_file: until the authority has given a certificate operators must see why; {remedy}"
        );
        Err(document.wrong("operations.certificate_file", &what))
    }

    fn names(&self, acme: &AcmeSettings, document: &Document) -> Result<Vec<String>, ConfigError> {
        let authority = self.public.origin.0.authority();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let names: Vec<String> = if acme.domains.is_empty() {
            vec![host.to_owned()]
        } else {
            acme.domains.iter().map(|name| name.0.as_str().to_owned()).collect()
        };
        // Neither port nor address nor star: none of them can be proved by TLS-ALPN-01.
        let is_name = |name: &String| DnsName::try_from(name.as_str()).is_ok();
        let wrong = |what: &str| Err(document.wrong("public.acme.domains", what));
        if !names.iter().all(is_name) {
            return wrong(
                "not all host names: write them like \"give.example.org\", without port or star",
            );
        }
        if names.len() > MOST_NAMES {
            return wrong("more than 100 names: take some out");
        }
        if !names.iter().any(|name| name == host) {
            return wrong("without the host of public.origin, which supporters come to: add it");
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../config/production.toml");
    const FILES: &str = "certificate_file = \"/etc/almoner/tls/fullchain.pem\"";
    const KEY: &str = "private_key_file = \"/etc/almoner/tls/privkey.pem\"";

    /// The example without what is to go, and with something changed.
    fn shown(gone: &[&str], from: &str, to: &str) -> Result<Shown, String> {
        let mut text = EXAMPLE.to_owned();
        for line in gone {
            assert!(text.contains(line), "{line}");
            text = text.replacen(line, "", 1);
        }
        assert!(text.contains(from), "{from}");
        let document = Document::given("almoner.toml", text.replacen(from, to, 1));
        let settings = document.settings().unwrap();
        settings.shown(&document).map_err(|error| error.to_string())
    }

    fn section() -> String {
        let (_, rest) = EXAMPLE.split_once("\n[public.acme]").unwrap();
        format!("\n[public.acme]{}", rest.split("\n[").next().unwrap())
    }

    #[test]
    fn files_or_an_authority_but_never_both_or_neither() {
        let section = section();
        let by_files = shown(&[&section], "", "").unwrap();
        assert!(matches!(&by_files, Shown::Files(files) if files.key.ends_with("privkey.pem")));
        by_files.prepare().unwrap();
        for (gone, said) in [
            (vec![], "not both"),
            (vec![FILES], "not both"),
            (vec![FILES, KEY, &section], "or an authority in [public.acme]"),
            (vec![FILES, &section], "without certificate_file"),
            (vec![KEY, &section], "without private_key_file"),
        ] {
            let error = shown(&gone, "", "").unwrap_err();
            assert!(error.contains(said) && error.starts_with("almoner.toml:"), "{error}");
        }
    }

    /// Nobody is sent to throw-away certificates where real money is taken.
    #[test]
    fn operators_certificate_is_asked_for_by_the_mode() {
        let own = "certificate_file = \"/etc/almoner/tls/operations.pem\"";
        assert!(EXAMPLE.contains(own));
        for (mode, throw_away, remedy) in [
            ("live", false, "of your own authority"),
            ("test", true, "`almoner dev-certs` makes one"),
        ] {
            let text = EXAMPLE.replacen(own, "", 1);
            let text = text.replacen("mode = \"live\"", &format!("mode = \"{mode}\""), 1);
            let document = Document::given("almoner.toml", text);
            let settings = document.settings().unwrap();
            let error = settings.check_of_operators(&document).unwrap_err().to_string();
            assert_eq!(error.contains("dev-certs"), throw_away, "{error}");
            assert!(
                error.contains("operations.certificate_file") && error.contains(remedy),
                "{error}"
            );
        }
    }

    #[cfg(not(feature = "acme"))]
    #[test]
    fn without_the_feature_it_says_how_to_build_it() {
        let error = shown(&[FILES, KEY], "", "").unwrap_err();
        assert!(error.contains("public.acme: this binary was built without ACME"), "{error}");
    }

    #[cfg(feature = "acme")]
    #[test]
    fn what_an_authority_would_refuse_is_refused_before_it_is_asked() {
        let agreed = ("terms_agreed = false", "terms_agreed = true");
        let Shown::Acme(terms) = shown(&[FILES, KEY], agreed.0, agreed.1).unwrap() else {
            panic!()
        };
        assert_eq!(terms.names, ["give.charity.example"]);
        assert_eq!(terms.contact, None);
        let domains = |list: &str| format!("terms_agreed = true\ndomains = {list}");
        for (gone, to, said) in [
            ("", "terms_agreed = false".to_owned(), "terms_agreed: not true"),
            ("domains = []", domains("[\"*.charity.example\"]"), "domains: not all host names"),
            (
                "domains = []",
                domains("[\"give.charity.example\", \"192.0.2.7\"]"),
                "not all host names",
            ),
            ("domains = []", domains("[\"give.charity.example:8443\"]"), "not all host names"),
            (
                "domains = []",
                domains("[\"www.charity.example\"]"),
                "without the host of public.origin",
            ),
            (
                "contact = \"\"",
                "terms_agreed = true\ncontact = \"nobody\"".to_owned(),
                "contact: not an address",
            ),
            (
                "certificate_file = \"/etc/almoner/tls/operations.pem\"",
                agreed.1.to_owned(),
                "operators must see why",
            ),
        ] {
            let error = shown(&[FILES, KEY, gone], agreed.0, &to).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let both = domains("[\"www.charity.example\", \"give.charity.example\"]");
        let Shown::Acme(terms) = shown(&[FILES, KEY, "domains = []"], agreed.0, &both).unwrap()
        else {
            panic!()
        };
        assert_eq!(terms.names, ["www.charity.example", "give.charity.example"]);
    }
}
