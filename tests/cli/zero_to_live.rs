//! docs/zero-to-live.md, followed word for word: what it says to type is typed, in one folder.

use super::newcomer::{Kept, shell, typed};
use super::place::{free_port, said};
use std::net::TcpStream;
use std::time::Duration;

const PAGE: &str = include_str!("../../docs/zero-to-live.md");

/// A box of the page.
struct Box {
    /// What stands behind `sh`.
    kind: &'static str,
    script: &'static str,
    /// Why it is not followed.
    left_out: Option<&'static str>,
}

fn boxes() -> Vec<Box> {
    let mut found = Vec::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("```sh") {
        let (kind, after) = after.split_once('\n').unwrap();
        let (script, after) = after.split_once("```").unwrap();
        let line = before.trim_end().lines().last().unwrap_or_default();
        let left_out =
            line.strip_prefix("<!-- not followed: ").and_then(|it| it.strip_suffix(" -->"));
        found.push(Box { kind: kind.trim(), script, left_out });
        rest = after;
    }
    found
}

fn listens(port: u16) -> bool {
    (0..1200).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
}

#[test]
fn the_page_is_followed_word_for_word() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [("8443", free_port()), ("8444", free_port()), ("9443", free_port())];
    // The page's ports may be somebody else's here.
    let here = |text: &str| {
        ports.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, &to.to_string()))
    };
    let mut terminals = Vec::new();
    let boxes = boxes();
    let (followed, left): (Vec<_>, Vec<_>) = boxes.iter().partition(|it| it.left_out.is_none());
    assert_eq!((followed.len(), left.len()), (12, 6), "a box more or less: is it followed?");
    for it in left {
        assert!(it.left_out.is_some_and(|why| why.len() > 20) && it.kind.is_empty());
    }
    for it in followed {
        let script = here(it.script);
        if it.kind == "terminal" {
            let log = std::fs::File::create(folder.path().join("terminal.log")).unwrap();
            let also = log.try_clone().unwrap();
            let script = format!("exec {}", script.trim());
            let child = shell(folder.path(), &script).stdout(log).stderr(also).spawn().unwrap();
            terminals.push(Kept(child));
            let port = if script.contains("mock-rsm") { ports[1].1 } else { ports[0].1 };
            let told = || std::fs::read_to_string(folder.path().join("terminal.log")).unwrap();
            assert!(listens(port), "{script}: {}", told());
            continue;
        }
        let output = typed(folder.path(), &script);
        let ends = it.kind.strip_prefix("ends with ").map_or(0, |code| code.parse().unwrap());
        assert_eq!(output.status.code(), Some(ends), "{script}\n{}", said(&output));
        if script.contains("almoner check") {
            assert!(said(&output).contains("\nNext:  "), "{script}\n{}", said(&output));
        }
        if script.contains("example development") {
            let file = folder.path().join("almoner.toml");
            std::fs::write(&file, here(&std::fs::read_to_string(&file).unwrap())).unwrap();
        }
    }
    assert_eq!(terminals.len(), 2);
    // What the page says of itself at the end is what was true at the end.
    let output = typed(folder.path(), "almoner outcomes list --config almoner.toml --json");
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&listed["state"], &listed["appeal"]), (&"handed_off".into(), &"FIRST".into()));
}
