//! What brings a process into trouble: a small disk of its own that is mounted, and system calls that
//! `strace` makes fail or kill by. Both need root, which a test says where it has it not.

use super::place::{GIFT, Place, run, said};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A disk of eight megabytes, mounted until it is dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// In the place of the ledger's folder.
    pub(crate) fn below(place: &Place) -> Self {
        let folder = place.file("dev/disk");
        fs::create_dir(&folder).unwrap();
        place.change("dev/ledger.db", "dev/disk/ledger.db");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs"])
            .arg(&folder)
            .status()
            .unwrap();
        assert!(mounted.success(), "only root can mount a small disk: run this test as root");
        Self(folder)
    }

    pub(crate) fn fill(&self) {
        let mut ballast =
            File::options().create(true).append(true).open(self.0.join("ballast")).unwrap();
        for size in [65_536, 4096, 512, 1] {
            let piece = vec![0_u8; size];
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    /// The same, and the room that the ledger's log has left inside it from before: `/readyz` writes one
    /// page. After an error the log is cut to nothing with the next round of the chaser, a second later at the
    /// most, and what that sets free is filled as well.
    pub(crate) async fn fill_to_the_brim(&self, place: &Place) {
        let mut refused_since = None;
        for _ in 0..200 {
            self.fill();
            if ready(place).await != 503 {
                refused_since = None;
                continue;
            }
            let since = *refused_since.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_millis(2500) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("a page is taken, however full the disk is");
    }

    pub(crate) fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }

    pub(crate) fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        let done = Command::new("mount").args(["-o", &how]).arg(&self.0).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().unwrap();
    }
}

pub(crate) async fn ready(place: &Place) -> u16 {
    let url = format!("https://localhost:{}/readyz", place.operations);
    place.client().get(url).send().await.map_or(0, |answer| answer.status().as_u16())
}

/// Starts the service with something done to its system calls, as `strace -e inject=` has it.
pub(crate) fn traced(place: &Place, inject: &str) -> Child {
    let log = File::options().create(true).append(true).open(place.file("log")).unwrap();
    let call = inject.split(':').next().unwrap();
    Command::new("strace")
        // -D: the service is our child, and strace its guest.
        .args(["-D", "-f", "-qq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={call}"), "-e", &format!("inject={inject}")])
        .args([env!("CARGO_BIN_EXE_almoner"), "serve", "--config", &place.config()])
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("strace ({error}): apt-get install strace"))
}

/// The exit code of a process that ends by itself; none where it was killed.
pub(crate) async fn ended(service: &mut Child) -> Option<i32> {
    for _ in 0..1200 {
        if let Some(status) = service.try_wait().unwrap() {
            return status.code();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    service.kill().unwrap();
    panic!("{} goes on", service.id());
}

/// One payment: the status, the answer, and when to try again.
pub(crate) async fn give(place: &Place, key: &str, body: &str) -> (u16, Value, String) {
    let request = place
        .client()
        .post(place.url("/v1/handoffs"))
        .bearer_auth(&place.api_key)
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    let Ok(answer) = request.body(body.to_owned()).send().await else {
        return (0, Value::Null, String::new());
    };
    let status = answer.status().as_u16();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body = answer.bytes().await.unwrap_or_default();
    (status, serde_json::from_slice(&body).unwrap_or_default(), retry.unwrap_or_default())
}

/// Gives until it is refused; the references of what was taken, and the key that was refused.
pub(crate) async fn give_until_refused(place: &Place, name: &str) -> (Vec<String>, String) {
    let mut taken = Vec::new();
    for number in 0..400 {
        let key = format!("{name}-{number:08}");
        let (status, answer, _) = give(place, &key, GIFT).await;
        if status != 201 {
            return (taken, key);
        }
        taken.push(answer["reference"].as_str().unwrap().to_owned());
    }
    panic!("never refused");
}

/// All hand-offs that the ledger holds, after its chain was proven.
pub(crate) fn recorded(place: &Place) -> Vec<Value> {
    let verified = run(&["ledger", "verify", "--config", &place.config()]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    let list = ["outcomes", "list", "--config", &place.config(), "--json", "--limit", "1000000"];
    let listed = run(&list);
    let lines = String::from_utf8(listed.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn hold(place: &Place, references: &[String]) {
    let recorded = recorded(place);
    for reference in references {
        assert!(recorded.iter().any(|found| found["reference"] == **reference), "{reference}");
    }
}
