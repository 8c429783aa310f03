//! What the service needs of files and ports, as its settings have it.

use crate::config::Settings;
use crate::sandbox::Bounds;
use std::path::{Path, PathBuf};

/// Variables of the environment that name files or folders which are read.
const NAMED_OUTSIDE: [&str; 4] =
    ["CREDENTIALS_DIRECTORY", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZDIR"];

impl Settings {
    /// The folders of all that it names may be read, that of a ledger's file and that of what comes by ACME
    /// written; the ports of the processor, the database, subscribers and the ACME authority may be called. `file` is the configuration itself.
    #[must_use]
    pub fn bounds(&self, file: &Path) -> Bounds {
        let mut named = self.clone();
        named.sandbox.read.clear();
        let ledger = named.ledger.file.take();
        let texts = named.texts.folder.take();
        let acme = named.public.acme.take();
        let files = named.paths().into_iter().map(|path| path.clone()).chain([file.to_owned()]);
        let mut read = self.sandbox.read.clone();
        read.extend(texts);
        read.extend(acme.iter().flat_map(|acme| &acme.ca_file).flat_map(|file| folders_of(file)));
        read.extend(files.flat_map(|file| folders_of(&file)));
        read.extend(named_outside());
        read.sort();
        read.dedup();
        let write = ledger.iter().flat_map(|file| folders_of(file));
        let write = write.chain(acme.iter().map(|acme| acme.folder.clone())).collect();
        Bounds { read, write, call: self.ports() }
    }

    /// The ports of all that is called.
    fn ports(&self) -> Vec<u16> {
        let signed = self.processor.signed.iter();
        let signed = signed.filter_map(|signed| signed.origin.0.as_str().parse().ok());
        let rsm = self.processor.rsm2000.iter().flat_map(|rsm| {
            let page = rsm.card_page.iter().map(|page| &page.url);
            page.chain(rsm.debit_page.iter().map(|page| &page.url))
                .chain(rsm.api.iter().map(|api| &api.url))
                .map(|url| url.0.0.clone())
        });
        let urls = signed.chain(rsm).filter_map(|url: url::Url| url.port_or_known_default());
        let subscribers = self.subscribers.iter().map(|it| it.url.0.0.clone());
        let subscribers = subscribers.filter_map(|url| url.port_or_known_default());
        let acme = self.public.acme.iter();
        let acme = acme.filter_map(|acme| acme.directory.0.0.port_or_known_default());
        let collector = self.traces.url.iter().filter(|_| self.traces.enabled);
        let collector = collector.filter_map(|url| url.0.0.port_or_known_default());
        let further = subscribers.chain(acme).chain(collector);
        urls.chain(self.database_ports()).chain(further).collect()
    }

    #[cfg(feature = "postgres")]
    fn database_ports(&self) -> Vec<u16> {
        let config = self.ledger.url.as_ref().and_then(|url| url.parse().ok());
        config.map_or_else(Vec::new, |config: tokio_postgres::Config| match config.get_ports() {
            [] => vec![5432],
            ports => ports.to_vec(),
        })
    }

    #[cfg(not(feature = "postgres"))]
    #[expect(clippy::unused_self, reason = "without a database there is none to call")]
    fn database_ports(&self) -> Vec<u16> {
        Vec::new()
    }
}

/// The folder of a file, and that of the file it is a link to: renewals put new files beside both.
fn folders_of(file: &Path) -> Vec<PathBuf> {
    let target = file.canonicalize().ok();
    let files = std::iter::once(file).chain(target.as_deref());
    let folders = files.filter_map(Path::parent);
    folders
        .map(|folder| if folder.as_os_str().is_empty() { ".".into() } else { folder.into() })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
fn named_outside() -> impl Iterator<Item = PathBuf> {
    NAMED_OUTSIDE.into_iter().filter_map(std::env::var_os).map(PathBuf::from)
}
