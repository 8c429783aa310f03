//! The languages of the pages: those that are built in, and those of a folder.

use crate::config::{ConfigError, Document, Settings};
use crate::http::Texts;
use crate::keys::why_unread;
use std::collections::BTreeMap;
use std::path::Path;

/// The most bytes of a file of texts.
const LARGEST: u64 = 512 * 1024;

impl Settings {
    /// Every language that is offered, the first for whoever asks for none of them.
    pub fn texts(&self, document: &Document) -> Result<Vec<Texts>, ConfigError> {
        let wrong = |what: &str| document.wrong("texts.folder", what);
        let files = match &self.texts.folder {
            None => BTreeMap::new(),
            Some(folder) => read(folder).map_err(|what| wrong(&what))?,
        };
        let mut there: Vec<&str> = Texts::built_in().collect();
        there.extend(files.keys().map(String::as_str).filter(|code| !is_built_in(code)));
        let mut offered: Vec<&str> = self.texts.languages.iter().map(String::as_str).collect();
        if offered.is_empty() {
            offered.clone_from(&there);
        }
        for (place, code) in offered.iter().enumerate() {
            let what = if !there.contains(code) {
                format!("there is no such language: use one of {}", there.join(", "))
            } else if offered.iter().take(place).any(|earlier| earlier == code) {
                "named twice: take it out".to_owned()
            } else {
                continue;
            };
            return Err(document.wrong(&format!("texts.languages[{place}]"), &what));
        }
        let texts = offered.into_iter().map(|code| {
            let file = files.get(code).map(String::as_str);
            Texts::new(code, file).map_err(|why| wrong(&format!("{code}.ftl: {why}")))
        });
        texts.collect()
    }
}

fn is_built_in(code: &str) -> bool {
    Texts::built_in().any(|known| known == code)
}

/// The files that end in `.ftl`, by their names without it.
fn read(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let cannot = |path: &Path, error: &std::io::Error| {
        format!("{} cannot be read ({})", path.display(), why_unread(error.kind()))
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(|error| cannot(folder, &error))? {
        let path = entry.map_err(|error| cannot(folder, &error))?.path();
        let code = path.file_stem().and_then(std::ffi::OsStr::to_str).map(str::to_owned);
        let Some(code) = code.filter(|_| path.extension().is_some_and(|end| end == "ftl")) else {
            continue;
        };
        if std::fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
            return Err(format!("{} is larger than 512 KiB", path.display()));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| cannot(&path, &error))?;
        files.insert(code, text);
    }
    Ok(files)
}
