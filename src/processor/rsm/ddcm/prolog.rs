//! From an answer's bytes to the text of its one element: the character set, the declaration and the
//! DOCTYPE are judged here, before any parser sees them (security.md, E-7 to E-11).

use super::failure::Doubt;
use zeroize::Zeroizing;

/// How large an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Its bytes.
    pub(super) bytes: usize,
    /// Its elements.
    pub(super) elements: usize,
}

/// How deep an answer's elements may lie (security.md, table H).
const DEEPEST: usize = 16;
/// What an XML declaration cannot be longer than.
const DECLARATION: usize = 120;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    Latin1,
    Utf8,
}

/// The document's text from its root element on: no declaration, no DOCTYPE, and nothing but
/// elements without attributes, text, and references to characters.
pub(super) fn open(bytes: &[u8], limits: Limits) -> Result<Zeroizing<String>, Doubt> {
    if bytes.len() > limits.bytes {
        return Err(Doubt::TooLarge);
    }
    // A byte order mark and UTF-16 both show before the first character of markup.
    if bytes.first() != Some(&b'<') || bytes.contains(&0) {
        return Err(if is_marked(bytes) { Doubt::Charset } else { Doubt::Malformed });
    }
    let (charset, rest) = declaration(bytes)?;
    let mut text = decode(charset, rest)?;
    let start = root(&text)?;
    text.drain(..start);
    walk(&text, limits.elements)?;
    Ok(text)
}

fn is_marked(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [&[0xFE, 0xFF], &[0xFF, 0xFE], &[0xEF, 0xBB, 0xBF]];
    bytes.contains(&0) || marks.iter().any(|mark| bytes.starts_with(mark))
}

/// The declared character set; without a declaration XML says UTF-8.
fn declaration(bytes: &[u8]) -> Result<(Charset, &[u8]), Doubt> {
    let Some(rest) = bytes.strip_prefix(b"<?xml") else {
        return Ok((Charset::Utf8, bytes));
    };
    let head = rest.get(..DECLARATION.min(rest.len())).unwrap_or_default();
    let end = head.windows(2).position(|pair| pair == b"?>").ok_or(Doubt::Malformed)?;
    let (inside, rest) = rest.split_at_checked(end).ok_or(Doubt::Malformed)?;
    let inside = std::str::from_utf8(inside).ok().filter(|text| text.is_ascii());
    let rest = rest.get(2..).ok_or(Doubt::Malformed)?;
    let mut inside = inside.ok_or(Doubt::Malformed)?;
    let mut charset = Charset::Utf8;
    let mut seen = Vec::new();
    while !inside.trim_start().is_empty() {
        let (name, value, left) = assignment(inside).ok_or(Doubt::Malformed)?;
        match name {
            "version" if value == "1.0" && seen.is_empty() => {}
            "encoding" if value.eq_ignore_ascii_case("iso-8859-1") => charset = Charset::Latin1,
            "encoding" if value.eq_ignore_ascii_case("utf-8") => charset = Charset::Utf8,
            "encoding" => return Err(Doubt::Charset),
            "standalone" if ["yes", "no"].contains(&value) => {}
            _ => return Err(Doubt::Malformed),
        }
        if seen.contains(&name) {
            return Err(Doubt::Malformed);
        }
        seen.push(name);
        inside = left;
    }
    if seen.first() == Some(&"version") { Ok((charset, rest)) } else { Err(Doubt::Malformed) }
}

/// ` name="value"`, and what follows.
fn assignment(text: &str) -> Option<(&str, &str, &str)> {
    let trimmed = text.trim_start_matches(SPACE);
    if trimmed.len() == text.len() {
        return None;
    }
    let (name, rest) = trimmed.split_once('=')?;
    let (value, rest) = literal(rest.trim_start_matches(SPACE))?;
    Some((name.trim_end_matches(SPACE), value, rest))
}

/// What XML calls white space.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// A text in either kind of quotes, and what follows.
fn literal(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c))?;
    text.strip_prefix(quote)?.split_once(quote)
}

/// True Latin-1, where each byte is the character of its number; never windows-1252, which some
/// libraries take the label for.
fn decode(charset: Charset, bytes: &[u8]) -> Result<Zeroizing<String>, Doubt> {
    let above = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_add(above)));
    match charset {
        Charset::Latin1 => text.extend(bytes.iter().copied().map(char::from)),
        Charset::Utf8 => text.push_str(std::str::from_utf8(bytes).ok().ok_or(Doubt::Charset)?),
    }
    Ok(text)
}

/// Where the root element starts: after white space and at most one DOCTYPE that only names a DTD.
fn root(text: &str) -> Result<usize, Doubt> {
    let rest = text.trim_start_matches(SPACE);
    let rest = match rest.strip_prefix("<!DOCTYPE") {
        Some(after) => doctype(after).ok_or(Doubt::Doctype)?.trim_start_matches(SPACE),
        None => rest,
    };
    Ok(text.len().saturating_sub(rest.len()))
}

/// ` ddcm SYSTEM "…dtd">` or `PUBLIC`, and what follows. The name is never fetched; that it has the
/// look of RSM's, a path or an https address of a DTD, keeps strange answers out early. An internal
/// subset, the home of entity bombs, is refused unread.
fn doctype(text: &str) -> Option<&str> {
    let rest = spaced(text)?.strip_prefix("ddcm")?;
    let rest = spaced(rest)?;
    let (system, rest) = match rest.strip_prefix("PUBLIC") {
        Some(rest) => {
            let (_, rest) = literal(spaced(rest)?)?;
            literal(spaced(rest)?)?
        }
        None => literal(spaced(rest.strip_prefix("SYSTEM")?)?)?,
    };
    let path = system.strip_prefix("https://").unwrap_or(system);
    let known = path.strip_suffix(".dtd").is_some_and(|path| {
        path.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
    });
    rest.trim_start_matches(SPACE).strip_prefix('>').filter(|_| known)
}

fn spaced(text: &str) -> Option<&str> {
    let trimmed = text.trim_start_matches(SPACE);
    (trimmed.len() < text.len()).then_some(trimmed)
}

/// Counts before anything is built: every `<` opens or closes an element without attributes.
/// Comments, CDATA and processing instructions, which RSM does not use and which split a text in
/// two, are refused; whether the tags match is the parser's to say.
fn walk(text: &str, most: usize) -> Result<(), Doubt> {
    let (mut depth, mut elements) = (0_usize, 0_usize);
    for piece in text.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').ok_or(Doubt::Malformed)?;
        let (closes, alone) = (tag.starts_with('/'), tag.ends_with('/'));
        let name = tag.strip_prefix('/').unwrap_or_else(|| tag.strip_suffix('/').unwrap_or(tag));
        let name = name.trim_end_matches(SPACE);
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(Doubt::Malformed);
        }
        if closes {
            depth = depth.checked_sub(1).ok_or(Doubt::Malformed)?;
            continue;
        }
        elements = elements.saturating_add(1);
        let deep = depth.saturating_add(1);
        if elements > most || deep > DEEPEST {
            return Err(Doubt::TooLarge);
        }
        depth = if alone { depth } else { deep };
    }
    Ok(())
}

#[cfg(test)]
mod tests;
