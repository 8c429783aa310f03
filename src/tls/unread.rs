//! Answers over HTTP/2 that wait for their reader. A peer that opens no window leaves its socket empty: no
//! write stalls, and the answers would be kept until the connection is too old (security.md, D-14).

use super::frames::{Header, Kind, Told};
use super::limits::Limits;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// What may be sent on a stream, and on all together, before the peer says otherwise (RFC 9113, section
/// 6.9.2).
const WINDOW: i64 = 65_535;

/// The answers of one connection that are not out, and how much of them the peer would take.
pub(super) struct Unread {
    open: BTreeMap<u32, Answer>,
    /// So many are followed. The server has fewer under way: it refuses the others at once.
    most: usize,
    /// The last stream that the peer began.
    last: u32,
    /// The window that every answer begins with.
    first: i64,
    /// The window of all together.
    shared: i64,
    /// Since when nothing was sent although an answer waits.
    since: Option<Instant>,
    patience: Duration,
    timer: Pin<Box<Sleep>>,
}

#[derive(Default)]
struct Answer {
    begun: bool,
    /// What its window has beyond the first: what the peer gave, less what was sent.
    more: i64,
}

impl Unread {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            open: BTreeMap::new(),
            most: usize::try_from(limits.h2_streams).unwrap_or(usize::MAX).saturating_mul(2),
            last: 0,
            first: WINDOW,
            shared: WINDOW,
            since: None,
            patience: limits.write_stall,
            timer: Box::pin(sleep(limits.write_stall)),
        }
    }

    /// Takes what the peer said.
    pub(super) fn hear(&mut self, news: Told) {
        match news {
            Told::Frame(Header { kind: Kind::Headers, stream, .. }) if stream > self.last => {
                self.last = stream;
                if self.open.len() < self.most {
                    self.open.insert(stream, Answer::default());
                }
            }
            Told::Frame(Header { kind: Kind::Reset, stream, .. }) => {
                self.open.remove(&stream);
            }
            Told::Frame(_) => {}
            Told::Window(0, bytes) => self.shared = self.shared.saturating_add(bytes.into()),
            Told::Window(stream, bytes) => {
                if let Some(answer) = self.open.get_mut(&stream) {
                    answer.more = answer.more.saturating_add(bytes.into());
                }
            }
            Told::FirstWindow(bytes) => self.first = bytes.into(),
        }
    }

    /// Takes what was sent to it.
    pub(super) fn say(&mut self, frame: Header) {
        if frame.kind == Kind::Data {
            self.shared = self.shared.saturating_sub(frame.length.into());
            self.since = None;
        }
        if frame.last || frame.kind == Kind::Reset {
            self.open.remove(&frame.stream);
        } else if let Some(answer) = self.open.get_mut(&frame.stream) {
            match frame.kind {
                Kind::Headers => answer.begun = true,
                Kind::Data => answer.more = answer.more.saturating_sub(frame.length.into()),
                Kind::Continuation | Kind::Reset | Kind::Other => {}
            }
        }
    }

    /// Fails once nothing was sent for too long although an answer waits; wakes whoever asked when that is.
    pub(super) fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.waits() {
            self.since = None;
            return Ok(());
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let end = since.checked_add(self.patience).unwrap_or(since);
        if self.timer.deadline() != end {
            self.timer.as_mut().reset(end);
        }
        if self.timer.as_mut().poll(context).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// Whether there is an answer that the peer would take nothing of. One that would be taken waits for us:
    /// a stream of outcomes is quiet while nothing happens.
    fn waits(&self) -> bool {
        let shut = |more: i64| self.shared.min(self.first.saturating_add(more)) <= 0;
        self.open.values().any(|answer| answer.begun && shut(answer.more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn frame(kind: Kind, stream: u32, length: u32) -> Header {
        Header { kind, stream, length, last: false }
    }

    fn last(kind: Kind, stream: u32) -> Header {
        Header { kind, stream, length: 0, last: true }
    }

    /// A connection on which so many requests were made and their answers have begun.
    fn asked(first: u32, requests: u32) -> Unread {
        let mut unread = Unread::new(&Limits { write_stall: PATIENCE, ..Limits::default() });
        unread.hear(Told::FirstWindow(first));
        for stream in (1..).step_by(2).take(usize::try_from(requests).unwrap()) {
            unread.hear(Told::Frame(last(Kind::Headers, stream)));
            unread.say(frame(Kind::Headers, stream, 9));
        }
        unread
    }

    async fn after(unread: &mut Unread, wait: Duration) -> io::Result<()> {
        std::future::poll_fn(|context| std::task::Poll::Ready(unread.check(context))).await?;
        tokio::time::advance(wait).await;
        std::future::poll_fn(|context| std::task::Poll::Ready(unread.check(context))).await
    }

    #[tokio::test(start_paused = true)]
    async fn d_14_an_answer_without_a_window_is_given_up() {
        let mut unread = asked(0, 1);
        after(&mut unread, PATIENCE / 2).await.unwrap();
        after(&mut unread, PATIENCE).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn d_14_whatever_is_sent_begins_the_time_anew() {
        let mut unread = asked(0, 2);
        after(&mut unread, PATIENCE / 2).await.unwrap();
        unread.hear(Told::Window(1, 1));
        unread.say(frame(Kind::Data, 1, 1));
        after(&mut unread, PATIENCE * 3 / 4).await.unwrap();
        after(&mut unread, PATIENCE).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn d_14_the_window_of_all_answers_counts_too() {
        let mut unread = asked(1_000_000, 1);
        unread.say(frame(Kind::Data, 1, 65_535));
        after(&mut unread, PATIENCE * 2).await.unwrap_err();
        unread.hear(Told::Window(0, 1));
        after(&mut unread, PATIENCE * 2).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn d_14_nobody_waits_for_an_answer_that_is_out_or_taken_back_or_has_not_begun() {
        let mut unread = asked(0, 2);
        unread.hear(Told::Frame(last(Kind::Headers, 5)));
        unread.hear(Told::Frame(frame(Kind::Reset, 1, 4)));
        unread.say(last(Kind::Other, 3));
        after(&mut unread, PATIENCE * 2).await.unwrap();
        unread.say(last(Kind::Headers, 5));
        assert!(unread.open.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn d_14_an_answer_that_waits_for_us_may_take_its_time() {
        let mut unread = asked(1, 1);
        after(&mut unread, PATIENCE * 2).await.unwrap();
        unread.say(frame(Kind::Data, 1, 1));
        after(&mut unread, PATIENCE * 2).await.unwrap_err();
    }

    #[test]
    fn d_14_no_more_answers_are_remembered_than_there_can_be() {
        let limits = Limits::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let open = runtime.block_on(async { asked(0, 1000).open.len() });
        assert_eq!(open, usize::try_from(limits.h2_streams * 2).unwrap());
    }
}
