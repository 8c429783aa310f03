//! The supporter's contact details: held only while a request lives, passed to the processor, wiped.

use super::field::{FieldError, Rule};
use super::postcode;
use secrecy::{ExposeSecret as _, SecretString};

/// A personal datum. It cannot be cloned, serialised or shown; it is wiped when dropped.
pub struct Private(SecretString);

impl Private {
    /// Takes the text over; the caller's copy is the caller's to wipe.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// The text, for the processor's encoder and for showing the form again: nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        #[expect(clippy::disallowed_methods, reason = "the one exit of a personal datum")]
        self.0.expose_secret()
    }
}

impl<'de> serde::Deserialize<'de> for Private {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Private;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E>(self, text: &str) -> Result<Private, E> {
                Ok(Private::new(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[private]")
    }
}

/// Where and how to reach the supporter (gateway.md, section 3, `contact`).
#[derive(Debug)]
pub struct Contact {
    /// For example Mr, Ms, Mx, Dr.
    pub title: Private,
    /// First name.
    pub first_name: Private,
    /// Last name.
    pub last_name: Private,
    /// E-mail address.
    pub email: Private,
    /// Telephone number.
    pub phone: Option<Private>,
    /// First line of the address.
    pub line1: Private,
    /// Second line of the address.
    pub line2: Option<Private>,
    /// Third line of the address.
    pub line3: Option<Private>,
    /// Town or city.
    pub town: Private,
    /// County or region.
    pub county: Option<Private>,
    /// Postcode.
    pub postcode: Private,
    /// ISO 3166-1 alpha-2 code.
    pub country: Private,
}

impl Contact {
    /// The names of the fields, in the order of a form.
    pub const FIELDS: [&'static str; 12] = [
        "title",
        "first_name",
        "last_name",
        "email",
        "phone",
        "line1",
        "line2",
        "line3",
        "town",
        "county",
        "postcode",
        "country",
    ];

    /// The fields as the processor receives them, empty ones left out.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, &Private)> {
        let all = [
            Some(&self.title),
            Some(&self.first_name),
            Some(&self.last_name),
            Some(&self.email),
            self.phone.as_ref(),
            Some(&self.line1),
            self.line2.as_ref(),
            self.line3.as_ref(),
            Some(&self.town),
            self.county.as_ref(),
            Some(&self.postcode),
            Some(&self.country),
        ];
        Self::FIELDS.into_iter().zip(all).filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Checks every field that `text` gives by name (an absent one is empty) and says all that is wrong.
    #[expect(clippy::similar_names, reason = "a county and a country are called so")]
    pub fn check<'a>(text: impl Fn(&str) -> &'a str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let country = text("country").trim_matches(' ');
        let mut read = |field, most, missing| {
            let value = check(&Rule { field, most, missing }, text(field), country);
            value.unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        };
        let title = read("title", 20, "Choose your title");
        let first_name = read("first_name", 100, "Enter your first name");
        let last_name = read("last_name", 100, "Enter your last name");
        let email = read("email", 254, "Enter your email address");
        let phone = read("phone", 20, "");
        let line1 = read("line1", 100, "Enter the first line of your address");
        let line2 = read("line2", 100, "");
        let line3 = read("line3", 100, "");
        let town = read("town", 100, "Enter your town or city");
        let county = read("county", 100, "");
        let postcode = read("postcode", 12, "Enter your postcode");
        let country = read("country", 2, "Choose your country");
        let whole = || {
            Some(Self {
                title: title?,
                first_name: first_name?,
                last_name: last_name?,
                email: email?,
                phone,
                line1: line1?,
                line2,
                line3,
                town: town?,
                county,
                postcode: postcode?,
                country: country?,
            })
        };
        if errors.is_empty() { whole().ok_or(errors) } else { Err(errors) }
    }
}

/// One field of somebody in this country against its rule and its shape: `None` where it is empty and may be.
fn check(rule: &Rule, text: &str, country: &str) -> Result<Option<Private>, FieldError> {
    let Some(text) = rule.sound(text)? else { return Ok(None) };
    let shape = match rule.field {
        "email" => is_email(text)
            .then_some(())
            .ok_or("Enter an email address in the correct format, like name@example.com"),
        "phone" => is_phone(text)
            .then_some(())
            .ok_or("Enter a telephone number, like 01632 960 001 or +44 808 157 0192"),
        "postcode" => postcode::check(text, country),
        "country" => is_country(text).then_some(()).ok_or("Choose a country from the list"),
        "title" => text
            .chars()
            .all(|c| c.is_alphabetic() || " .'-".contains(c))
            .then_some(())
            .ok_or("Choose a title from the list"),
        _ => Ok(()),
    };
    shape.map_err(|advice| rule.wrong("malformed", advice))?;
    Ok(Some(Private::new(text)))
}

fn is_email(text: &str) -> bool {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    email_address::EmailAddress::parse_with_options(text, options).is_ok()
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits) && text.bytes().all(|b| b.is_ascii_digit() || b"+-() ".contains(&b))
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(changed: &str, value: &'static str) -> Result<Contact, Vec<FieldError>> {
        Contact::check(|field| match field {
            name if name == changed => value,
            "title" => "Ms",
            "first_name" => "Pat",
            "last_name" => "O'Brien",
            "email" => "pat@example.org",
            "line1" => "1 High Street",
            "town" => "Bedford",
            "postcode" => "TE1 2ST",
            "country" => "GB",
            _ => "",
        })
    }

    #[test]
    fn b_21_real_names_are_welcome() {
        for name in
            ["O'Brien", "Nguyễn Thị Ngọc", "王", "Ng", "Smith-Jones", "D\u{2019}Arcy", "Łukasz"]
        {
            assert!(with("last_name", name).is_ok(), "{name}");
        }
    }

    #[test]
    fn b_8_b_20_what_cannot_be_typed_is_refused() {
        for name in ["a\0b", "a\rb", "a\nb", "a\u{7f}", "a\u{1b}[31m", "a\u{202E}b", "a\u{200B}b"] {
            let errors = with("first_name", name).unwrap_err();
            assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), ["first_name"]);
        }
    }

    #[test]
    fn every_field_is_named_once_and_no_value_is_repeated() {
        let errors = Contact::check(|_| "").unwrap_err();
        assert_eq!(errors.len(), 8);
        let errors = with("email", "canary@@example").unwrap_err();
        assert!(!format!("{errors:?}").contains("canary"));
    }

    #[test]
    fn nothing_private_is_printed() {
        assert!(!format!("{:?}", with("first_name", "Canary").unwrap()).contains("Canary"));
    }
}
