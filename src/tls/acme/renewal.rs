//! Sees that there is a certificate, and a new one in time. A failing authority stops nothing: what is
//! there is shown for as long as it is good, and it is asked again.

use super::cache::Cache;
use super::line::Line;
use super::order::obtain;
use super::plan::{Plan, Wanted};
use super::trouble::Trouble;
use super::{Challenges, Terms};
use crate::clock::Clock;
use crate::tls::files::Material;
use crate::tls::identity::Identity;
use crate::tls::{CertificateError, Certificates, Facts, Profile};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// How often it is looked whether anything is wanted: in memory, by the clock.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// For the whole of one attempt.
const LONGEST: Duration = Duration::from_mins(10);
/// Days before the end at which a failure is an error: before that there is time.
const ERROR_DAYS: i64 = 7;

/// What renews the certificates of the public listener.
pub struct Renewal {
    terms: Terms,
    cache: Cache,
    clock: Clock,
    certificates: Certificates,
    challenges: Challenges,
    plan: Mutex<Plan>,
    nudge: Notify,
}

impl Renewal {
    /// Reads what is there already. Blocks; meant for the start.
    pub fn open(
        terms: Terms,
        profile: Profile,
        clock: Clock,
    ) -> Result<Arc<Self>, CertificateError> {
        let challenges = Challenges::default();
        let certificates =
            Certificates::awaited(terms.files(), profile, clock.clone(), challenges.clone())?;
        let cache = Cache::of(&terms);
        let plan = Mutex::new(cache.plan());
        let nudge = Notify::new();
        Ok(Arc::new(Self { terms, cache, clock, certificates, challenges, plan, nudge }))
    }

    /// Those that it renews.
    #[must_use]
    pub fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// Has it ask now where it wants something, however long it would wait: whoever has put right what was
    /// wrong says so.
    pub fn look(&self) {
        self.nudge.notify_one();
    }

