//! Serving a router behind the door, with every limit of the server set.

use super::certificates::Certificates;
use super::door::Door;
use super::limits::Limits;
use super::network::Network;
use super::rarely::Rarely;
use axum::Router;
use axum_server::Handle;
use std::io;
use std::net::{SocketAddr, TcpListener};

/// The server refuses to keep less of a request head, in bytes.
const SMALLEST_HEAD: usize = 8192;
/// The server keeps so many times the limit of a head: what is a little over it is refused by us, with all
/// that an answer of ours carries, and what is far over it by the server, with nothing.
const TIMES: u8 = 2;

/// Serves `router` on `listener` until `handle` says to stop. Nothing but TLS is ever answered.
///
/// Handlers find the peer as `ConnectInfo<SocketAddr>` and what TLS settled on as
/// `Extension<Arc<axum_server::tls::TlsInfo>>`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    certificates: &Certificates,
    limits: Limits,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let failures = Rarely::new();
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(Door::new(certificates.config(), limits.clone()))
        .handle(handle)
        .first_request_timeout(limits.first_request_timeout)
        .accept_error_handler(move |peer, error| match peer {
            Some(peer) => not_let_in(*peer, error),
            // The server waits 50 ms after such an error, so it does not spin (FM-77).
            None => {
                if let Some(count) = failures.happened() {
                    let reason = error.kind();
                    let advice = "raise the limit of open files";
                    tracing::error!(event = "cannot_accept", count, %reason, advice);
                }
            }
        });
    server
        .http_builder()
        .http1()
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(limits.header_bytes.max(SMALLEST_HEAD).saturating_mul(TIMES.into()))
        .http2()
        .max_concurrent_streams(limits.h2_streams)
        .max_header_list_size(limits.h2_header_list_bytes.saturating_mul(TIMES.into()))
        .initial_stream_window_size(limits.h2_stream_window_bytes)
        .initial_connection_window_size(limits.h2_connection_window_bytes)
        .max_send_buf_size(limits.h2_send_buffer_bytes);
    server.serve(router.into_make_service()).await
}

/// Who shows no certificate, or one of another authority's, where one is asked for, was refused as
/// who they said they were (security.md, P-11). Everybody else is noise.
fn not_let_in(peer: SocketAddr, error: &io::Error) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let reason = match inner {
        Some(rustls::Error::NoCertificatesPresented) => "no_certificate",
        Some(rustls::Error::InvalidCertificate(_)) => "invalid_certificate",
        _ => {
            tracing::debug!(event = "connection_not_let_in", reason = %error.kind());
            return;
        }
    };
    let origin = Network::around(peer.ip());
    tracing::warn!(event = "client_certificate_refused", audit = true, %origin, reason);
}
