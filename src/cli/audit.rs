//! Who did what with the record from a shell (security.md, P-11): one line for each command, to the
//! system's log where there is one, so that whoever gives the command is not who keeps the line.

use crate::clock::Clock;
use crate::payment::Reference;
use serde_json::{Map, Value, json};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Where syslog and the journal listen.
const SYSTEM_LOG: &str = "/dev/log";
/// What they know a line by: authorisation, and its severity (RFC 5424, section 6.2.1).
const WELL: u8 = 10 * 8 + 6;
const NOT_WELL: u8 = 10 * 8 + 4;
/// A process that nobody logged in for (proc(5), `loginuid`).
const NOBODY: &str = "4294967295";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With its work done.
    Well,
    /// Refused, failed, or with something found wrong.
    NotWell,
}

/// What a command did, and with what.
#[derive(Debug)]
pub(super) struct Deed {
    /// Its words, joined.
    pub(super) command: &'static str,
    /// The hand-off that it was about, where it was about one.
    pub(super) reference: Option<Reference>,
}

impl Deed {
    /// About no hand-off in particular.
    pub(super) const fn of(command: &'static str) -> Self {
        Self { command, reference: None }
    }

    /// About one.
    pub(super) const fn with(command: &'static str, reference: Reference) -> Self {
        Self { command, reference: Some(reference) }
    }

    /// Writes it down.
    pub(super) fn tell(&self, ended: Ended) {
        let line = self.line(ended, &Clock::system()).to_string();
        if to_system_log(Path::new(SYSTEM_LOG), ended, &line).is_err()
            && !std::io::stderr().is_terminal()
        {
            // There is nobody left to tell if this fails too.
            writeln!(std::io::stderr().lock(), "{line}").ok();
        }
    }

    fn line(&self, ended: Ended, clock: &Clock) -> Value {
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let own = std::fs::metadata("/proc/self").map(|process| process.uid().to_string());
        let login = std::fs::read_to_string("/proc/self/loginuid").ok();
        let login = login.as_deref().map(str::trim).filter(|login| *login != NOBODY);
        let (level, result) = match ended {
            Ended::Well => ("INFO", "well"),
            Ended::NotWell => ("WARN", "not_well"),
        };
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), clock.now().to_string().into());
        line.insert("level".to_owned(), level.into());
        line.insert("event".to_owned(), "command".into());
        line.insert("audit".to_owned(), true.into());
        line.insert("command".to_owned(), self.command.into());
        line.insert("result".to_owned(), result.into());
        line.insert("user".to_owned(), name(&users, own.as_deref().unwrap_or("unknown")).into());
        if let Some(login) = login {
            line.insert("login".to_owned(), name(&users, login).into());
        }
        if let Some(reference) = self.reference {
            line.insert("reference".to_owned(), json!(reference.to_string()));
        }
        Value::Object(line)
    }
}

/// The name of a user by the lines of passwd(5), if it has one that can stand in a log; else the number.
fn name(users: &str, number: &str) -> String {
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = |name: &&str| (1..=64).contains(&name.len()) && name.bytes().all(plain);
    named.filter(fits).unwrap_or(number).to_owned()
}

fn to_system_log(socket: &Path, ended: Ended, line: &str) -> std::io::Result<()> {
    let priority = match ended {
        Ended::Well => WELL,
        Ended::NotWell => NOT_WELL,
    };
    let datagram = UnixDatagram::unbound()?;
    // A log that takes nothing holds no command up.
    datagram.set_nonblocking(true)?;
    datagram.send_to(format!("<{priority}>almoner: {line}").as_bytes(), socket)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn p_11_a_command_is_told_of_with_its_user_its_result_and_what_it_was_about() {
        let clock = Clock::set_to("2026-11-26T10:43:40Z".parse().unwrap());
        let reference = Reference::at(Timestamp::UNIX_EPOCH);
        let line = Deed::with("outcomes_show", reference).line(Ended::Well, &clock);
        assert_eq!(line["timestamp"], "2026-11-26T10:43:40Z");
        assert_eq!((&line["event"], &line["audit"]), (&json!("command"), &json!(true)));
        assert_eq!((&line["command"], &line["result"]), (&json!("outcomes_show"), &json!("well")));
        assert_eq!(line["reference"], json!(reference.to_string()));
        assert!(line["user"].as_str().is_some_and(|user| !user.is_empty() && user != "unknown"));
        let line = Deed::of("ledger_verify").line(Ended::NotWell, &clock);
        assert_eq!((&line["level"], &line["result"]), (&json!("WARN"), &json!("not_well")));
        assert!(line.get("reference").is_none());
    }

    #[test]
    fn f_13_a_user_has_a_plain_name_or_a_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\ncare:x:1000:1000::/:\nb\u{1b}[1m:x:7:7::/:\n";
        let names = ["0", "1000", "7", "8"].map(|number| name(users, number));
        assert_eq!(names, ["root", "care", "7", "8"]);
    }

    #[test]
    fn the_systems_log_gets_it_whole() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("log");
        assert!(to_system_log(&socket, Ended::Well, "{}").is_err(), "nobody listens");
        let system = UnixDatagram::bind(&socket).unwrap();
        to_system_log(&socket, Ended::NotWell, r#"{"event":"command"}"#).unwrap();
        let mut bytes = [0; 100];
        let length = system.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], br#"<84>almoner: {"event":"command"}"#);
    }
}
