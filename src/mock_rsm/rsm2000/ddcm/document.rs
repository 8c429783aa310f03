//! XML as DDCM takes it: a prolog of one shape, elements and text, nothing else.

use roxmltree::{Document, NodeType, ParsingOptions};
use zeroize::Zeroizing;

/// An element with either children or text. Texts are wiped when dropped.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) children: Vec<Node>,
    pub(super) text: Zeroizing<String>,
}

/// The most elements of a request: about 150 mandates with every field, ten times over.
const MOST_ELEMENTS: u32 = 100_000;
/// The most levels of elements: a request has five.
const DEEPEST: usize = 16;

/// Splits a document into the system id of its DOCTYPE and its root element. An internal subset, or
/// anything else than RSM's own prolog, is `None`.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let rest = match text.strip_prefix("<?xml") {
        Some(declaration) => declaration.split_once("?>")?.1.trim_start(),
        None => text,
    };
    let rest = rest.strip_prefix("<!DOCTYPE")?.trim_start().strip_prefix("ddcm")?.trim_start();
    let rest = rest.strip_prefix("SYSTEM")?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (id, rest) = rest.strip_prefix(quote)?.split_once(quote)?;
    Some((id, rest.trim_start().strip_prefix('>')?.trim_start()))
}

impl Node {
    /// Reads a root element without a prolog; attributes, comments, instructions and text beside
    /// elements are `None`.
    pub(super) fn parse(root: &str) -> Option<Self> {
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: MOST_ELEMENTS, ..Default::default() };
        let document = Document::parse_with_options(root, options).ok()?;
        Self::read(document.root_element(), DEEPEST)
    }

    /// An element without anything in it.
    pub(super) fn empty() -> Self {
        Self { name: String::new(), children: Vec::new(), text: Zeroizing::new(String::new()) }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child; an absent one is empty.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    /// The element as it is signed: nothing between tags, empty elements short, `& < >` escaped.
    pub(super) fn signed_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.size()));
        self.write(&mut text);
        text
    }

    fn read(node: roxmltree::Node<'_, '_>, levels: usize) -> Option<Self> {
        let levels = levels.checked_sub(1)?;
        let tag = node.tag_name();
        if node.attributes().len() > 0 || tag.namespace().is_some() {
            return None;
        }
        let (mut children, mut text) = (Vec::new(), Zeroizing::new(String::new()));
        for child in node.children() {
            match child.node_type() {
                NodeType::Element => children.push(Self::read(child, levels)?),
                NodeType::Text => text.push_str(child.text().unwrap_or_default()),
                NodeType::Root | NodeType::PI | NodeType::Comment => return None,
            }
        }
        if !children.is_empty() {
            if !text.trim().is_empty() {
                return None;
            }
            text.clear();
        }
        Some(Self { name: tag.name().to_owned(), children, text })
    }

    fn write(&self, into: &mut String) {
        if self.children.is_empty() && self.text.is_empty() {
            into.extend(["<", &self.name, "/>"]);
            return;
        }
        into.extend(["<", &self.name, ">"]);
        for child in &self.children {
            child.write(into);
        }
        escape(&self.text, into);
        into.extend(["</", &self.name, ">"]);
    }

    /// At least what is written, so that the text is never moved while it grows.
    fn size(&self) -> usize {
        let own = self.name.len().saturating_mul(2).saturating_add(5);
        let text = self.text.len().saturating_mul(5);
        self.children
            .iter()
            .fold(own.saturating_add(text), |size, child| size.saturating_add(child.size()))
    }
}

/// Text as libxml writes it: quotes are left alone.
pub(super) fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '\r' => into.push_str("&#13;"),
            plain => into.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}", inside in "[<>/a&;! \"\\[\\]-]{0,60}") {
            split(&text);
            Node::parse(&text);
            let document = format!("<!DOCTYPE ddcm SYSTEM \"a\"{inside}><ddcm>{inside}</ddcm>");
            if let Some((_, root)) = split(&document) && let Some(node) = Node::parse(root) {
                let signed = node.signed_text();
                let again = Node::parse(&signed).map(|node| node.signed_text().to_string());
                prop_assert_eq!(again.as_deref(), Some(signed.as_str()));
            }
        }
    }

    #[test]
    fn the_prolog_has_one_shape() {
        let good = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<!DOCTYPE ddcm SYSTEM \"apiDtd/x.dtd\">\n<ddcm/>";
        assert_eq!(split(good), Some(("apiDtd/x.dtd", "<ddcm/>")));
        for bad in [
            "<ddcm/>",
            "<!DOCTYPE ddcm [<!ENTITY a \"b\">]><ddcm/>",
            "<!DOCTYPE ddcm SYSTEM \"a\" [<!ENTITY a \"b\">]><ddcm/>",
            "<!DOCTYPE ddcm PUBLIC \"a\" \"b\"><ddcm/>",
            "<!DOCTYPE ddcm SYSTEM \"a><ddcm/>",
        ] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_signed_text_leaves_out_what_stands_between_tags() {
        let node =
            Node::parse("<a>\r\n\t<b> x &amp; 'y' </b>\n<c></c><d><e>1&gt;0</e></d> </a>").unwrap();
        assert_eq!(&*node.signed_text(), "<a><b> x &amp; 'y' </b><c/><d><e>1&gt;0</e></d></a>");
        for bad in ["<a b='1'/>", "<a>x<b/></a>", "<a><!-- x --></a>", "<a>&b;</a>", "<a>"] {
            assert!(Node::parse(bad).is_none(), "{bad}");
        }
        let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(Node::parse(&deep(DEEPEST)).is_some());
        assert!(Node::parse(&deep(10_000)).is_none());
    }
}
