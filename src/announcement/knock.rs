//! Whether a subscriber could be told: looked at as a courier would, and told nothing.

use super::address::is_public;
use super::post::{Post, is_forbidden, literal};
use super::subscriber::Subscriber;
use crate::way_out::NoWayOut;
use reqwest::StatusCode;
use std::error::Error;

/// What was found where a subscriber is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It answers over TLS, and shows a certificate that is trusted.
    Open,
    /// It answers so too, and says that it is not well itself.
    Failing,
    /// Its address is one that must not be called.
    Forbidden,
    /// TLS came to nothing: its certificate is not trusted, over, or of another name.
    Untrusted,
    /// Nobody answers there.
    Unreachable,
}

impl Subscriber {
    /// Goes to its address, says nothing of any event, and asks for no more than whether somebody is there:
    /// `HEAD /`, whatever that is answered with.
    pub async fn knock(&self) -> Result<Door, NoWayOut> {
        let post = Post::to(self)?;
        if !self.allow_private && literal(self).is_some_and(|address| !is_public(address)) {
            return Ok(Door::Forbidden);
        }
        let mut root = self.url.clone();
        root.set_path("/");
        root.set_query(None);
        Ok(match post.client().head(root).send().await {
            Err(error) if is_forbidden(&error) => Door::Forbidden,
            Err(error) if is_of_tls(&error) => Door::Untrusted,
            Err(error) if error.is_connect() || error.is_timeout() => Door::Unreachable,
            Ok(answer) if is_not_well(answer.status()) => Door::Failing,
            // Whatever came of it, the connection stood, and so TLS did.
            Ok(_) | Err(_) => Door::Open,
        })
    }
}

/// A server that does not know `HEAD` may say that this is not implemented, and take events all the same.
fn is_not_well(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// An `io::Error` does not give what it wraps as its source.
fn is_of_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = within.map_or_else(|| error.source(), |within| Some(within));
    }
    false
}
