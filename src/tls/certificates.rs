//! The certificates of a listener, and how they are swapped while it serves.

use super::ending::Ending;
use super::facts::Facts;
use super::files::{Files, Material};
use super::identity::{self, CertificateError, Identity};
use super::profile::Profile;
use crate::clock::Clock;
use arc_swap::ArcSwap;
use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A listener's certificates. Clones are the same ones.
#[derive(Clone)]
pub struct Certificates(Arc<Held>);

struct Held {
    files: Files,
    profile: Profile,
    clock: Clock,
    config: RustlsConfig,
    served: ArcSwap<Served>,
    said: Mutex<Said>,
}

/// What newcomers are shown.
struct Served {
    digest: [u8; 32],
    facts: Facts,
}

/// What was logged last, so that a watcher that finds the same again stays silent.
#[derive(Default)]
struct Said {
    complaint: Option<CertificateError>,
    ending: Ending,
}

impl Certificates {
    /// Reads and checks the files. Blocks; meant for the start.
    pub fn load(files: Files, profile: Profile, clock: Clock) -> Result<Self, CertificateError> {
        let material = Material::read(&files)?;
        let (config, facts) = build(&material, &files, profile, &clock)?;
        let served = Served { digest: material.digest(), facts };
        let certificates = Self(Arc::new(Held {
            files,
            profile,
            clock,
            config: RustlsConfig::from_config(config),
            served: ArcSwap::from_pointee(served),
            said: Mutex::default(),
        }));
        certificates.warn_of_the_end();
        Ok(certificates)
    }

    /// What the certificate in use says about itself.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.0.served.load().facts.clone()
    }

    /// Until when the certificate in use is valid.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.0.served.load().facts.not_after
    }

    /// Reads and checks the files again; new connections get the new certificates, or, if anything
    /// is wrong with them, the old ones as before. Says which in the log. Blocks.
    pub fn reload(&self) -> Result<Facts, CertificateError> {
        let outcome = Material::read(&self.0.files).and_then(|material| self.swap(&material));
        self.say(outcome.as_ref().map(|facts| facts.not_after));
        outcome
    }

    /// Keeps the certificates fresh: looks at the files `every` so often and reloads when their
    /// content has changed, and at once on `hangup` (say it with `notify_one`, which is not lost
    /// while a look is under way). Warns 30, 14 and 3 days before the end. Runs until it is dropped.
    pub async fn watch(&self, every: Duration, hangup: &Notify) -> Infallible {
        loop {
            let look = tokio::select! {
                () = hangup.notified() => Self::reload_aloud,
                () = tokio::time::sleep(every) => Self::refresh,
            };
            let this = self.clone();
            if tokio::task::spawn_blocking(move || look(&this)).await.is_err() {
                tracing::error!(event = "certificates_not_looked_at");
            }
        }
    }

    pub(super) fn config(&self) -> RustlsConfig {
        self.0.config.clone()
    }

    fn reload_aloud(&self) {
        drop(self.reload());
    }

    /// Reloads if the files are not what is served. What is wrong is tried again each time (a key
    /// may follow its chain a moment later, a certificate may become valid) but said only once.
    fn refresh(&self) {
        let outcome = Material::read(&self.0.files).and_then(|material| {
            if material.digest() == self.0.served.load().digest {
                return Ok(None);
            }
            self.swap(&material).map(|facts| Some(facts.not_after))
        });
        match &outcome {
            Ok(None) => self.said().complaint = None,
            Ok(Some(not_after)) => self.say(Ok(*not_after)),
            Err(error) if self.said().complaint.as_ref() == Some(error) => {}
            Err(error) => self.say(Err(error)),
        }
        self.warn_of_the_end();
    }

    fn swap(&self, material: &Material) -> Result<Facts, CertificateError> {
        let held = &self.0;
        let (config, facts) = build(material, &held.files, held.profile, &held.clock)?;
        held.config.reload_from_config(config);
        held.served.store(Arc::new(Served { digest: material.digest(), facts: facts.clone() }));
        Ok(facts)
    }

    fn say(&self, outcome: Result<Timestamp, &CertificateError>) {
        let file = self.0.files.chain.display();
        match outcome {
            Ok(not_after) => {
                tracing::info!(event = "certificates_in_use", audit = true, %file, %not_after);
            }
            Err(error) => {
                tracing::error!(event = "certificates_refused", audit = true, %file, reason = %error);
            }
        }
        self.said().complaint = outcome.err().cloned();
    }

    fn warn_of_the_end(&self) {
        let (file, now) = (self.0.files.chain.display(), self.0.clock.now());
        self.said().ending.look(&file, self.not_after(), now);
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.0.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Always the whole configuration, so that profile and client authorities outlive a reload.
fn build(
    material: &Material,
    files: &Files,
    profile: Profile,
    clock: &Clock,
) -> Result<(Arc<ServerConfig>, Facts), CertificateError> {
    let identity = Identity::check(material, files, clock.now())?;
    let clients = identity::client_authorities(material, files)?;
    let config = profile
        .server_config(identity.certified, clients, clock)
        .map_err(|_error| CertificateError::Refused { file: files.chain.clone() })?;
    Ok((Arc::new(config), identity.facts))
}
