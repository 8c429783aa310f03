//! A small disk of its own for the ledger, and what fills it.

use super::stage::Stage;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

impl Stage {
    pub(crate) fn ledger(&self) -> PathBuf {
        self.disk.join("ledger.db")
    }

    /// Puts a small disk in the ledger's place.
    pub(crate) fn mount(&self) {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs"]).arg(&self.disk);
        assert!(mount.status().unwrap().success(), "a tmpfs is mounted by root alone");
    }

    pub(crate) fn unmount(&self) {
        assert!(Command::new("umount").arg(&self.disk).status().unwrap().success());
    }

    /// Fills the disk to its last byte.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        for size in [65_536, 4096, 512, 1] {
            let piece = vec![0_u8; size];
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    /// Takes away what filled it.
    pub(crate) fn empty(&self) {
        fs::remove_file(self.ballast()).ok();
    }

    fn ballast(&self) -> PathBuf {
        self.disk.join("ballast")
    }
}
