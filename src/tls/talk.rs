//! The stream above TLS: holds the peer to the protocol that was agreed on.

use super::connection::Connection;
use super::http2::Http2;
use super::limits::Limits;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How an HTTP/2 connection begins (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// So much of it no HTTP/1 request begins with.
const TELLING: usize = 4;

/// A decrypted connection.
pub(crate) struct Talk<IO> {
    io: IO,
    opening: Opening,
    http2: Option<Box<Http2>>,
}

struct Opening {
    agreed: Protocol,
    /// How far the first bytes agree with HTTP/2's preface; all of it once they are told apart.
    matched: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

impl<IO> Talk<IO> {
    /// `protocol` is what ALPN settled on; without, it is HTTP/1.
    pub(super) fn new(
        io: IO,
        protocol: Option<&[u8]>,
        connection: &Arc<Connection>,
        limits: &Arc<Limits>,
    ) -> Self {
        let http2 = || Box::new(Http2::new(Arc::clone(connection), Arc::clone(limits)));
        match protocol {
            Some(b"h2") => {
                Self { io, opening: Opening::new(Protocol::Http2), http2: Some(http2()) }
            }
            _ => Self { io, opening: Opening::new(Protocol::Http1), http2: None },
        }
    }
}

impl Opening {
    const fn new(agreed: Protocol) -> Self {
        Self { agreed, matched: 0 }
    }

    /// The server behind us takes either protocol on any connection; we take the one agreed on.
    /// Answers what follows the preface.
    fn check<'a>(&mut self, mut bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        while let (Some(expected), Some((first, rest))) =
            (PREFACE.get(self.matched), bytes.split_first())
        {
            if first == expected {
                self.matched = self.matched.saturating_add(1);
                bytes = rest;
                if self.agreed == Protocol::Http1 && self.matched == TELLING {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            } else if self.agreed == Protocol::Http2 {
                return Err(io::ErrorKind::InvalidData.into());
            } else {
                self.matched = PREFACE.len();
            }
        }
        Ok(bytes)
    }

    /// Whether HTTP/2 frames come next.
    fn over(&self) -> bool {
        self.matched == PREFACE.len()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Talk<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        if Pin::new(&mut this.io).poll_read(context, buffer)?.is_ready() {
            let news = buffer.filled().get(before..).unwrap_or_default();
            let frames = this.opening.check(news)?;
            if let Some(http2) = &mut this.http2 {
                http2.hear(frames)?;
                http2.look_at_answers(context)?;
            }
            return Poll::Ready(Ok(()));
        }
        match &mut this.http2 {
            Some(http2) if this.opening.over() => {
                http2.look_at_answers(context)?;
                http2.poll_quiet(&mut this.io, context, buffer)
            }
            _ => Poll::Pending,
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Talk<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Some(http2) = &mut this.http2 {
            ready!(http2.poll_say(&mut this.io, context))?;
        }
        let written = ready!(Pin::new(&mut this.io).poll_write(context, bytes))?;
        if let Some(http2) = &mut this.http2 {
            http2.said(bytes.get(..written).unwrap_or(bytes));
            http2.look_at_answers(context)?;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Some(http2) = &mut this.http2 {
            ready!(http2.poll_say(&mut this.io, context))?;
        }
        let written = ready!(Pin::new(&mut this.io).poll_write_vectored(context, slices))?;
        if let Some(http2) = &mut this.http2 {
            let mut left = written;
            for slice in slices {
                let step = left.min(slice.len());
                http2.said(slice.get(..step).unwrap_or_default());
                left = left.saturating_sub(step);
            }
            http2.look_at_answers(context)?;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
