//! The only way in: certificates, handshakes and connections. No plaintext listener exists anywhere.
//!
//! ```text
//! TCP -> Door (register: caps on connections and handshakes)
//!     -> Wire (stalled writes, the connection's last moment)    below TLS
//!     -> TLS  (one profile, certificates that can be swapped; proofs of names for an authority end here)
//!     -> Talk (which protocol was agreed on, HTTP/2 goodbyes)   above TLS
//!     -> Visit (requests counted, the peer's address)           -> the router
//! ```

pub mod acme;
mod certificates;
mod connection;
pub mod development;
mod door;
mod ending;
mod facts;
mod files;
mod frames;
mod http2;
mod identity;
mod issued;
mod limits;
mod network;
mod profile;
mod rarely;
mod register;
mod serve;
mod talk;
mod unread;
mod visit;
mod wire;

pub use certificates::Certificates;
pub use ending::Ending;
pub use facts::Facts;
pub use files::Files;
pub use identity::CertificateError;
pub use issued::Issued;
pub use limits::Limits;
pub use network::{Network, NetworkError};
pub use profile::Profile;
pub use serve::serve;
