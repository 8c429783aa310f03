//! The certificates of a listener, and how they are swapped while it serves.

use super::acme::{self, Challenges};
use super::ending::Ending;
use super::facts::Facts;
use super::files::{Files, Material};
use super::identity::{self, CertificateError, Identity};
use super::profile::Profile;
use crate::clock::Clock;
use arc_swap::ArcSwapOption;
use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::sign::SingleCertAndKey;
use std::convert::Infallible;
use std::io::ErrorKind;
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
    /// Nothing while none has come yet: then nobody's handshake succeeds.
    served: ArcSwapOption<Served>,
    /// What an authority is shown that looks whether names are ours; none where certificates are files of
    /// somebody else's.
    challenges: Option<Challenges>,
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
        let certificates = Self::none(files, profile, clock, None)?;
        certificates.swap(&Material::read(&certificates.0.files)?)?;
        certificates.warn_of_the_end();
        Ok(certificates)
    }

    /// Those that come by ACME: what is there and good is shown; until something is, nobody is let in but
    /// who looks whether names are ours. Blocks; meant for the start.
    pub fn awaited(
        files: Files,
        profile: Profile,
        clock: Clock,
        challenges: Challenges,
    ) -> Result<Self, CertificateError> {
        let certificates = Self::none(files, profile, clock, Some(challenges))?;
        certificates.refresh();
        Ok(certificates)
    }

    fn none(
        files: Files,
        profile: Profile,
        clock: Clock,
        challenges: Option<Challenges>,
    ) -> Result<Self, CertificateError> {
        let nobody = Challenges::default().beside(None);
        let resolver = challenges.as_ref().map_or(nobody, |challenges| challenges.beside(None));
        let mut config = profile
            .server_config(resolver, None, &clock)
            .map_err(|_error| CertificateError::Refused { file: files.chain.clone() })?;
        prove(&mut config, challenges.as_ref());
        Ok(Self(Arc::new(Held {
            files,
            profile,
            clock,
            config: RustlsConfig::from_config(Arc::new(config)),
            served: ArcSwapOption::empty(),
            challenges,
            said: Mutex::default(),
        })))
    }

    /// What the certificate in use says about itself; nothing while none has come yet.
    #[must_use]
    pub fn facts(&self) -> Option<Facts> {
        self.0.served.load().as_ref().map(|served| served.facts.clone())
    }

    /// Until when the certificate in use is valid.
    #[must_use]
    pub fn not_after(&self) -> Option<Timestamp> {
        self.0.served.load().as_ref().map(|served| served.facts.not_after)
    }

    /// Reads and checks the files again; new connections get the new certificates, or, if anything
    /// is wrong with them, the old ones as before. Says which in the log. Blocks.
    pub fn reload(&self) -> Result<Facts, CertificateError> {
        let outcome = Material::read(&self.0.files).and_then(|material| self.swap(&material));
        if !outcome.as_ref().is_err_and(|error| self.is_awaited(error)) {
            self.say(outcome.as_ref().map(|facts| facts.not_after));
        }
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
            let served = self.0.served.load();
            if served.as_ref().is_some_and(|served| served.digest == material.digest()) {
                return Ok(None);
            }
            self.swap(&material).map(|facts| Some(facts.not_after))
        });
        match &outcome {
            Ok(None) => self.said().complaint = None,
            Ok(Some(not_after)) => self.say(Ok(*not_after)),
            Err(error)
                if self.said().complaint.as_ref() == Some(error) || self.is_awaited(error) => {}
            Err(error) => self.say(Err(error)),
        }
        self.warn_of_the_end();
    }

    fn swap(&self, material: &Material) -> Result<Facts, CertificateError> {
        let held = &self.0;
        let (config, facts) = held.build(material)?;
        held.config.reload_from_config(config);
        let served = Served { digest: material.digest(), facts: facts.clone() };
        held.served.store(Some(Arc::new(served)));
        Ok(facts)
    }

    /// Whether it says no more than that none has come yet.
    fn is_awaited(&self, error: &CertificateError) -> bool {
        let missing =
            matches!(error, CertificateError::Unreadable { reason: ErrorKind::NotFound, .. });
        missing && self.0.challenges.is_some() && self.0.served.load().is_none()
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
        if let Some(not_after) = self.not_after() {
            self.said().ending.look(&file, not_after, now);
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.0.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Always the whole configuration, so that profile and client authorities outlive a reload.
    fn build(&self, material: &Material) -> Result<(Arc<ServerConfig>, Facts), CertificateError> {
        let Identity { certified, facts } =
            Identity::check(material, &self.files, self.clock.now())?;
        let clients = identity::client_authorities(material, &self.files)?;
        let config = match &self.challenges {
            None => {
                let alone = Arc::new(SingleCertAndKey::from(certified));
                self.profile.server_config(alone, clients, &self.clock)
            }
            Some(challenges) => {
                let beside = challenges.beside(Some(certified));
                self.profile.server_config(beside, clients, &self.clock)
            }
        };
        let mut config = config
            .map_err(|_error| CertificateError::Refused { file: self.files.chain.clone() })?;
        prove(&mut config, self.challenges.as_ref());
        Ok((Arc::new(config), facts))
    }
}

/// Lets an authority ask for what proves a name, where names are proved. It shows no certificate of its
/// own: none is asked for, for the listener whose names are proved lets everybody in.
fn prove(config: &mut ServerConfig, challenges: Option<&Challenges>) {
    if challenges.is_some() {
        config.alpn_protocols.push(acme::PROTOCOL.to_vec());
    }
}
