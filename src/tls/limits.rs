//! How much of us one peer, and all peers together, may take.

use super::network::Network;
use axum::http::HeaderMap;
use std::time::Duration;

/// Every limit between the socket and the router (security.md, section 5, table H). Each counts for
/// one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once. When they are used up the one that has been idle longest goes.
    pub connections: usize,
    /// Connections open at once from one IPv4 address or one IPv6 /64; four times as many from a /56,
    /// sixteen times from a /48.
    pub connections_per_address: usize,
    /// Connections out of `connections` that only `reserved_addresses` may use.
    pub reserved_connections: usize,
    /// Networks of the processor: not held to `connections_per_address` and never made to go.
    pub reserved_addresses: Vec<Network>,
    /// Unfinished TLS handshakes at once. When they are used up the oldest goes, so that stalled
    /// ones cannot keep newcomers waiting.
    pub handshakes_at_once: usize,
    /// From the accepted connection to the end of its TLS handshake.
    pub handshake_timeout: Duration,
    /// From the end of the handshake to the first complete request head.
    pub first_request_timeout: Duration,
    /// From the first byte of a request head to its last; also how long a connection may be idle
    /// between requests, in HTTP/1 and HTTP/2.
    pub header_read_timeout: Duration,
    /// Age after which a connection takes no further request: HTTP/1 answers `Connection: close`,
    /// HTTP/2 sends GOAWAY.
    pub connection_age: Duration,
    /// How long requests that are under way, and streams, may still take once `connection_age` is
    /// over. After it the connection is cut.
    pub closing_time: Duration,
    /// Requests answered on one connection; then as with `connection_age`.
    pub requests_per_connection: u32,
    /// Bytes of an HTTP/1 request head, request line included; at least 8 KiB.
    pub header_bytes: usize,
    /// Header fields of one request.
    pub header_count: usize,
    /// HTTP/2 requests at once on one connection.
    pub h2_streams: u32,
    /// Bytes of an HTTP/2 header list, counted as RFC 9113 does (32 more for each field).
    pub h2_header_list_bytes: u32,
    /// HTTP/2 frames without a new request or an answer of ours between them; one more and the
    /// connection is cut.
    pub h2_frames_without_progress: u32,
    /// Bytes of one HTTP/2 request body that may arrive before its handler reads.
    pub h2_stream_window_bytes: u32,
    /// The same for all requests of one HTTP/2 connection together.
    pub h2_connection_window_bytes: u32,
    /// Bytes of one HTTP/2 answer kept for a peer that does not read.
    pub h2_send_buffer_bytes: usize,
    /// What an answer carries that is given before the router is asked.
    pub refusal_headers: HeaderMap,
    /// How long a write, or an answer over HTTP/2, may wait for the peer to read.
    pub write_stall: Duration,
    /// How long, once our last word is out, we go on taking and dropping what the peer still
    /// sends, so that it can read that word.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2000,
            connections_per_address: 20,
            reserved_connections: 100,
            reserved_addresses: Vec::new(),
            handshakes_at_once: 200,
            handshake_timeout: Duration::from_secs(5),
            first_request_timeout: Duration::from_secs(5),
            header_read_timeout: Duration::from_secs(5),
            connection_age: Duration::from_mins(1),
            closing_time: Duration::from_secs(45),
            requests_per_connection: 100,
            header_bytes: 16 * 1024,
            header_count: 64,
            h2_streams: 32,
            h2_header_list_bytes: 16 * 1024,
            h2_frames_without_progress: 200,
            h2_stream_window_bytes: 64 * 1024,
            h2_connection_window_bytes: 128 * 1024,
            h2_send_buffer_bytes: 64 * 1024,
            refusal_headers: HeaderMap::new(),
            write_stall: Duration::from_secs(10),
            linger: Duration::from_secs(5),
        }
    }
}
