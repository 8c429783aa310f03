//! Whether a file is one that nobody but we may read, and why one cannot be read.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;

/// Whether only its owner may read it (security.md, P-10, G-4); or root alone and whom systemd let in: a
/// credential is root's, and the list that lets the service in shows as the group's right to read.
#[must_use]
pub fn is_private(facts: &Metadata) -> bool {
    let mode = facts.mode() & 0o777;
    let is_open = mode & 0o077 != 0;
    !is_open || (mode == 0o440 && facts.uid() == 0 && facts.gid() == 0)
}

/// Why a file cannot be read, to a person: the standard library calls one that is missing an entity.
#[must_use]
pub fn why_unread(kind: ErrorKind) -> String {
    if kind == ErrorKind::NotFound { "there is no such file".to_owned() } else { kind.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, chown};

    #[test]
    fn p_10_g_4_only_root_s_own_may_show_its_group_a_right_to_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let is_private = |mode| {
            let rights = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), rights).unwrap();
            is_private(&file.as_file().metadata().unwrap())
        };
        let facts = file.as_file().metadata().unwrap();
        let is_root_s = facts.uid() == 0 && facts.gid() == 0;
        for (mode, good) in [
            (0o600, true),
            (0o400, true),
            (0o440, is_root_s),
            (0o640, false),
            (0o444, false),
            (0o460, false),
            (0o450, false),
        ] {
            assert_eq!(is_private(mode), good, "{mode:o}");
        }
        // Of a group that is not root's: only root can bring that about.
        if chown(file.path(), None, Some(65_534)).is_ok() {
            assert!(!is_private(0o440) && is_private(0o400));
        }
    }
}
