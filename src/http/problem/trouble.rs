//! The one list of what can be wrong, and the one file that knows status codes.

use crate::handoff::Paused;
use crate::payment::{FieldError, Reference};
use axum::http::StatusCode;

/// Everything that can be wrong with a request, or with us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("malformed")]
    Malformed,
    #[error("dup_param")]
    DuplicateField,
    #[error("bad_key")]
    BadKey,
    #[error("unknown_key")]
    UnknownField,
    #[error("unknown_key")]
    UnknownFields(Vec<(String, FieldError)>),
    #[error("too_many_fields")]
    TooManyFields,
    #[error("bad_utf8")]
    BadUtf8,
    #[error("depth")]
    TooDeep,
    #[error("te")]
    TransferEncoding,
    #[error("host")]
    NoHost,
    #[error("misdirected")]
    Misdirected,
    #[error("bad_return")]
    BadReturn,
    #[error("idempotency_key")]
    NoIdempotencyKey,
    #[error("unauthenticated")]
    Unauthenticated,
    #[error("scope")]
    OutOfScope,
    #[error("csrf")]
    CrossSite,
    #[error("not_found")]
    NotFound,
    #[error("method")]
    Method,
    #[error("timeout")]
    BodyTooSlow,
    #[error("too_large")]
    TooLarge,
    #[error("uri_too_long")]
    UriTooLong,
    #[error("ctype")]
    ContentType,
    #[error("charset")]
    Charset,
    #[error("cenc")]
    ContentEncoding,
    #[error("expect")]
    Expectation,
    #[error("bad_parameter")]
    BadParameter(FieldError),
    #[error("elsewhere")]
    Elsewhere,
    #[error("streams")]
    TooManyStreams,
    #[error("invalid")]
    Invalid(Vec<(String, FieldError)>),
    #[error("conflict")]
    KeyReused,
    #[error("under_way")]
    UnderWay(Reference),
    #[error("rate")]
    TooOften,
    #[error("paused")]
    Paused(u64),
    #[error("cb_forged")]
    Forged,
    #[error("ip_reject")]
    WrongSource,
    #[error("cb_grammar")]
    Grammar,
    #[error("unavailable")]
    Unavailable,
    #[error("unavailable")]
    RepeatLater,
    #[error("unreadable")]
    Unreadable,
    #[error("request_timeout")]
    TookTooLong,
    #[error("internal")]
    Internal,
}

impl Trouble {
    /// Cards are not handed over, for so many seconds.
    pub(crate) fn paused(paused: &Paused) -> Self {
        let seconds = u64::try_from(paused.retry_after.as_secs()).unwrap_or(0);
        Self::Paused(seconds.saturating_add(1))
    }

    /// Whether it was refused for who asked, or who that said to be (security.md, P-11).
    pub(crate) const fn is_of_who_asks(&self) -> bool {
        matches!(
            self,
            Self::Unauthenticated
                | Self::OutOfScope
                | Self::TooOften
                | Self::Forged
                | Self::WrongSource
        )
    }

