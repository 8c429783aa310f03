//! Where members are led, and how the way there is signed.

use crate::config::{ConfigError, Document, SelfServiceSettings, Settings};
use crate::payment::Dialect;
use crate::processor::{LinkNames, SelfService, SignedLink};
use jiff::SignedDuration;

const SHORTEST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

impl Settings {
    /// The processor's page for members, where there is one.
    pub fn self_service(&self, document: &Document) -> Result<Option<SelfService>, ConfigError> {
        let Some(settings) = &self.processor.self_service else { return Ok(None) };
        let url = settings.url.0.0.clone();
        if !settings.signed {
            return Ok(Some(SelfService { url, signed: None }));
        }
        let wrong =
            |key: &str, what| document.wrong(&format!("processor.self_service.{key}"), what);
        if self.processor.dialect.0 == Dialect::Rsm2000 {
            let what = "RSM has published no way to sign such a link (docs/rsm.md): ask it, and set this to false meanwhile";
            return Err(wrong("signed", what));
        }
        let valid_for = settings.valid_for.signed();
        if !(SHORTEST..=LONGEST).contains(&valid_for) {
            return Err(wrong("valid_for", "not between \"30s\" and \"1h\": \"5m\" is usual"));
        }
        let taken = url.query_pairs().map(|(name, _)| name.into_owned());
        let mut names: Vec<String> = taken.collect();
        for (key, name) in parameters(settings) {
            let plain = (1..=32).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            if !plain || names.contains(name) {
                let what = "1 to 32 letters, figures, dots, _ or - are needed here, and a name that no other parameter has";
                return Err(wrong(key, what));
            }
            names.push(name.clone());
        }
        let names = LinkNames {
            merchant: settings.merchant_parameter.clone(),
            key_id: settings.key_id_parameter.clone(),
            expires: settings.expires_parameter.clone(),
            signature: settings.signature_parameter.clone(),
        };
        Ok(Some(SelfService { url, signed: Some(SignedLink { valid_for, names }) }))
    }
}

const fn parameters(settings: &SelfServiceSettings) -> [(&'static str, &String); 4] {
    [
        ("merchant_parameter", &settings.merchant_parameter),
        ("key_id_parameter", &settings.key_id_parameter),
        ("expires_parameter", &settings.expires_parameter),
        ("signature_parameter", &settings.signature_parameter),
    ]
}
