//! Settings that are more than text: each says, without repeating the value, how it is written.

use crate::payment::{Dialect, Frequency, Method, Mode};
use crate::processor::rsm::{AppealCode, Canonical, CardPageKind, Charset, Repeat};
use crate::tls::{Network, Profile};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::net::SocketAddr;

/// How a kind of setting is read and written.
pub trait Setting: Sized {
    /// What to write.
    const ADVICE: &'static str;
    /// Reads it.
    fn read(text: &str) -> Option<Self>;
    /// Writes it as it is read.
    fn write(&self) -> String;
}

/// A setting that was read from text and found good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked<T>(pub T);

impl<'de, T: Setting> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::read(&text).map(Self).ok_or_else(|| D::Error::custom(T::ADVICE))
    }
}

impl<T: Setting> Serialize for Checked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(SignedDuration);

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Checked<Self> {
        Checked(Self(SignedDuration::from_secs(seconds)))
    }
}

impl Checked<Span> {
    /// As calendar arithmetic takes it.
    #[must_use]
    pub const fn signed(self) -> SignedDuration {
        self.0.0
    }

    /// As timers take it.
    #[must_use]
    pub const fn timer(self) -> std::time::Duration {
        self.0.0.unsigned_abs()
    }
}

impl Setting for Span {
    const ADVICE: &'static str =
        "not a length of time: write it like \"5s\", \"30m\" or \"1h 30m\"";
    fn read(text: &str) -> Option<Self> {
        let span: SignedDuration = text.parse().ok()?;
        (!span.is_negative()).then_some(Self(span))
    }
    fn write(&self) -> String {
        format!("{:#}", self.0)
    }
}

/// `https://host[:port]`, as browsers write an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host, and the port where it is not 443.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.strip_prefix("https://").unwrap_or(&self.0)
    }
}

impl Setting for Origin {
    const ADVICE: &'static str = "not an https origin: write it like \"https://give.example.org\", with a port if it is not 443 and nothing after it";
    fn read(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        let origin = url.origin().ascii_serialization();
        let same = ["", "/", ":443"].iter().any(|rest| format!("{origin}{rest}") == text);
        let bare = url.scheme() == "https" && same;
        bare.then_some(Self(origin))
    }
    fn write(&self) -> String {
        self.0.clone()
    }
}

/// A host name, with a port where it is not 443, as the Host header gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for HostName {
    const ADVICE: &'static str =
        "not a host name: write it like \"give.example.org\" or \"localhost:8443\"";
    fn read(text: &str) -> Option<Self> {
        Origin::read(&format!("https://{text}")).map(|origin| Self(origin.authority().to_owned()))
    }
    fn write(&self) -> String {
        self.0.clone()
    }
}

impl Setting for Network {
    const ADVICE: &'static str =
        "not a network: write it like \"192.0.2.0/24\", \"2001:db8::/32\" or \"192.0.2.7\"";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

/// A colour, `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colour(String);

impl Colour {
    /// One of our own.
    pub(super) fn of(text: &str) -> Checked<Self> {
        Checked(Self(text.to_owned()))
    }

    /// The colour.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for Colour {
    const ADVICE: &'static str = "not a colour: write it like \"#1d5c4d\"";
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| Self(text.to_owned()))
    }
    fn write(&self) -> String {
        self.0.clone()
    }
}

impl Setting for SocketAddr {
    const ADVICE: &'static str =
        "not an address and port: write it like \"0.0.0.0:443\" or \"[::]:443\"";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// What needs a person.
    Error,
    /// What is unusual.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// Everything that may be logged.
    Debug,
}

/// How operators enter the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsoleEntry {
    /// There is none.
    #[default]
    Off,
    /// By a password.
    Password,
    /// By the certificate that the operations listener demands.
    Certificate,
}

/// What is done where the kernel cannot hold the service to what is its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxMode {
    /// The service does not start.
    Require,
    /// It starts and warns.
    #[default]
    Warn,
    /// It is not tried.
    Off,
}

/// A setting that is one of a few words.
macro_rules! word_setting {
    ($type:ty, $advice:literal, $($word:literal = $value:expr),+) => {
        impl Setting for $type {
            const ADVICE: &'static str = $advice;
            fn read(text: &str) -> Option<Self> {
                [$(($word, $value)),+].into_iter().find(|(word, _)| *word == text).map(|(_, value)| value)
            }
            fn write(&self) -> String {
                [$(($word, $value)),+].into_iter().find(|(_, value)| value == self).map_or_else(String::new, |(word, _)| word.to_owned())
            }
        }
    };
}
word_setting!(
    Profile,
    "not a TLS profile: write \"intermediate\" or \"modern\"",
    "intermediate" = Self::Intermediate,
    "modern" = Self::Modern
);
word_setting!(
    Level,
    "not a level: write \"error\", \"warn\", \"info\" or \"debug\"",
    "error" = Self::Error,
    "warn" = Self::Warn,
    "info" = Self::Info,
    "debug" = Self::Debug
);
word_setting!(
    ConsoleEntry,
    "not a way into the console: write \"off\", \"password\" or \"certificate\"",
    "off" = Self::Off,
    "password" = Self::Password,
    "certificate" = Self::Certificate
);
word_setting!(
    SandboxMode,
    "not a mode of the sandbox: write \"require\", \"warn\" or \"off\"",
    "require" = Self::Require,
    "warn" = Self::Warn,
    "off" = Self::Off
);

/// A setting whose words are those of the protocol.
macro_rules! closed_words {
    ($type:ty, $advice:literal) => {
        impl Setting for $type {
            const ADVICE: &'static str = $advice;
            fn read(text: &str) -> Option<Self> {
                Self::from_word(text)
            }
            fn write(&self) -> String {
                self.word().to_owned()
            }
        }
    };
}
closed_words!(Charset, "not a character set: write \"ascii\", \"iso-8859-1\" or \"utf-8\"");
closed_words!(
    Canonical,
    "not a canonical form: write \"raw-order-decoded-once\", \"raw-order-undecoded\" or \"name-order-decoded-once\""
);
closed_words!(CardPageKind, "not a card page: write \"cpweb\" or \"widget\"");
closed_words!(AppealCode, "not a use of the appeal code: write \"reference\" or \"appeal\"");
closed_words!(Repeat, "not a meaning of repeat: write \"flag\" or \"months\"");
closed_words!(Dialect, "not a dialect: write \"signed\" or \"rsm2000\"");
closed_words!(Mode, "not a mode: write \"test\" or \"live\"");
closed_words!(Method, "not a method: write \"card\" or \"direct_debit\"");
closed_words!(
    Frequency,
    "not a frequency: write \"once\", \"monthly\", \"quarterly\", \"half-yearly\" or \"yearly\""
);
