//! What the inventory tells of what an authority gives.

use super::keys::Named;
use crate::config::Settings;

/// The certificate, as it is called where no setting names its file.
pub(super) const CERTIFICATE: &str = "public.acme certificate";

/// What it gave, once it is there, and who vouches for its directory.
pub(super) fn files(settings: &Settings) -> Vec<Named> {
    let Some(acme) = &settings.public.acme else { return Vec::new() };
    let terms = acme.terms(Vec::new());
    let kept = [
        (CERTIFICATE, "shown to everybody", terms.files().chain),
        ("public.acme key_file", "key of what is shown", terms.files().key),
        ("public.acme account_key_file", "the authority knows us by it", terms.account_key_file()),
    ];
    let roots = terms.roots.map(|file| ("public.acme.ca_file", "vouches for the authority", file));
    let kept = kept.into_iter().filter(|(_, _, file)| file.exists()).chain(roots);
    kept.map(|(key, purpose, file)| (key.to_owned(), purpose, file)).collect()
}
