//! `application/x-www-form-urlencoded`, read strictly: what a lenient parser would mend, merge or
//! drop is refused, because a signature covers exactly one reading.

use zeroize::Zeroizing;

/// The fields of a form, each name once. Values are wiped when dropped.
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

/// Why a body is not such a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A percent sign without two hexadecimal digits, a part without a name, too many parts.
    Malformed,
    /// Decodes to bytes that are not UTF-8.
    NotUtf8,
    /// The same name twice.
    Duplicated,
}

/// The most fields read (security.md, 5 H).
const MOST_FIELDS: usize = 40;

impl Form {
    /// Reads a whole body; an empty one has no fields.
    pub(super) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        if body.is_empty() {
            return Ok(Self(fields));
        }
        for part in body.split(|byte| *byte == b'&') {
            let mut sides = part.splitn(2, |byte| *byte == b'=');
            let name = decode(sides.next().unwrap_or_default())?;
            let value = decode(sides.next().ok_or(Unreadable::Malformed)?)?;
            if name.is_empty() || fields.len() == MOST_FIELDS {
                return Err(Unreadable::Malformed);
            }
            if fields.iter().any(|(known, _)| *known == *name) {
                return Err(Unreadable::Duplicated);
            }
            fields.push((name.to_string(), value));
        }
        Ok(Self(fields))
    }

    /// A form of these fields, whoever wrote them.
    pub(super) fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned =
            |(name, value): (&str, &str)| (name.to_owned(), Zeroizing::new(value.to_owned()));
        Self(fields.into_iter().map(owned).collect())
    }

    /// A field's value; an absent one is empty.
    pub(super) fn get(&self, name: &str) -> &str {
        self.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Every field, in the order sent.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &[u8]) -> Result<Zeroizing<String>, Unreadable> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap_or(0), rest.next().unwrap_or(0)];
                let mut decoded = [0_u8; 1];
                hex::decode_to_slice(digits, &mut decoded)
                    .map_err(|_not_hexadecimal| Unreadable::Malformed)?;
                let [decoded] = decoded;
                decoded
            }
            other => other,
        });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_where_it_broke| Unreadable::NotUtf8)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(body: &[u8]) -> Option<Unreadable> {
        Form::read(body).err()
    }

    #[test]
    fn reads_what_browsers_send() {
        let form =
            Form::read(b"name=Nguy%E1%BB%85n+Th%E1%BB%8B&empty=&sum=1%2B1%26amount%3D1").unwrap();
        assert_eq!(form.get("name"), "Nguyễn Thị");
        assert_eq!(form.get("sum"), "1+1&amount=1");
        assert_eq!((form.get("empty"), form.get("absent")), ("", ""));
        assert_eq!(form.iter().count(), 3);
    }

    #[test]
    fn refuses_what_has_two_readings() {
        for body in [&b"a=%4"[..], b"a=%", b"a=%zz", b"a", b"=b", b"a=1&&b=2", b"&"] {
            assert_eq!(why(body), Some(Unreadable::Malformed), "{body:?}");
        }
        for body in [&b"a=%ff"[..], b"a=\xe9", b"a=%c3", b"%ff=a"] {
            assert_eq!(why(body), Some(Unreadable::NotUtf8), "{body:?}");
        }
        for body in [&b"a=1&a=1"[..], b"a=1&b=2&%61=3"] {
            assert_eq!(why(body), Some(Unreadable::Duplicated), "{body:?}");
        }
        let many = (0..41).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
        assert_eq!(why(many.as_bytes()), Some(Unreadable::Malformed));
    }
}
