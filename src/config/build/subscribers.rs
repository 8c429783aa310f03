//! Whom to tell.

use super::is_name;
use crate::announcement::Subscriber;
use crate::config::{ConfigError, Document, SecretSetting, Settings, SubscriberSettings};
use crate::keys::{Key, why_unread};
use std::collections::HashSet;

impl Settings {
    /// All of them, or what is wrong with the first that cannot be.
    pub fn subscribers(&self, document: &Document) -> Result<Vec<Subscriber>, ConfigError> {
        let mut names = HashSet::new();
        let read = |(place, settings): (usize, &SubscriberSettings)| {
            let wrong = |name: &str, what: &str| {
                document.wrong(&format!("subscribers[{place}].{name}"), what)
            };
            let name = settings.name.as_str();
            if !is_name(name) || name.contains(' ') {
                let what = "1 to 64 letters, figures, dots, _ or - are needed here: the log shows it, and the ledger keeps it";
                return Err(wrong("name", what));
            }
            if !names.insert(name.to_owned()) {
                return Err(wrong("name", "the name of another one: each needs its own"));
            }
            let keys = settings.secret.keys(Key::webhook);
            let signing = settings.signing_key.as_ref().map(SecretSetting::signing).transpose();
            let roots = settings.ca_file.as_ref().map(std::fs::read).transpose();
            Ok(Subscriber {
                name: name.to_owned(),
                url: settings.url.0.0.clone(),
                keys: keys.map_err(|why| wrong("secret", &why.told("secret")))?,
                signing: signing.map_err(|why| wrong("signing_key", &why.told("signing_key")))?,
                allow_private: settings.allow_private,
                roots: roots.map_err(|error| {
                    wrong("ca_file", &format!("cannot be read ({})", why_unread(error.kind())))
                })?,
            })
        };
        self.subscribers.iter().enumerate().map(read).collect()
    }
}
