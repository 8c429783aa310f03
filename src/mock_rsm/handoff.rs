//! The door: what a hand-off must be to be let in (gateway.md, section 6).

use super::Mock;
use super::canonical::{HAND_OFF, canonical};
use super::form::{Form, Unreadable};
use super::message_signature::seconds;
use super::sessions::Session;
use crate::payment::{
    Amount, Asked, Code, Contact, Dialect, Frequency, Kind, Method, Mode, Private, Reference,
    amount,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// Why a hand-off is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAForm,
    NotUtf8,
    DuplicatedField,
    UnexpectedField,
    MissingField(&'static str),
    MalformedField(&'static str),
    UnknownMerchant,
    UnknownKey,
    WrongSignature,
    Stale,
    Replayed,
    ReturnNotRegistered,
    AlreadyPaid,
    ReferenceReused,
    Full,
}

/// A hand-off that was let in.
pub(super) struct HandOff {
    pub(super) session: Session,
    pub(super) contact: Vec<(&'static str, Private)>,
    /// The signature and its time, so that it is let in once only.
    pub(super) signature: [u8; 32],
    pub(super) signed_at: Timestamp,
}

/// How old or how early a hand-off may be.
pub(super) const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

const REQUIRED: [&str; 18] = [
    "merchant",
    "reference",
    "kind",
    "method",
    "amount",
    "currency",
    "frequency",
    "gift_aid",
    "return_url",
    "timestamp",
    "key_id",
    "signature",
    "last_name",
    "email",
    "line1",
    "town",
    "postcode",
    "country",
];
const OPTIONAL: [&str; 8] =
    ["plan", "appeal", "title", "first_name", "phone", "line2", "line3", "county"];

impl HandOff {
    /// Reads and checks a body; the signature first, what it says after.
    pub(super) fn read(mock: &Mock, body: &[u8]) -> Result<Self, Refusal> {
        let form = Form::read(body).map_err(|unreadable| match unreadable {
            Unreadable::Malformed => Refusal::NotAForm,
            Unreadable::NotUtf8 => Refusal::NotUtf8,
            Unreadable::Duplicated => Refusal::DuplicatedField,
        })?;
        if let Some(missing) = REQUIRED.into_iter().find(|name| form.get(name).is_empty()) {
            return Err(Refusal::MissingField(missing));
        }
        if form.iter().any(|(name, _)| !REQUIRED.contains(&name) && !OPTIONAL.contains(&name)) {
            return Err(Refusal::UnexpectedField);
        }
        if form.get("merchant") != mock.merchant {
            return Err(Refusal::UnknownMerchant);
        }
        let signature = verify(mock, HAND_OFF, &form)?;
        let now = mock.clock.now();
        let signed_at =
            seconds(form.get("timestamp")).ok_or(Refusal::MalformedField("timestamp"))?;
        if now.duration_since(signed_at).abs() > TOLERANCE {
            return Err(Refusal::Stale);
        }
        let session = Session::new(
            Reference::parse(form.get("reference")).ok_or(Refusal::MalformedField("reference"))?,
            asked(&form)?,
            return_url(mock, form.get("return_url"))?,
            now,
        );
        Ok(Self { session, contact: contact(&form)?, signature, signed_at })
    }
}

/// The signature, where it is that of the fields with the key that is named.
pub(super) fn verify(mock: &Mock, version: &str, form: &Form) -> Result<[u8; 32], Refusal> {
    let key = mock.signing_keys.get(form.get("key_id")).ok_or(Refusal::UnknownKey)?;
    let text = form.get("signature");
    let mut signature = [0_u8; 32];
    if hex::decode_to_slice(text, &mut signature).is_err() || hex::encode(signature) != text {
        return Err(Refusal::WrongSignature);
    }
    if !key.verifies(canonical(version, form.iter()).as_bytes(), &signature) {
        return Err(Refusal::WrongSignature);
    }
    Ok(signature)
}

pub(super) fn asked(form: &Form) -> Result<Asked, Refusal> {
    let minor = form.get("amount");
    let digits = !minor.starts_with('0') && minor.bytes().all(|byte| byte.is_ascii_digit());
    let minor: i64 =
        digits.then(|| minor.parse().ok()).flatten().ok_or(Refusal::MalformedField("amount"))?;
    let currency = amount::currency(form.get("currency"))
        .map_err(|_why| Refusal::MalformedField("currency"))?;
    let kind = Kind::from_word(form.get("kind")).ok_or(Refusal::MalformedField("kind"))?;
    let plan = code(form, "plan")?;
    if kind == Kind::Join && plan.is_none() {
        return Err(Refusal::MissingField("plan"));
    }
    Ok(Asked {
        kind,
        method: Method::from_word(form.get("method")).ok_or(Refusal::MalformedField("method"))?,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(minor, currency).map_err(|_why| Refusal::MalformedField("amount"))?,
        frequency: Frequency::from_word(form.get("frequency"))
            .ok_or(Refusal::MalformedField("frequency"))?,
        plan,
        appeal: code(form, "appeal")?,
        gift_aid: match form.get("gift_aid") {
            "true" => true,
            "false" => false,
            _other => return Err(Refusal::MalformedField("gift_aid")),
        },
        merchant_reference: None,
    })
}

fn code(form: &Form, name: &'static str) -> Result<Option<Code>, Refusal> {
    match form.get(name) {
        "" => Ok(None),
        text => Code::parse(text).map(Some).ok_or(Refusal::MalformedField(name)),
    }
}

/// An https address without user or fragment, at an origin that is registered (if any are).
pub(super) fn return_url(mock: &Mock, text: &str) -> Result<Url, Refusal> {
    let url = Url::parse(text).ok().filter(|url| {
        let plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        url.scheme() == "https" && plain && text.len() <= 2048
    });
    let url = url.ok_or(Refusal::MalformedField("return_url"))?;
    let origin = url.origin().ascii_serialization();
    match &mock.return_origins {
        Some(registered) if !registered.contains(&origin) => Err(Refusal::ReturnNotRegistered),
        Some(_) | None => Ok(url),
    }
}

/// The contact fields that were sent, on one line each and not endless.
pub(super) fn contact(form: &Form) -> Result<Vec<(&'static str, Private)>, Refusal> {
    let sent = Contact::FIELDS.into_iter().filter(|name| !form.get(name).is_empty());
    sent.map(|name| {
        let value = form.get(name);
        let fits = value.len() <= 1000 && !value.chars().any(char::is_control);
        fits.then(|| (name, Private::new(value))).ok_or(Refusal::MalformedField(name))
    })
    .collect()
}

impl Refusal {
    /// The word for programs, the HTTP status and what to do.
    pub(super) const fn told(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::NotAForm => {
                ("not_a_form", 400, "Send the fields as application/x-www-form-urlencoded.")
            }
            Self::NotUtf8 => ("not_utf8", 400, "Send the fields in UTF-8."),
            Self::DuplicatedField => ("duplicated_field", 400, "Send every field once."),
            Self::UnexpectedField => {
                ("unexpected_field", 400, "Send only the fields of the specification.")
            }
            Self::MissingField(_) => ("missing_field", 400, "Send the field that is missing."),
            Self::MalformedField(_) => {
                ("malformed_field", 400, "Send the field as the specification says.")
            }
            Self::UnknownMerchant => {
                ("unknown_merchant", 403, "Send the merchant name that was agreed.")
            }
            Self::UnknownKey => {
                ("unknown_key", 403, "Sign with a key this system holds, and name it in key_id.")
            }
            Self::WrongSignature => (
                "wrong_signature",
                403,
                "Sign exactly the fields that are sent, with the named key.",
            ),
            Self::Stale => (
                "stale",
                410,
                "Begin again: this page was signed more than 15 minutes ago or ahead of time.",
            ),
            Self::Replayed => ("replayed", 409, "Begin again: this page was sent before."),
            Self::ReturnNotRegistered => {
                ("return_not_registered", 403, "Return to an address that is registered.")
            }
            Self::AlreadyPaid => {
                ("already_paid", 409, "Nothing more will be taken: this was paid already.")
            }
            Self::ReferenceReused => {
                ("reference_reused", 409, "Use a new reference for another payment.")
            }
            Self::Full => {
                ("full", 503, "Start the mock again: it holds as many payments as it can.")
            }
        }
    }

    /// The field it is about.
    pub(super) const fn field(self) -> Option<&'static str> {
        match self {
            Self::MissingField(field) | Self::MalformedField(field) => Some(field),
            Self::NotAForm
            | Self::NotUtf8
            | Self::DuplicatedField
            | Self::UnexpectedField
            | Self::UnknownMerchant
            | Self::UnknownKey
            | Self::WrongSignature
            | Self::Stale
            | Self::Replayed
            | Self::ReturnNotRegistered
            | Self::AlreadyPaid
            | Self::ReferenceReused
            | Self::Full => None,
        }
    }
}