    /// Renews until it is dropped, which it may be at any time.
    pub async fn go(&self) {
        loop {
            self.round().await;
            tokio::select! {
                () = self.nudge.notified() => self.wait_no_longer(),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn round(&self) {
        let (facts, now) = (self.certificates.facts(), self.clock.now());
        let shown = facts.as_ref().filter(|facts| facts.not_after > now);
        let Some(wanted) = Wanted::beside(shown, &self.terms.names, now) else { return };
        let plan = self.plan();
        if plan.puts_off(wanted, now) {
            return;
        }
        let (domain, names) = (self.domain(), self.terms.names.len());
        tracing::info!(
            event = "certificate_ordered",
            audit = true,
            domain,
            names,
            reason = wanted.word()
        );
        let line = Line::new(self.terms.roots.as_deref(), self.clock.clone());
        let (outcome, wait) = match line {
            Ok(line) => (self.attempt(plan, line.clone()).await, line.wait()),
            Err(trouble) => (Err(trouble), None),
        };
        self.challenges.clear();
        let now = self.clock.now();
        let next = match &outcome {
            Ok(facts) => Plan::after_success(now, facts),
            Err(_) => plan.after_failure(now, wait),
        };
        self.keep(next).await;
        match outcome {
            Ok(facts) => {
                let not_after = facts.not_after;
                tracing::info!(event = "certificate_obtained", audit = true, domain, names, %not_after);
            }
            Err(trouble) => self.tell(&trouble, shown, next),
        }
    }

    async fn attempt(&self, plan: Plan, line: Line) -> Result<Facts, Trouble> {
        // Before the authority is asked: where it cannot be kept that it was, it is not asked, and nothing
        // that came could be kept either. Whoever is killed meanwhile has failed.
        let begun = plan.after_failure(self.clock.now(), None);
        self.on_disk(move |cache| cache.put_plan(begun)).await?;
        let account_key = self.on_disk(Cache::account_key).await?;
        let order = obtain(&self.terms, line, account_key, &self.challenges);
        let pem =
            tokio::time::timeout(LONGEST, order).await.map_err(|_elapsed| Trouble::Late)??;
        let facts = self.examine(&pem)?;
        self.on_disk(move |cache| cache.put_certificate(pem.as_bytes())).await?;
        let certificates = self.certificates.clone();
        let shown = tokio::task::spawn_blocking(move || certificates.reload()).await;
        shown.map_err(|_panicked| Trouble::Making)?.map_err(Trouble::Unusable)?;
        Ok(facts)
    }

    /// Looks at what came as at any file before it takes the place of what is good.
    fn examine(&self, pem: &str) -> Result<Facts, Trouble> {
        let both = || Zeroizing::new(pem.as_bytes().to_vec());
        let material = Material { chain: both(), key: both(), client_authorities: None };
        let now = self.clock.now();
        let identity =
            Identity::check(&material, &self.terms.files(), now).map_err(Trouble::Unusable)?;
        match Wanted::beside(Some(&identity.facts), &self.terms.names, identity.facts.not_before) {
            Some(Wanted::Names) => Err(Trouble::OtherNames),
            Some(Wanted::None | Wanted::Age) | None => Ok(identity.facts),
        }
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cache) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let cache = self.cache.clone();
        let done = tokio::task::spawn_blocking(move || work(&cache)).await;
        done.map_err(|_panicked| Trouble::Making)?
    }

    /// In memory in any case: a disk that fails must not have the authority hammered.
    async fn keep(&self, plan: Plan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        if let Err(trouble) = self.on_disk(move |cache| cache.put_plan(plan)).await {
            let advice = trouble.advice();
            tracing::error!(event = "certificate_plan_not_kept", reason = %trouble, advice);
        }
    }

    fn wait_no_longer(&self) {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).not_before = None;
    }

    fn tell(&self, trouble: &Trouble, shown: Option<&Facts>, next: Plan) {
        let (domain, names) = (self.domain(), self.terms.names.len());
        let (tries, advice, now) = (next.failures, trouble.advice(), self.clock.now());
        let seconds = next.seconds(now);
        if shown.is_none_or(|facts| facts.days_left(now) < ERROR_DAYS) {
            tracing::error!(event = "certificate_not_obtained", domain, names, reason = %trouble, advice, tries, seconds);
        } else {
            tracing::warn!(event = "certificate_not_obtained", domain, names, reason = %trouble, advice, tries, seconds);
        }
    }

    fn domain(&self) -> &str {
        self.terms.names.first().map_or("", String::as_str)
    }

    fn plan(&self) -> Plan {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    /// Nobody is there: each attempt fails at once.
    fn open(folder: &std::path::Path, clock: &Clock) -> Arc<Renewal> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let directory = format!("https://{}/", listener.local_addr().unwrap());
        let terms = Terms {
            directory: directory.parse().unwrap(),
            contact: None,
            names: vec!["give.example".to_owned()],
            folder: folder.to_owned(),
            roots: None,
        };
        Renewal::open(terms, Profile::Modern, clock.clone()).unwrap()
    }

    #[tokio::test]
    async fn a_failure_is_followed_by_no_other_before_its_time_whoever_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::set_to("2026-11-26T00:00:00Z".parse().unwrap());
        let renewal = open(folder.path(), &clock);
        for _ in 0..3 {
            renewal.round().await;
            assert_eq!(renewal.plan().failures, 1);
        }
        // Started anew it finds what was written down.
        let again = Renewal::open(renewal.terms.clone(), Profile::Modern, clock.clone()).unwrap();
        again.round().await;
        assert_eq!(again.plan(), renewal.plan());
        clock.advance(SignedDuration::from_mins(10));
        again.round().await;
        assert_eq!(again.plan().failures, 2);
        again.wait_no_longer();
        again.round().await;
        assert_eq!(again.plan().failures, 3, "somebody asked for it");
    }

    #[tokio::test]
    async fn nobody_is_asked_where_nothing_could_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::set_to("2026-11-26T00:00:00Z".parse().unwrap());
        let renewal = open(&folder.path().join("gone"), &clock);
        let line = Line::new(None, clock.clone()).unwrap();
        let trouble = renewal.attempt(Plan::default(), line).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Unwritten { .. }), "{trouble}");
        renewal.round().await;
        renewal.round().await;
        assert_eq!(renewal.plan().failures, 1, "kept in memory");
    }
}
