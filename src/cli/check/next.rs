//! The one command that a newcomer types next, whole, with their own files in it.

use crate::config::{SecretSetting, Settings};
use crate::keys::is_private;
use crate::payment::{Dialect, Mode};
use std::path::{Path, PathBuf};

/// Opens the configuration where something is to be changed.
pub(super) fn edit(file: &Path, line: Option<usize>) -> String {
    let line = line.map(|line| format!("+{line} ")).unwrap_or_default();
    format!("${{EDITOR:-vi}} {line}{}", quoted(file))
}

/// Starts the service.
pub(super) fn serve(file: &Path) -> String {
    let is_the_unit_s = file == Path::new("/etc/almoner/almoner.toml");
    if is_the_unit_s && Path::new("/run/systemd/system").is_dir() {
        return "systemctl enable --now almoner".to_owned();
    }
    format!("almoner serve --config {}", quoted(file))
}

/// Puts a secret where it is looked for, or closes it to others.
pub(super) fn secret(settings: &Settings, key: &str) -> Option<String> {
    let named = |(name, secret): (String, &SecretSetting)| (name == key).then(|| secret.clone());
    let ours = settings.secrets.named().into_iter();
    let ours = ours.map(|(name, secret)| (format!("secrets.{name}"), secret));
    let subscribers = settings.subscribers.iter().enumerate().flat_map(|(place, subscriber)| {
        let secrets = subscriber.secrets().into_iter();
        secrets.map(move |(name, secret)| (format!("subscribers[{place}].{name}"), secret))
    });
    let setting = ours.chain(subscribers).find_map(named)?;
    let current = setting.stands_in();
    let next = setting.next.as_deref().and_then(SecretSetting::stands_in);
    let file = current.into_iter().chain(next).find(|file| !is_good(file))?;
    if file.exists() {
        return Some(format!("chmod 0600 {}", quoted(&file)));
    }
    let make = match SecretSetting::kind(key) {
        Some(kind) => format!("almoner keygen {kind} --out {}", quoted(&file)),
        // What others gave is typed in, and is not shown in the shell's history.
        None => format!(
            "echo 'Paste the secret, then Enter and Ctrl-D:' && install -m 0600 /dev/stdin {}",
            quoted(&file)
        ),
    };
    Some(format!("{}{make}", folder_of(&file)))
}

fn is_good(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|facts| is_private(&facts))
}

/// Makes the folder of a file, where it is missing.
fn folder_of(file: &Path) -> String {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            format!("{} && ", folder_for(folder))
        }
        _ => String::new(),
    }
}

/// Makes a folder that nobody else may enter.
pub(super) fn folder_for(folder: &Path) -> String {
    format!("install -d -m 0700 {}", quoted(folder))
}

/// Brings a certificate where there is none: a throw-away one to try things out, one of an authority for real money.
pub(super) fn certificate(settings: &Settings, chain: &Path, host: &str) -> Option<String> {
    if chain.exists() {
        return None;
    }
    match settings.processor.mode.0 {
        Mode::Live => Some(format!("certbot certonly --standalone -d {host}")),
        Mode::Test if chain.file_name()? == "server.pem" => {
            Some(format!("almoner dev-certs --out {}", quoted(chain.parent()?)))
        }
        Mode::Test => None,
    }
}

/// Starts the mock processor that the configuration speaks to, where it is one on this machine.
pub(super) fn mock(settings: &Settings) -> Option<String> {
    let (processor, secrets) = (&settings.processor, &settings.secrets);
    let signed = processor.signed.as_ref().filter(|_| processor.dialect.0 == Dialect::Signed)?;
    let (host, port) = signed.origin.0.authority().split_once(':')?;
    if host != "localhost" || !cfg!(feature = "mock-rsm") {
        return None;
    }
    let file = |secret: &Option<SecretSetting>| secret.as_ref()?.file.clone();
    let (signing, webhook) = (file(&secrets.processor_signing)?, file(&secrets.processor_webhook)?);
    Some(format!(
        "almoner mock-rsm --listen 127.0.0.1:{port} --certificate {} --private-key {} --merchant {} \
         --signing-key-file {}={} --webhook-secret-file {} --webhook-url {}/webhooks/signed --webhook-ca {}",
        quoted(settings.public.certificate_file.as_ref()?),
        quoted(settings.public.private_key_file.as_ref()?),
        signed.merchant,
        signed.key_id,
        quoted(&signing),
        quoted(&webhook),
        settings.public.origin.0.as_str(),
        quoted(processor.ca_file.as_ref()?),
    ))
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let plain: PathBuf = path.strip_prefix(".").unwrap_or(path).into();
    let text = if plain.as_os_str().is_empty() { ".".into() } else { plain.display().to_string() };
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+:@,=".contains(&b));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_to_a_shell() {
        for (path, word) in [
            ("./dev/install.key", "dev/install.key"),
            ("/etc/almoner/almoner.toml", "/etc/almoner/almoner.toml"),
            (".", "."),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(quoted(Path::new(path)), word);
        }
    }
}
