//! A panic of the binary as it is, without a door for it: a thread that the system does not give it.

use super::place::{Place, said};
use std::process::Command;

/// Whether it is before there is a log or after, only the place is said, and nothing of the message.
#[test]
fn m_10_a_panic_says_where_and_not_what() {
    let place = Place::new();
    for (denied, logged) in [("1+", false), ("2+", true)] {
        let output = Command::new("strace")
            .args(["-qqf", "-o", "/dev/null", "-e"])
            .arg(format!("inject=clone,clone3:error=EAGAIN:when={denied}"))
            .arg(env!("CARGO_BIN_EXE_almoner"))
            .args(["serve", "--config", &place.config()])
            .output()
            .unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(101), "{said}");
        let line = said.lines().find(|line| line.contains("panic")).unwrap();
        assert!(line.contains(".rs:"), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).is_ok(), logged, "{line}");
        for part in ["spawn", "worker thread", "unavailable"] {
            assert!(!said.contains(part), "{part}: {said}");
        }
    }
}
