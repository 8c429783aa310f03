//! The one task that writes. Whoever waits shares one transaction, and no one is answered before it
//! is known what became of it.

use super::chains::{Chain, may_have_come_to_pass};
use super::errand::{Answer, Errand, answer, refuse};
use super::group::Group;
use super::seals::{self, Sealer};
use super::trouble::Trouble;
use crate::clock::Clock;
use crate::ledger::LedgerError;
use deadpool_postgres::{Client, Pool};
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_postgres::IsolationLevel;

/// How often a transaction is tried again after it lost a race (security.md, FM-28).
const RETRIES: u32 = 5;
/// How long everything before a COMMIT may take.
const WORK: Duration = Duration::from_secs(10);
/// How long it is asked what became of a COMMIT that was not answered. Callers wait for it.
const INQUIRY: Duration = Duration::from_secs(15);
/// How long between two such questions.
const BETWEEN: Duration = Duration::from_millis(100);

/// The writer's desk.
pub(super) struct Writer {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) sealer: Sealer,
    /// The most requests in one transaction.
    pub(super) batch: usize,
    /// Ours alone, from the first write on.
    pub(super) chain: Place,
}

/// What is known of our chain.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// None was begun.
    Nowhere,
    /// It stands so.
    Known(Chain),
    /// A COMMIT was not answered: it must be read.
    Lost([u8; 16]),
}

/// Why a transaction was not committed for certain.
enum Failure {
    Trouble(Trouble),
    /// It may have been: these would be the answers, and this the chain.
    Unknown(Vec<Answer>, Chain),
}

impl<T: Into<Trouble>> From<T> for Failure {
    fn from(error: T) -> Self {
        Self::Trouble(error.into())
    }
}

impl Writer {
    /// Serves until nobody can ask any more.
    pub(super) async fn serve(mut self, mut errands: mpsc::Receiver<Errand>) {
        let mut client = None;
        while let Some(first) = errands.recv().await {
            // Nobody is taken up before there is a connection: who waits for it may still give up.
            if !first.stage.is_wanted() {
                continue;
            }
            let connected = match client.take() {
                Some(client) => Ok(client),
                None => self.connect().await,
            };
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(errand) = next {
                if errand.stage.start() {
                    group.push(errand);
                }
                next = if group.len() < self.batch { errands.try_recv().ok() } else { None };
            }
            client = match connected {
                Ok(connected) => self.settle(connected, group).await,
                Err(trouble) => {
                    refuse(group, &trouble.into_error());
                    None
                }
            };
        }
    }

