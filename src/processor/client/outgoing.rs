//! One request that is about to leave, and the wire that carries it.

use super::{Answer, NoAnswer};
use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

/// The verbs that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A question: asking again changes nothing.
    Get,
    /// An order, or a question with a body.
    Post,
}

/// A request, whole. It cannot be cloned: what is sent is sent once. Its body may hold a supporter's
/// details, so it cannot be printed either; whoever makes it gives bytes that wipe themselves.
pub struct Outgoing {
    /// What is done.
    pub verb: Verb,
    /// Where.
    pub url: Url,
    /// Names in lower case and values, in order.
    pub headers: Vec<(&'static str, String)>,
    /// The content; empty for none.
    pub body: Bytes,
    /// Whether the connection that carries it may carry another request before or after it.
    pub connection: Connection,
}

/// What becomes of the connection that carries a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Kept for the next request.
    Kept,
    /// Opened for this request alone and closed after its answer: no kept connection can turn out
    /// to be closed in the middle of an order (security.md, 4.3 and FM-49), and nothing of a card
    /// stays in its buffers.
    Alone,
}

impl Outgoing {
    /// A question without a body.
    #[must_use]
    pub const fn get(url: Url) -> Self {
        Self {
            verb: Verb::Get,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            connection: Connection::Kept,
        }
    }

    /// A body of this content type.
    #[must_use]
    pub fn post(url: Url, content_type: &str, body: Bytes) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { verb: Verb::Post, url, headers, body, connection: Connection::Kept }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// On a connection of its own: see [`Connection::Alone`].
    #[must_use]
    pub const fn alone(mut self) -> Self {
        self.connection = Connection::Alone;
        self
    }
}

/// What carries a request to the processor and its answer back.
#[async_trait]
pub trait Wire: std::fmt::Debug + Send + Sync {
    /// Sends once, never twice, and reads an answer of up to `most` bytes. [`NoAnswer::NotSent`] is
    /// said only where not one byte of the request can have left.
    async fn exchange(&self, request: Outgoing, most: usize) -> Result<Answer, NoAnswer>;
}
