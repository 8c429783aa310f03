//! The stand-in's record as it is read from end to end.

use super::books::Books;
use super::disk::Desk;
use almoner::ledger::chain::Link;
use almoner::ledger::{
    Chained, Chapter, Chronicle, Event, Leaf, LedgerError, Stretch, Survey, Surveyor, There,
};
use almoner::payment::Reference;
use async_trait::async_trait;

/// One chain, as in a file.
#[async_trait]
impl Chronicle for Desk {
    async fn heads(&self) -> Result<Vec<Link>, LedgerError> {
        let newest = |books: &Books| books.events.last().map(link).into_iter().collect();
        Ok(self.read("heads", newest).await)
    }

    async fn there(&self, _: [u8; 16], sequence: i64) -> Result<There, LedgerError> {
        let there = |books: &Books| {
            let found = books.events.iter().find(|event| event.sequence == sequence);
            found.map_or(There::Nothing, |event| There::Hash(event.hash))
        };
        Ok(self.read("there", there).await)
    }

    async fn chained(&self, reference: Reference) -> Result<Option<Chained>, LedgerError> {
        Ok(self.read("chained", |books| chained(books, reference, i64::MAX)).await)
    }

    async fn chapter(&self, chapter: Chapter) -> Result<Leaf, LedgerError> {
        let leaf = |books: &Books| {
            let within =
                |it: &Reference| *it.as_bytes() > chapter.after && *it.as_bytes() < chapter.before;
            let looked: Vec<_> =
                books.hand_offs.keys().copied().filter(within).take(chapter.limit).collect();
            let until = chapter.heads.first().map_or(0, |head| head.sequence);
            let next = looked.last().copied().filter(|_| looked.len() >= chapter.limit);
            let told = looked.iter().filter_map(|reference| chained(books, *reference, until));
            Leaf { hand_offs: told.collect(), next }
        };
        Ok(self.read("chapter", leaf).await)
    }
}

fn link(event: &Event) -> Link {
    Link { instance: [0; 16], sequence: event.sequence, hash: event.hash }
}

fn chained(books: &Books, reference: Reference, until: i64) -> Option<Chained> {
    let hand_off = books.hand_offs.get(&reference)?.clone();
    let own = |event: &&Event| event.reference == reference && event.sequence <= until;
    let events: Vec<_> = books.events.iter().filter(own).map(|event| ([0; 16], event)).collect();
    Chained::of(hand_off, &events)
}

/// No operator looks at a simulation.
#[async_trait]
impl Surveyor for Desk {
    async fn survey(&self, _: Stretch) -> Result<Survey, LedgerError> {
        Err(LedgerError::Unavailable("the stand-in is not looked at".to_owned()))
    }
}
