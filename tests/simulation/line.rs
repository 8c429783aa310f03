//! The wire's stand-in: a request arrives or does not, and so does its answer.

use super::bank::{self, Question};
use super::house::Life;
use super::{World, spawn};
use almoner::processor::client::{Answer, NoAnswer, Outgoing, Verb, Wire};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an instance waits for an answer, from the first byte on.
pub(crate) const DEADLINE: Duration = Duration::from_secs(25);

/// One instance's line to the processor.
pub(crate) struct Line {
    pub(crate) world: Arc<World>,
    pub(crate) life: Arc<Life>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("line")
    }
}

#[async_trait]
impl Wire for Line {
    async fn exchange(&self, request: Outgoing, most: usize) -> Result<Answer, NoAnswer> {
        let (world, life) = (&self.world, &self.life);
        world.step(life, "connect").await;
        if world.chance.strikes(world.chance.odds.refused) {
            world.note(&format!("{} is refused", life.name()));
            return Err(NoAnswer::NotSent);
        }
        world.step(life, "connected").await;
        let question = Question::read(&request);
        if request.verb == Verb::Post {
            world.sends(question.reference);
        }
        world.step(life, "sending").await;
        let (tell, told) = oneshot::channel();
        spawn(carry(Arc::clone(world), Arc::clone(life), question, tell));
        world.step(life, "sent").await;
        let waited = tokio::time::timeout(DEADLINE, told).await;
        let answer = waited.ok().and_then(Result::ok).ok_or(NoAnswer::Lost)?;
        world.step(life, "answer_begun").await;
        let answer = answer.ok_or(NoAnswer::Lost)?;
        if answer.body.len() > most {
            return Err(NoAnswer::TooLong);
        }
        world.step(life, "answer_read").await;
        Ok(answer)
    }
}

/// What the network does with a request that has left, whatever becomes of its sender.
async fn carry(
    world: Arc<World>,
    life: Arc<Life>,
    question: Question,
    tell: oneshot::Sender<Option<Answer>>,
) {
    let (chance, odds) = (&world.chance, world.chance.odds);
    tokio::time::sleep(chance.millis(1..40)).await;
    if chance.strikes(odds.request_lost) {
        world.note(&format!("request lost: {question}"));
        // The connection stays open, and nothing comes of it.
        tokio::time::sleep(DEADLINE * 2).await;
        return drop(tell);
    }
    let answer = bank::answers(&world, &question);
    world.at_the_processor(&life);
    if chance.strikes(odds.request_twice) {
        tokio::time::sleep(chance.millis(1..2000)).await;
        world.note(&format!("request twice: {question}"));
        bank::answers(&world, &question);
    }
    tokio::time::sleep(chance.millis(1..40)).await;
    if chance.strikes(odds.answer_lost) {
        world.note(&format!("answer lost: {question}"));
        // Half of the lost answers break off, the others leave the line silent.
        if chance.coin() {
            tokio::time::sleep(DEADLINE * 2).await;
        }
        return drop(tell.send(None));
    }
    if chance.strikes(odds.answer_late) {
        world.note(&format!("answer late: {question}"));
        tokio::time::sleep(DEADLINE + chance.millis(0..60_000)).await;
    }
    let strange = chance.strikes(odds.answer_strange);
    let answer = if strange { bank::strange(&world, answer) } else { answer };
    // Whoever asked may be gone.
    drop(tell.send(Some(answer)));
}

impl World {
    /// A request to pay is about to leave: never without a mark on disk, never twice (INV-1, INV-2).
    fn sends(&self, reference: almoner::payment::Reference) {
        let lied = self.disk().lied;
        let marked = {
            let disk = self.disk();
            disk.durable.hand_offs.contains_key(&reference)
                && disk.durable.traces.get(&reference).is_some_and(|traces| !traces.is_empty())
        };
        if !marked && !lied {
            self.violated(&format!("INV-1: {reference} is sent without a mark on disk"));
        }
        let sends = self.witness().send(reference);
        if sends > 1 && !lied {
            self.violated(&format!("INV-2: {reference} is sent {sends} times"));
        }
    }

    /// The processor has done what it was asked; whoever asked may die before it hears.
    fn at_the_processor(&self, life: &Life) {
        if !life.is_dead() {
            self.at(life, "charged");
        }
    }
}
