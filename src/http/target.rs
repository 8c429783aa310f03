//! Where a browser may be sent and where its requests may come from: lists, never patterns.

use url::Url;

/// The origins and hosts of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    hosts: Vec<String>,
    form_origins: Vec<String>,
    return_origins: Vec<String>,
}

impl Targets {
    /// `hosts` as a Host header gives them; origins as browsers write them.
    #[must_use]
    pub const fn new(
        hosts: Vec<String>,
        form_origins: Vec<String>,
        return_origins: Vec<String>,
    ) -> Self {
        Self { hosts, form_origins, return_origins }
    }

    /// Whether a Host header names us.
    pub(super) fn serves(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// The charity's own pages.
    pub(super) fn form_origins(&self) -> &[String] {
        &self.form_origins
    }

    /// Whether this Origin header is one of the charity's own pages.
    pub(super) fn is_form_origin(&self, origin: &str) -> bool {
        self.form_origins.iter().any(|known| known == origin)
    }

    /// A return address that is allowed, written anew from its parts. Anything that two readers
    /// might read in two ways is refused before it is read (security.md, F-3, F-4).
    pub(super) fn return_url(&self, text: &str) -> Option<String> {
        let plain = text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if !plain || !text.starts_with("https://") {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let bare = url.username().is_empty() && url.password().is_none() && !text.contains('@');
        let listed = self.return_origins.contains(&url.origin().ascii_serialization());
        (bare && listed).then(|| url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_ours() {
        let list = |name: &str| vec![name.to_owned()];
        let targets = Targets::new(
            list("give.charity.org"),
            list("https://www.charity.org"),
            list("https://charity.org"),
        );
        assert!(targets.serves("give.charity.org") && targets.serves("GIVE.charity.org"));
        assert!(!targets.serves("www.charity.org") && !targets.serves(""));
        assert_eq!(targets.form_origins(), ["https://www.charity.org"]);
        assert!(targets.is_form_origin("https://www.charity.org"));
        for other in ["https://charity.org", "https://WWW.charity.org", "null", ""] {
            assert!(!targets.is_form_origin(other), "{other}");
        }
        let longest = format!("https://charity.org/{}", "x".repeat(492));
        assert_eq!(targets.return_url(&longest), Some(longest));
    }

    #[test]
    fn f_3_f_4_f_5_only_listed_origins_however_they_are_dressed_up() {
        let targets = Targets::new(vec![], vec![], vec!["https://charity.org".into()]);
        for good in
            ["https://charity.org/thanks", "https://charity.org/a?b=c", "https://charity.org"]
        {
            assert!(targets.return_url(good).is_some(), "{good}");
        }
        for bad in [
            "//evil.example",
            "https:evil.example",
            "https://charity.org@evil.example/",
            "https://charity.org.evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://charity.org\\@evil.example/",
            "https://charity.org/\r\nX: y",
            "https://charity.org/\tx",
            "https://charity%2eorg/",
            "http://charity.org/",
            "https://charity.org:8443/",
            "https://xn--chrity-bva.org/",
            "HTTPS://charity.org@x/",
            " https://charity.org/",
            "https://chаrity.org/",
            "https://@charity.org/",
            "https://pat@charity.org/",
            "https://:x@charity.org/",
            "https://charity.org/pat@example.org",
            &format!("https://charity.org/{}", "x".repeat(493)),
            "",
        ] {
            // A host may be written in percent signs; what matters is that no other host comes out.
            let seen = targets.return_url(bad);
            assert!(
                seen.as_deref().is_none_or(|url| url.starts_with("https://charity.org/")),
                "{bad}: {seen:?}"
            );
            assert!(seen.is_none() || bad.contains("%2e"), "{bad}");
        }
    }
}
