//! Certificates and their ends: where the public listener's come from and what renews them. Those that no
//! listener shows, watched for their end: our own to the processor, and the
//! authorities that are pinned (security.md, P-6). Those of the listeners watch themselves.

use super::Running;
use crate::clock::Clock;
use crate::config::{Settings, Shown};
use crate::http::Site;
use crate::tls::acme::Renewal;
use crate::tls::{CertificateError, Certificates, Ending, Issued, Profile};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// The public listener's certificates, and what renews them where an authority gives them.
pub(super) fn public(
    shown: Shown,
    profile: Profile,
    clock: &Clock,
) -> Result<(Certificates, Option<Arc<Renewal>>), CertificateError> {
    match shown {
        Shown::Files(files) => Ok((Certificates::load(files, profile, clock.clone())?, None)),
        Shown::Acme(terms) => {
            let renewal = Renewal::open(terms, profile, clock.clone())?;
            Ok((renewal.certificates(), Some(renewal)))
        }
    }
}

/// A file of certificates, by its name in the configuration.
struct Watched {
    setting: String,
    file: PathBuf,
    ending: Ending,
}

/// Every file of certificates that is set, but for the listeners' own.
fn watched(settings: &Settings) -> Vec<Watched> {
    let acme = settings.public.acme.as_ref().and_then(|acme| acme.ca_file.clone());
    let files = [
        ("public.acme.ca_file", &acme),
        ("operations.client_ca_file", &settings.operations.client_ca_file),
        ("processor.ca_file", &settings.processor.ca_file),
        ("processor.client_certificate_file", &settings.processor.client_certificate_file),
        ("ledger.ca_file", &settings.ledger.ca_file),
        ("traces.ca_file", &settings.traces.ca_file),
    ];
    let named =
        files.into_iter().filter_map(|(setting, file)| Some((setting.to_owned(), file.clone()?)));
    let theirs = settings.subscribers.iter().filter_map(|subscriber| {
        let setting = format!("subscribers.{}.ca_file", subscriber.name);
        Some((setting, subscriber.ca_file.clone()?))
    });
    named
        .chain(theirs)
        .map(|(setting, file)| Watched { setting, file, ending: Ending::default() })
        .collect()
}

/// Looks at each file once: what cannot be read now was refused at the start, or will be at the next.
fn look(site: &Site, watched: &mut [Watched]) {
    for Watched { setting, file, ending } in watched {
        let issued = std::fs::read(&*file).ok().and_then(|pem| Issued::all(&pem));
        let first = issued.unwrap_or_default().into_iter().map(|one| one.not_after).min();
        if let Some(not_after) = first {
            ending.look(&file.display(), not_after, site.clock.now());
            site.metrics.certificate_of(setting.clone(), not_after.as_second());
        }
    }
}

impl Running {
    /// Renews what an authority gives, where one does.
    pub(super) fn renew(&self) {
        let Some(renewal) = self.renewal.clone() else { return };
        self.again_and_again(move |_| {
            let renewal = Arc::clone(&renewal);
            async move { renewal.go().await }
        });
    }

    /// Follows when they end.
    pub(super) fn watch_endings(&self, settings: &Settings) {
        let settings = settings.clone();
        self.again_and_again(move |site| {
            let mut watched = watched(&settings);
            async move {
                loop {
                    let site = Arc::clone(&site);
                    let looked = tokio::task::spawn_blocking(move || {
                        look(&site, &mut watched);
                        watched
                    });
                    let Ok(again) = looked.await else { return };
                    watched = again;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        });
    }
}
