//! From a file's text to settings, and what to say where it is wrong.

use super::Settings;
use crate::keys::why_unread;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// One line about one wrong setting.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {key}: {what}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, where it can be told.
    pub line: Option<usize>,
    /// The path of the key.
    pub key: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// A configuration file's text, kept to tell lines by.
#[derive(Debug)]
pub struct Document {
    file: PathBuf,
    text: String,
}

impl Document {
    /// Reads the file.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let file = file.to_owned();
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Self { file, text }),
            Err(error) => Err(ConfigError {
                file,
                line: None,
                key: "the file".to_owned(),
                what: format!(
                    "cannot be read ({}): give the path of the configuration with --config",
                    why_unread(error.kind())
                ),
            }),
        }
    }

    /// The file itself.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Where it was read from.
    #[must_use]
    pub fn place(&self) -> String {
        self.file.display().to_string()
    }

    /// The hash of its text, by which the log tells one configuration from another (security.md, P-11).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }

    /// A text that is not in a file.
    #[must_use]
    pub fn given(name: &str, text: String) -> Self {
        Self { file: name.into(), text }
    }

    /// The settings in it.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let reader = toml::Deserializer::parse(&self.text).map_err(|error| {
            self.at_span(
                error.span(),
                "the file",
                "not TOML here: look for a missing quote, bracket or equals sign",
            )
        })?;
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let path = error.path().to_string();
            let key = if path == "." { "the file".to_owned() } else { path };
            let what = said(error.inner().message());
            self.at_span(error.inner().span(), &key, &what)
        })
    }

    /// An error about a key that was read well but cannot stand.
    #[must_use]
    pub fn wrong(&self, key: &str, what: &str) -> ConfigError {
        self.at_span(self.span_of(key), key, what)
    }

    fn at_span(&self, span: Option<std::ops::Range<usize>>, key: &str, what: &str) -> ConfigError {
        let before = span.and_then(|span| self.text.get(..span.start));
        ConfigError {
            file: self.file.clone(),
            line: before.map(|text| text.matches('\n').count().saturating_add(1)),
            key: key.to_owned(),
            what: what.to_owned(),
        }
    }

    /// Where a key such as `join.plans[0].amount` stands.
    fn span_of(&self, key: &str) -> Option<std::ops::Range<usize>> {
        let table = toml::de::DeTable::parse(&self.text).ok()?;
        let mut span = None;
        let mut here: Option<&toml::de::DeValue<'_>> = None;
        for name in key.split(['.', '[', ']']).filter(|name| !name.is_empty()) {
            let next = match (here, name.parse::<usize>()) {
                (None, _) => table.get_ref().get(name),
                (Some(value), Ok(index)) => value.get(index),
                (Some(value), Err(_)) => value.get(name),
            };
            let Some(found) = next else { break };
            span = Some(found.span());
            here = Some(found.get_ref());
        }
        span
    }
}

/// The reader's message without any value in it: what was found is left out, what is expected stays.
fn said(message: &str) -> String {
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    let plain = |words: &str| {
        match words {
        "usize" | "u32" | "i64" | "u64" => "a whole number".to_owned(),
        "struct SecretSetting" => "{ file = \"..\" }, { credential = \"..\" } or { env = \"..\" } (a secret never stands in this file)".to_owned(),
        other => other.strip_prefix("struct ").map_or_else(|| other.to_owned(), |name| format!("a section [{}]", name.to_lowercase())),
    }
    };
    let first = message.split_once('`').map_or(message, |(first, _)| first);
    match (first.trim_end(), expected) {
        ("missing field", _) => format!("{message}: add it, docs/configuration.md says what it is"),
        ("unknown field", Some(expected)) => {
            format!("no such setting here: remove it or use {expected}")
        }
        ("unknown variant", Some(expected)) => format!("not one of the words: use {expected}"),
        ("duplicate field", _) => "given twice: remove one".to_owned(),
        (_, Some(expected)) if message.starts_with("invalid ") => {
            format!("of the wrong type: {} is needed here", plain(expected))
        }
        // The advice of our own settings, which holds no value.
        _ if message.starts_with("not ") || message.starts_with("a secret ") => message.to_owned(),
        _ => "cannot be read: docs/configuration.md says how it is written".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../config/production.toml");

    fn error(from: &str, to: &str) -> String {
        assert!(EXAMPLE.contains(from), "{from}");
        let document =
            Document { file: "almoner.toml".into(), text: EXAMPLE.replacen(from, to, 1) };
        document.settings().unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_setting_is_one_line_without_its_value() {
        let cases = [
            ("install = { file", "install = \"hunter2\" #", "secrets.install"),
            ("install = { file", "install = { fil", "secrets.install"),
            ("tls_profile = \"intermediate\"", "tls_profile = \"hunter2\"", "public.tls_profile"),
            ("connections = 2000", "connections = \"hunter2\"", "limits.connections"),
            ("connections = 2000", "connections = hunter2", "the file"),
            ("accent = \"#", "accent = \"hunter2#", "theme.accent"),
            ("merchant = ", "hunter2 = 1\nmerchant = ", "processor"),
            ("merchant = ", "# ", "processor"),
            ("origin = \"https://give", "origin = \"http://hunter2", "public.origin"),
        ];
        for (from, to, key) in cases {
            let line = error(from, to);
            assert!(line.starts_with("almoner.toml:"), "{line}");
            assert!(line.contains(key), "{line} should name {key}");
            assert!(!line.contains("hunter2") || key == "processor", "{line}");
            assert_eq!(line.lines().count(), 1);
        }
    }

    #[test]
    fn lines_are_told_for_keys_that_were_read() {
        let document =
            Document { file: "a".into(), text: "[x]\ny = 1\n[[z]]\na = 1\n[[z]]\na = 2\n".into() };
        assert_eq!(document.wrong("x.y", "").line, Some(2));
        assert_eq!(document.wrong("z[1].a", "").line, Some(6));
        assert_eq!(document.wrong("w", "").line, None);
    }
}
