//! The socket below TLS: it holds the connection's place, and nothing that happens above can keep
//! it open beyond its time.

use super::connection::Connection;
use super::limits::Limits;
use super::register::Seat;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_io_timeout::TimeoutStream;

/// A socket that fails once a write stalls, the connection's last moment has come, or it has to
/// make room.
pub(crate) struct Wire {
    socket: Pin<Box<TimeoutStream<TcpStream>>>,
    end: End,
    seat: Seat,
    linger: Duration,
    /// Once our last word is out: until when the peer is listened to.
    lingering: Option<Pin<Box<Sleep>>>,
}

enum End {
    Awaited(Pin<Box<dyn Future<Output = ErrorKind> + Send>>),
    Come(ErrorKind),
}

impl Wire {
    pub(super) fn new(socket: TcpStream, seat: Seat, limits: &Limits) -> Self {
        let mut socket = TimeoutStream::new(socket);
        socket.set_write_timeout(Some(limits.write_stall));
        let last_moment = limits.connection_age.saturating_add(limits.closing_time);
        let end = end(Arc::clone(seat.connection()), last_moment);
        Self {
            socket: Box::pin(socket),
            end: End::Awaited(Box::pin(end)),
            seat,
            linger: limits.linger,
            lingering: None,
        }
    }

    pub(super) fn seat(&self) -> &Seat {
        &self.seat
    }

    /// Whoever waits for the peer waits for the end, too.
    fn or_end<T>(
        &mut self,
        result: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            return result;
        }
        let kind = match &mut self.end {
            End::Awaited(end) => ready!(end.as_mut().poll(context)),
            End::Come(kind) => *kind,
        };
        self.end = End::Come(kind);
        Poll::Ready(Err(kind.into()))
    }

    /// Drops what the peer still sends until it closes or the time is up. A socket that is closed
    /// with something unread resets the connection, and the peer loses what it has not read yet of
    /// our answer (RFC 9112, section 9.6).
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let linger = self.linger;
        let time = self.lingering.get_or_insert_with(|| Box::pin(sleep(linger)));
        let mut unread = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut unread);
            match self.socket.as_mut().poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return time.as_mut().poll(context),
            }
        }
    }
}

async fn end(connection: Arc<Connection>, last_moment: Duration) -> ErrorKind {
    tokio::select! {
        biased;
        () = connection.dismissed() => ErrorKind::ConnectionAborted,
        () = sleep(last_moment) => ErrorKind::TimedOut,
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = self.socket.as_mut().poll_read(context, buffer);
        self.or_end(result, context)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.socket.as_mut().poll_write(context, bytes);
        self.or_end(result, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.socket.as_mut().poll_write_vectored(context, slices);
        self.or_end(result, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.socket.as_mut().poll_flush(context);
        self.or_end(result, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            let result = self.socket.as_mut().poll_shutdown(context);
            ready!(self.or_end(result, context))?;
        }
        let result = self.poll_linger(context).map(Ok);
        self.or_end(result, context)
    }
}