    /// The status, a title, and what to do.
    #[expect(clippy::too_many_lines, reason = "a table: a line for each trouble")]
    pub(crate) const fn meaning(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => (
                S::BAD_REQUEST,
                "The request cannot be read",
                "Send well-formed content of the declared type.",
            ),
            Self::DuplicateField => {
                (S::BAD_REQUEST, "A field is given twice", "Send each field once.")
            }
            Self::BadKey => (
                S::BAD_REQUEST,
                "A field has a name that cannot be",
                "Use the plain names that the documentation lists.",
            ),
            Self::UnknownField | Self::UnknownFields(_) => (
                S::BAD_REQUEST,
                "A field is not known here",
                "Send only the fields that the documentation lists, and card and bank details only where this service asks for them.",
            ),
            Self::TooManyFields => (
                S::BAD_REQUEST,
                "There are too many fields",
                "Send only the fields that the documentation lists.",
            ),
            Self::BadUtf8 => (S::BAD_REQUEST, "The text is not UTF-8", "Send text as UTF-8."),
            Self::TooDeep => (
                S::BAD_REQUEST,
                "The JSON is nested too deeply",
                "Send the object that the documentation shows.",
            ),
            Self::TransferEncoding => (
                S::BAD_REQUEST,
                "The transfer encoding is not taken",
                "Send a Content-Length, or chunked and nothing else.",
            ),
            Self::NoHost => {
                (S::BAD_REQUEST, "The Host header is missing or doubled", "Send one Host header.")
            }
            Self::Misdirected => {
                (S::MISDIRECTED_REQUEST, "This host is not served here", "Check the address.")
            }
            Self::BadReturn => (
                S::BAD_REQUEST,
                "The return address is not allowed",
                "Use an https address whose origin is listed in public.return_origins.",
            ),
            Self::NoIdempotencyKey => (
                S::BAD_REQUEST,
                "The Idempotency-Key is missing or malformed",
                "Send 16 to 64 letters, figures, _ or -, new for each payment and the same for each repeat.",
            ),
            Self::Unauthenticated => (
                S::UNAUTHORIZED,
                "The API key is missing or not known",
                "Send Authorization: Bearer and a key made with almoner keygen api.",
            ),
            Self::OutOfScope => (
                S::FORBIDDEN,
                "The API key may not do this",
                "Use a key with the scope that is needed.",
            ),
            Self::CrossSite => (
                S::FORBIDDEN,
                "This form was sent from another site",
                "Please open our form and fill it in there. Nothing was sent this time.",
            ),
            Self::NotFound => (S::NOT_FOUND, "There is nothing here", "Check the address."),
            Self::Method => (
                S::METHOD_NOT_ALLOWED,
                "This cannot be done here",
                "Use a method that the Allow header lists.",
            ),
            Self::BodyTooSlow => (
                S::REQUEST_TIMEOUT,
                "The request came too slowly",
                "Nothing was sent this time. Please try again.",
            ),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "The request is too large", "Send less."),
            Self::UriTooLong => {
                (S::URI_TOO_LONG, "The address is too long", "Shorten the address.")
            }
            Self::ContentType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "This type of content is not taken",
                "Send application/x-www-form-urlencoded from forms, application/json to the API.",
            ),
            Self::Charset => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "This character set is not taken",
                "Send text as UTF-8.",
            ),
            Self::ContentEncoding => {
                (S::UNSUPPORTED_MEDIA_TYPE, "Compressed content is not taken", "Send it as it is.")
            }
            Self::Expectation => (
                S::EXPECTATION_FAILED,
                "That expectation is not met here",
                "Expect 100-continue or nothing.",
            ),
            Self::BadParameter(_) => (
                S::BAD_REQUEST,
                "A parameter cannot be read",
                "Change the parameter that is named.",
            ),
            Self::Elsewhere => (
                S::GONE,
                "This cursor is of another record",
                "The record was restored from an older backup. Read it again from a cursor of before that, or from the beginning.",
            ),
            Self::TooManyStreams => (
                S::SERVICE_UNAVAILABLE,
                "Too many streams are open",
                "Try again after the time that Retry-After says, or ask for pages: /v1/outcomes.",
            ),
            Self::Invalid(_) => (
                S::UNPROCESSABLE_ENTITY,
                "Some fields need a change",
                "Change the fields that are named and send it again. Nothing was sent on.",
            ),
            Self::KeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was used for another request",
                "Ask what became of the first. A new payment needs a new key.",
            ),
            Self::UnderWay(_) => (
                S::CONFLICT,
                "The first of these requests is not answered yet",
                "It is noted under this reference and may be with the processor: it is never done twice. Ask for the address in Location, or send it again with the same key after the time that Retry-After says.",
            ),
            Self::TooOften => (
                S::TOO_MANY_REQUESTS,
                "Too many attempts came from your network",
                "Please wait a minute and try again. Nothing was sent this time.",
            ),
            Self::Paused(_) => (
                S::SERVICE_UNAVAILABLE,
                "Payments by card are paused",
                "Nothing was sent and nothing was charged this time. Please wait some minutes, as Retry-After says, and try again.",
            ),
            Self::Forged => (S::UNAUTHORIZED, "unauthorised", ""),
            Self::WrongSource => (S::FORBIDDEN, "forbidden", ""),
            Self::Grammar => (S::BAD_REQUEST, "malformed", ""),
            Self::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "We cannot take this just now",
                "Nothing was sent this time. Please try again in a minute.",
            ),
            // An earlier request with the same key may have been sent.
            Self::RepeatLater => (
                S::SERVICE_UNAVAILABLE,
                "This cannot be taken just now",
                "Nothing was sent for this request. Send it again with the same key after the time that Retry-After says: it is done once, and answered as an earlier one was.",
            ),
            // Of this payment nothing may be said: it may have been taken.
            Self::Unreadable => (
                S::SERVICE_UNAVAILABLE,
                "We cannot look this up just now",
                "What became of it is kept and has not changed. Do not pay again: please look again in a minute.",
            ),
            Self::TookTooLong => (
                S::SERVICE_UNAVAILABLE,
                "This took too long",
                "Please check before you try again: it may have been noted.",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "Please try again in a minute.",
            ),
        }
    }
}
