//! `[limits]`: every limit by its name, with its unit (security.md, 5 H).

use super::{Checked, Span};
use serde::{Deserialize, Serialize};

/// `[limits]`. What happens at each is told in docs/configuration.md.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections open at once.
    pub connections: usize,
    /// Connections open at once from one address (IPv6: one /64; a /56 has four times, a /48 sixteen times as many).
    pub connections_per_address: usize,
    /// Of all connections, those kept free for the processor's networks.
    pub reserved_connections: usize,
    /// TLS handshakes at once.
    pub handshakes_at_once: usize,
    /// One TLS handshake.
    pub handshake_timeout: Checked<Span>,
    /// All headers of a request; also how long an idle connection is kept.
    pub header_timeout: Checked<Span>,
    /// Age at which a connection is closed after its next answer.
    pub connection_age: Checked<Span>,
    /// Requests after which a connection is closed.
    pub requests_per_connection: u32,
    /// How long the peer may leave our answer unread.
    pub write_timeout: Checked<Span>,
    /// Bytes of a request's headers.
    pub header_bytes: usize,
    /// Headers of a request.
    pub header_count: usize,
    /// Bytes of a request's target.
    pub uri_bytes: usize,
    /// HTTP/2 requests at once on a connection.
    pub http2_streams: u32,
    /// Frames that an HTTP/2 connection may send without getting a request on.
    pub http2_idle_frames: u32,
    /// Bytes of a form or an API request.
    pub body_bytes: usize,
    /// Bytes of a webhook.
    pub webhook_bytes: usize,
    /// A whole body.
    pub body_timeout: Checked<Span>,
    /// Bytes a second that a body must come with after its first five seconds.
    pub body_bytes_per_second: usize,
    /// Fields of a form.
    pub form_fields: usize,
    /// Objects and lists within one another in JSON.
    pub json_depth: usize,
    /// A whole request, answer included.
    pub request_timeout: Checked<Span>,
    /// Connecting to the processor, TLS included.
    pub upstream_connect_timeout: Checked<Span>,
    /// A whole exchange with the processor.
    pub upstream_timeout: Checked<Span>,
    /// Bytes of the processor's answer.
    pub upstream_answer_bytes: usize,
    /// Bytes of a report of the processor's.
    pub upstream_report_bytes: usize,
    /// Exchanges with the processor at once.
    pub upstream_at_once: usize,
    /// Payments sent to the processor's API at once, those that wait for an exchange among them.
    pub calls_at_once: usize,
    /// Failed calls in a row after which the breaker opens.
    pub breaker_failures: u32,
    /// How long it stays open before the processor is tried.
    pub breaker_wait: Checked<Span>,
    /// Waiting for the ledger.
    pub ledger_wait: Checked<Span>,
    /// The ledger's log, before it is alarmed of.
    pub ledger_log_bytes: u64,
    /// Writes that may wait for the ledger at once, webhooks among them.
    pub ledger_queue: usize,
    /// Webhooks that may be judged and written at once.
    pub webhooks_at_once: usize,
    /// Streams of outcomes open at once; 0 for none.
    pub outcome_streams: usize,
    /// Connections to a ledger that is a database, the writer's among them.
    pub ledger_connections: usize,
    /// Age before which no person has filled a form in.
    pub form_token_least_age: Checked<Span>,
    /// Age after which a form must be loaded again.
    pub form_token_greatest_age: Checked<Span>,
    /// Forms posted in a minute from one network (IPv4: /24, IPv6: /64).
    pub forms_per_minute: u32,
    /// Forms posted in a day from one network.
    pub forms_per_day: u32,
    /// How long a stopping service lets requests finish.
    pub drain_timeout: Checked<Span>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2000,
            connections_per_address: 20,
            reserved_connections: 100,
            handshakes_at_once: 200,
            handshake_timeout: Span::seconds(5),
            header_timeout: Span::seconds(5),
            connection_age: Span::seconds(60),
            requests_per_connection: 100,
            write_timeout: Span::seconds(10),
            header_bytes: 16 * 1024,
            header_count: 64,
            uri_bytes: 2048,
            http2_streams: 32,
            http2_idle_frames: 200,
            body_bytes: 32 * 1024,
            webhook_bytes: 64 * 1024,
            body_timeout: Span::seconds(10),
            body_bytes_per_second: 500,
            form_fields: 40,
            json_depth: 8,
            request_timeout: Span::seconds(40),
            upstream_connect_timeout: Span::seconds(5),
            upstream_timeout: Span::seconds(30),
            upstream_answer_bytes: 64 * 1024,
            upstream_report_bytes: 16 * 1024 * 1024,
            upstream_at_once: 32,
            calls_at_once: 64,
            breaker_failures: 5,
            breaker_wait: Span::seconds(10),
            ledger_wait: Span::seconds(5),
            ledger_log_bytes: 64 << 20,
            ledger_queue: 1000,
            outcome_streams: 16,
            ledger_connections: 8,
            webhooks_at_once: 500,
            form_token_least_age: Span::seconds(3),
            form_token_greatest_age: Span::seconds(1800),
            forms_per_minute: 10,
            forms_per_day: 50,
            drain_timeout: Span::seconds(30),
        }
    }
}
