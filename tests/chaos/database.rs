//! A PostgreSQL of our own, which may be stopped at any moment as a crash would stop it.

use super::stage::run;
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// It runs until it is dropped.
pub(crate) struct Server {
    folder: PathBuf,
    settings: HashMap<String, String>,
    process: Child,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        run(&["dev-certs", "--out", &folder.join("tls").display().to_string()]);
        let mut process =
            script("run", folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "PostgreSQL did not start: is it installed? See scripts/test");
        let settings = fs::read_to_string(folder.join("settings")).unwrap();
        let pairs = settings.lines().filter_map(|line| line.split_once('='));
        let settings = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { folder: folder.to_owned(), settings, process }
    }

    pub(crate) fn port(&self) -> u16 {
        self.setting("port").parse().unwrap()
    }

    /// Stops it without a word and starts it again.
    pub(crate) async fn restart(&self) {
        let mut restart = script("restart", &self.folder);
        restart.stdout(Stdio::null());
        let done = tokio::task::spawn_blocking(move || restart.status()).await.unwrap().unwrap();
        assert!(done.success(), "PostgreSQL did not come up again");
    }

    /// Makes an empty database; what an instance's configuration says of it, where it is reached at
    /// this port: under `[ledger]`, and under `[secrets]`.
    pub(crate) fn database(&self, name: &str, port: u16) -> [String; 2] {
        assert!(self.keeper(&format!("CREATE DATABASE {name} OWNER almoner")), "{name}");
        [
            format!(
                "url = \"postgresql://almoner@127.0.0.1:{port}/{name}\"\nca_file = \"{}\"",
                self.setting("ca_file")
            ),
            format!("ledger_password = {{ file = \"{}\" }}\n", self.setting("password_file")),
        ]
    }

    /// Removes it: a server that dies looks at every file of every database when it comes up again.
    pub(crate) fn forget(&self, name: &str) {
        // One that stays only costs time.
        self.keeper(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    fn keeper(&self, sql: &str) -> bool {
        let mut psql = Command::new("psql");
        psql.args(["-q", "-d", &format!("{}?sslmode=require", self.setting("keeper_url"))])
            .args(["-c", sql])
            .env("PGPASSWORD", fs::read_to_string(self.setting("password_file")).unwrap());
        psql.status().unwrap().success()
    }

    fn setting(&self, name: &str) -> &str {
        self.settings.get(name).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

fn script(what: &str, folder: &Path) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres"));
    command.arg(what).arg(folder);
    command
}
