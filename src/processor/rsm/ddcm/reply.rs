//! An answer, believed only when its signature says whose it is (rsm-protocol.md, 7.3 and 7.4), and
//! read by name: the order of elements and elements that we do not know mean nothing.

use super::errors::{Code, Codes};
use super::failure::{Doubt, Failure};
use super::paper::Signature;
use super::{prolog, seal};
use crate::keys::Phrase;
use jiff::Timestamp;
use roxmltree::{Document, Node};

/// What to do with an answer that holds characters beyond ASCII and whose signature does not verify.
/// How RSM signs such text is unknown (rsm-protocol.md, 7.3, rule 5); every plausible way is tried
/// first. An answer in ASCII must verify in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// It is not believed.
    #[default]
    Strict,
    /// It is believed, because TLS says whose it is, and a warning is logged.
    NonAsciiUnverified,
}

/// How an answer is judged.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) password: &'a Phrase,
    pub(super) answers: Answers,
    pub(super) limits: prolog::Limits,
}

/// An answer that is believed.
#[derive(Clone, Copy)]
pub(super) struct Reply<'d> {
    /// Its content.
    pub(super) content: Element<'d>,
    /// The processor's own time, if HTTP says.
    pub(super) date: Option<Timestamp>,
    /// Whether the signature was verified; false only by [`Answers::NonAsciiUnverified`].
    pub(super) verified: bool,
}

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'d>(Node<'d, 'd>);

/// Reads and verifies an answer, and hands it to `then`.
pub(super) fn read<A>(
    bytes: &[u8],
    judge: Judge<'_>,
    then: impl FnOnce(Reply<'_>) -> Result<A, Failure>,
) -> Result<A, Failure> {
    let text = prolog::open(bytes, judge.limits)?;
    let document = Document::parse(&text).ok().ok_or(Doubt::Malformed)?;
    let root = Element(document.root_element());
    if root.name() != "ddcm" || root.children().any(|child| !PARTS.contains(&child.name())) {
        return Err(Doubt::Malformed.into());
    }
    let content = root.need("response")?;
    let verified = verify(&text, root, content, judge);
    if let Err(doubt) = verified {
        let tolerated = judge.answers == Answers::NonAsciiUnverified && !text.is_ascii();
        return if tolerated {
            then(Reply { content, date: None, verified: false })
        } else {
            Err(doubt.into())
        };
    }
    then(Reply { content, date: None, verified: true })
}

/// The two children of the root element.
const PARTS: [&str; 2] = ["response", "signature"];

fn verify(
    text: &str,
    root: Element<'_>,
    content: Element<'_>,
    judge: Judge<'_>,
) -> Result<(), Doubt> {
    let claimed = content.codes().ok().and_then(|codes| codes.iter().next());
    let Some(signature) = root.one("signature")? else {
        return Err(Doubt::Unsigned(claimed));
    };
    let signature = Signature::parse(signature.text("signature")?);
    let wrong = Doubt::WrongSignature(claimed);
    let signature = signature.ok_or_else(|| wrong.clone())?;
    if seal::verify(text, content.0, &signature, judge.password) { Ok(()) } else { Err(wrong) }
}

impl<'d> Element<'d> {
    pub(super) fn name(self) -> &'d str {
        self.0.tag_name().name()
    }

    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(Node::is_element).map(Self)
    }

    /// The children of this name: none, one or many.
    pub(super) fn many(self, name: &'static str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The child of this name; two of what there is one of cannot be believed.
    pub(super) fn one(self, name: &'static str) -> Result<Option<Self>, Doubt> {
        let mut found = self.many(name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Doubt::Element(name)),
        }
    }

    pub(super) fn need(self, name: &'static str) -> Result<Self, Doubt> {
        self.one(name)?.ok_or(Doubt::Element(name))
    }

    /// Its text, empty where it has none. `name` is said where it holds elements instead.
    pub(super) fn text(self, name: &'static str) -> Result<&'d str, Doubt> {
        if self.children().next().is_some() {
            return Err(Doubt::Element(name));
        }
        Ok(self.0.text().unwrap_or_default())
    }

    /// The text of the one child of this name; an absent child and an empty one are the same.
    pub(super) fn value(self, name: &'static str) -> Result<&'d str, Doubt> {
        self.one(name)?.map_or(Ok(""), |child| child.text(name))
    }

    /// The codes in its `errors`.
    pub(super) fn codes(self) -> Result<Codes, Doubt> {
        let Some(errors) = self.one("errors")? else {
            return Ok(Codes::default());
        };
        let codes: Result<Vec<Code>, Doubt> =
            errors.many("error").map(|error| error.value("code").map(Code::parse)).collect();
        Ok(Codes::new(codes?.into_iter()))
    }

    /// Whether its `status` is SUCCESS; anything but SUCCESS and FAIL cannot be believed.
    pub(super) fn succeeded(self) -> Result<bool, Doubt> {
        match self.value("status")? {
            "SUCCESS" => Ok(true),
            "FAIL" => Ok(false),
            _ => Err(Doubt::Element("status")),
        }
    }
}

impl<'d> Reply<'d> {
    /// The content of an answer to a question, or the codes with which it was refused.
    pub(super) fn answered(&self) -> Result<Element<'d>, Failure> {
        let codes = self.content.codes()?;
        match (self.content.succeeded()?, codes.is_empty()) {
            (true, true) => Ok(self.content),
            (false, false) => Err(refused(codes)),
            (true, false) | (false, true) => Err(Doubt::Contradictory.into()),
        }
    }
}

/// A whole request's codes: a refusal if each of them says that nothing was done.
pub(super) fn refused(codes: Codes) -> Failure {
    match codes.meaning() {
        super::Meaning::NotSent | super::Meaning::Refused => Failure::Refused(codes),
        super::Meaning::InDoubt => Doubt::Codes(codes).into(),
    }
}

#[cfg(test)]
mod tests;
