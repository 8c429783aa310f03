//! What HTTP/2 lacks in our server: an end of idle and old connections, of talk that asks for
//! nothing, and of answers that nobody reads.
//!
//! The server library ends a connection gracefully only when all of them end. So when one has had
//! its time we put a GOAWAY frame into it, both ways: the peer learns that it must ask elsewhere
//! from now on, and the server, which takes it for the peer's, closes as soon as the last answer is
//! out, with a GOAWAY of its own that names the last request it took (RFC 9113, section 6.8).

use super::connection::Connection;
use super::frames::{Frames, Kind, Told};
use super::limits::Limits;
use super::unread::Unread;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// GOAWAY on stream 0: no error, and no request is refused that is on its way.
const GOODBYE: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// When a goodbye that is due is tried again, should it have come in the middle of a frame.
const AGAIN: Duration = Duration::from_millis(500);

/// Follows both directions of one HTTP/2 connection.
pub(super) struct Http2 {
    connection: Arc<Connection>,
    limits: Arc<Limits>,
    heard: Frames,
    said: Frames,
    unread: Unread,
    /// Frames heard since there was progress.
    idle_frames: u32,
    /// Requests begun after goodbye. Some may have been on their way; who goes on is cut off.
    late: u32,
    goodbye: Goodbye,
    timer: Pin<Box<Sleep>>,
}

enum Goodbye {
    NotDue,
    /// This much of it has been said.
    Saying(usize),
    /// The peer has it, the server has not.
    Said,
    Over,
}

impl Http2 {
    pub(super) fn new(connection: Arc<Connection>, limits: Arc<Limits>) -> Self {
        let timer = Box::pin(sleep(limits.header_read_timeout.min(limits.connection_age)));
        let unread = Unread::new(&limits);
        Self {
            connection,
            limits,
            heard: Frames::default(),
            said: Frames::default(),
            unread,
            idle_frames: 0,
            late: 0,
            goodbye: Goodbye::NotDue,
            timer,
        }
    }

    /// Takes what the peer sent; an error ends the connection.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        let told = !matches!(self.goodbye, Goodbye::NotDue);
        let (mut idle, mut most, mut late) = (self.idle_frames, self.idle_frames, self.late);
        let unread = &mut self.unread;
        self.heard.pass(bytes, |news| {
            unread.hear(news);
            let Told::Frame(frame) = news else { return };
            match frame.kind {
                Kind::Headers => {
                    idle = 0;
                    late = late.saturating_add(u32::from(told));
                }
                Kind::Reset | Kind::Other => {
                    idle = idle.saturating_add(1);
                    most = most.max(idle);
                }
                Kind::Data | Kind::Continuation => {}
            }
        });
        (self.idle_frames, self.late) = (idle, late);
        let on_their_way = self.limits.h2_streams.saturating_mul(2);
        if most > self.limits.h2_frames_without_progress || late > on_their_way {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    /// Takes what we sent. Content of an answer is progress: its reader has to ask for more.
    pub(super) fn said(&mut self, bytes: &[u8]) {
        let (idle, unread) = (&mut self.idle_frames, &mut self.unread);
        self.said.pass(bytes, |news| {
            let Told::Frame(frame) = news else { return };
            unread.say(frame);
            if frame.kind == Kind::Data {
                *idle = 0;
            }
        });
    }

    /// To be called after each read and write: fails once an answer has waited too long for its reader.
    pub(super) fn look_at_answers(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        self.unread.check(context)
    }

    /// To be called before a write: says goodbye if it is due and no frame is half way through.
    pub(super) fn poll_say<W: AsyncWrite + Unpin>(
        &mut self,
        io: &mut W,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while let Goodbye::Saying(done) = self.goodbye {
            if !self.said.between() {
                break;
            }
            let rest = GOODBYE.get(done..).unwrap_or_default();
            if rest.is_empty() {
                self.goodbye = Goodbye::Said;
                break;
            }
            let written = ready!(Pin::new(&mut *io).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.goodbye = Goodbye::Saying(done.saturating_add(written));
        }
        Poll::Ready(Ok(()))
    }

    /// To be called when there is nothing to read: ready once the server has goodbye to read.
    pub(super) fn poll_quiet<W: AsyncWrite + Unpin>(
        &mut self,
        io: &mut W,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.look_at_the_time(context);
        ready!(self.poll_say(io, context))?;
        let room = buffer.remaining() >= GOODBYE.len();
        if matches!(self.goodbye, Goodbye::Said) && self.heard.between() && room {
            self.goodbye = Goodbye::Over;
            buffer.put_slice(&GOODBYE);
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    fn look_at_the_time(&mut self, context: &mut Context<'_>) {
        if matches!(self.goodbye, Goodbye::NotDue)
            && (self.connection.is_spent()
                || self.connection.requests() >= self.limits.requests_per_connection)
        {
            self.goodbye = Goodbye::Saying(0);
        }
        while !matches!(self.goodbye, Goodbye::Over) && self.timer.as_mut().poll(context).is_ready()
        {
            let wait = self.left();
            if wait.is_zero() && matches!(self.goodbye, Goodbye::NotDue) {
                self.goodbye = Goodbye::Saying(0);
            }
            let now = Instant::now();
            let next = now.checked_add(if wait.is_zero() { AGAIN } else { wait }).unwrap_or(now);
            self.timer.as_mut().reset(next);
        }
    }

    /// How long this connection may stay as it is: until it is too old or too long idle. Whether a
    /// first request comes at all is looked after elsewhere.
    fn left(&self) -> Duration {
        let until_old = self.limits.connection_age.saturating_sub(self.connection.age());
        let idle = match self.connection.idle_since() {
            Some(since) if self.connection.requests() > 0 => since.elapsed(),
            _ => Duration::ZERO,
        };
        until_old.min(self.limits.header_read_timeout.saturating_sub(idle))
    }
}
