//! Answers that break off, drip or never end.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, StreamExt as _};
use std::convert::Infallible;
use std::io;
use std::time::Duration;
use tokio::time::sleep;

/// How long a huge answer is: so many pieces of so many bytes, 100 MB.
const PIECES: usize = 1600;
const PIECE: usize = 64 * 1024;

/// Stands for an answer that is never given.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the script of faults cuts this connection")]
pub(super) struct Cut;

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// No answer: not a byte is sent, and the connection ends (with HTTP/2 the stream).
pub(super) fn cut() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(Cut);
    response
}

/// The answer, or the error by which the listener breaks off without one.
pub(super) fn given(answer: Result<Response, Infallible>) -> Result<Response, Cut> {
    let Ok(response) = answer;
    if response.extensions().get::<Cut>().is_some() { Err(Cut) } else { Ok(response) }
}

/// A body that breaks after `start`, which is on its way before the connection ends.
pub(super) fn broken_after(start: Bytes) -> Body {
    let start = stream::iter([Ok(start)]);
    let end = stream::once(async {
        sleep(Duration::from_millis(20)).await;
        Err(broken())
    });
    Body::from_stream(start.chain(end))
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}

/// `first`, then 100 MB of the letter a.
pub(super) fn huge(first: Bytes) -> Body {
    let filler = Bytes::from(vec![b'a'; PIECE]);
    let pieces = std::iter::once(first).chain(std::iter::repeat_n(filler, PIECES));
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}

/// A byte at a time, with this wait before each.
pub(super) fn dripping(bytes: Vec<u8>, wait: Duration) -> Body {
    let drops = stream::unfold(bytes.into_iter(), move |mut rest| async move {
        let byte = rest.next()?;
        sleep(wait).await;
        Some((Ok::<_, Infallible>(Bytes::from(vec![byte])), rest))
    });
    Body::from_stream(drops)
}