    /// Commits what can be committed of a group and answers all of it. Gives the connection back
    /// where it may be used again.
    async fn settle(&mut self, mut client: Client, group: Vec<Errand>) -> Option<Client> {
        let (mut tries, mut reconnected) = (0_u32, false);
        loop {
            let failure = match self.attempt(&mut client, &group).await {
                Ok(answers) => {
                    answer(group, answers);
                    return Some(client);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Trouble(Trouble::Race(_)) if tries < RETRIES => {
                    tries = tries.saturating_add(1);
                    pause(tries).await;
                }
                Failure::Trouble(Trouble::Race(error) | Trouble::Refused(error))
                    if group.len() < 2 =>
                {
                    refuse(group, &error);
                    return Some(client);
                }
                // Somebody's rows are refused, or lose every race: each for itself, so that the others are
                // served.
                Failure::Trouble(Trouble::Race(_) | Trouble::Refused(_)) => {
                    return self.settle_each(client, group).await;
                }
                // The server may have been restarted since. Nothing was committed: once more is safe.
                Failure::Trouble(Trouble::Down(error)) => {
                    drop(client);
                    client = match self.connect().await {
                        Ok(fresh) if !reconnected => fresh,
                        Ok(_) | Err(_) => {
                            refuse(group, &error);
                            return None;
                        }
                    };
                    reconnected = true;
                }
                Failure::Unknown(answers, hoped) => {
                    drop(client);
                    match self.find_out(hoped).await {
                        Ok((fresh, true)) => {
                            answer(group, answers);
                            return Some(fresh);
                        }
                        Ok((fresh, false)) => client = fresh,
                        Err(error) => {
                            refuse(group, &error);
                            return None;
                        }
                    }
                }
            }
        }
    }

    /// A transaction for each.
    async fn settle_each(&mut self, client: Client, group: Vec<Errand>) -> Option<Client> {
        let mut left = Some(client);
        for errand in group {
            if let Some(client) = left.take() {
                left = Box::pin(self.settle(client, vec![errand])).await;
            } else {
                errand.answer(Err(LedgerError::Busy));
            }
        }
        left
    }

    /// One transaction. Where it cannot be told whether it was committed, that is said.
    async fn attempt(
        &mut self,
        client: &mut Client,
        group: &[Errand],
    ) -> Result<Vec<Answer>, Failure> {
        let chain = within(WORK, self.place(client)).await?;
        let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let work = async {
            let transaction = builder.start().await?;
            let asks = group.iter().map(|errand| &errand.ask);
            let mut work = Group::read(&transaction, asks, chain.instance, chain.head).await?;
            let answers: Vec<Answer> =
                group.iter().map(|errand| work.decide(&errand.ask)).collect();
            if work.drafts.is_empty() {
                return Ok((transaction, answers, None));
            }
            let grown = chain.grown(work.drafts.head);
            let (before, sealer) = (chain.head.0, &self.sealer);
            let links: Vec<_> = work.drafts.links().collect();
            futures_util::future::try_join3(
                work.drafts.write(&transaction),
                grown.store(&transaction),
                seals::seal_new(&transaction, sealer, before, links.into_iter()),
            )
            .await?;
            Ok::<_, Trouble>((transaction, answers, Some(grown)))
        };
        let (transaction, answers, grown) = within(WORK, work).await?;
        let Some(grown) = grown else {
            // Nothing was new: nothing is written, and what was read was committed before.
            transaction.rollback().await?;
            return Ok(answers);
        };
        self.chain = Place::Lost(chain.instance);
        match tokio::time::timeout(WORK, transaction.commit()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if !may_have_come_to_pass(&error) => {
                self.chain = Place::Known(chain);
                return Err(error.into());
            }
            Ok(Err(_)) | Err(_) => return Err(Failure::Unknown(answers, grown)),
        }
        self.chain = Place::Known(grown);
        Ok(answers)
    }

    /// Our chain; where there is none, it begins here.
    async fn place(&mut self, client: &mut Client) -> Result<Chain, Trouble> {
        let found = match self.chain {
            Place::Known(chain) => return Ok(chain),
            Place::Lost(instance) => Chain::look(client, instance).await?,
            Place::Nowhere => None,
        };
        let chain = match found {
            Some(chain) => chain,
            None => Chain::begin(client, self.clock.now(), &self.sealer).await?,
        };
        self.chain = Place::Known(chain);
        Ok(chain)
    }

    /// What became of a COMMIT that was not answered: read from the database over another
    /// connection, after the transaction has ended there (security.md, FM-26).
    async fn find_out(&mut self, hoped: Chain) -> Result<(Client, bool), LedgerError> {
        tracing::warn!(event = "commit_unanswered");
        let until = Instant::now().checked_add(INQUIRY);
        loop {
            let looked = async {
                let mut client = self.connect().await?;
                let found = Chain::look(&mut client, hoped.instance).await?;
                Ok::<_, Trouble>((client, found))
            };
            match within(WORK, looked).await {
                Ok((client, Some(found))) => {
                    self.chain = Place::Known(found);
                    return Ok((client, found == hoped));
                }
                Ok((_, None)) => {
                    let text = "the beginning of our chain is gone from the database".to_owned();
                    return Err(LedgerError::Unavailable(text));
                }
                Err(trouble) if until.is_none_or(|until| Instant::now() >= until) => {
                    return Err(trouble.into_error());
                }
                Err(_) => tokio::time::sleep(BETWEEN).await,
            }
        }
    }

    async fn connect(&self) -> Result<Client, Trouble> {
        Ok(self.pool.get().await?)
    }
}

/// Ends what takes too long; nothing of it was committed.
async fn within<T>(
    most: Duration,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    match tokio::time::timeout(most, work).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::Down(LedgerError::Unavailable("it took too long".to_owned()))),
    }
}

/// Some milliseconds, drawn by lot, and more each time: so that two writers do not meet again.
async fn pause(tries: u32) {
    let drawn = getrandom::u32().unwrap_or(0) % 10;
    let milliseconds = u64::from(drawn.saturating_add(1)).saturating_mul(u64::from(tries));
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
