//! `almoner demo`: ready at once, says everything, and says at the end what was recorded.

use super::place::{almoner, free_port, said, signal};
use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// One that runs, and what it said at its start.
pub(crate) struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) told: Vec<String>,
}

impl Demo {
    /// Three ports in a row are needed; another process may take one in between, so it is tried again.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        for _ in 0..10 {
            let port = free_port().min(60_000).to_string();
            let mut child = almoner()
                .args([&["demo", "--port", &port], arguments].concat())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let told: Vec<String> = lines
                .by_ref()
                .map_while(Result::ok)
                .take_while(|line| !line.starts_with("Ctrl-C"))
                .collect();
            if !told.is_empty() {
                return Self { child, lines, told };
            }
            assert_eq!(child.wait().unwrap().code(), Some(1));
        }
        panic!("no three ports in a row were free ten times");
    }

    /// What stands behind a word in what it said.
    fn behind(&self, word: &str) -> &str {
        let line = self.told.iter().find_map(|line| line.split_once(word));
        line.unwrap_or_else(|| panic!("no {word} in {:?}", self.told)).1.trim()
    }

    /// Until the charity's own system, which the demo plays too, has taken an event.
    fn tells_its_own_system(&self) {
        let began = Instant::now();
        let settings = self.behind("events list --config ");
        loop {
            let list = ["events", "list", "--config", settings, "--json"];
            let told = said(&almoner().args(list).output().unwrap());
            if told.contains("\"taken\"") && told.contains("\"crm\"") {
                return;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "{told}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The charity's own texts too; the Guarantee, which is a bank's, is not on these pages.
    fn speaks_welsh(&self) {
        let authority = self.behind("curl --cacert ").split(' ').next().unwrap();
        for page in ["Donate ", "Join "] {
            let url = format!("{}?lang=cy", self.behind(page));
            let output =
                Command::new("curl").args(["-s", "--cacert", authority, &url]).output().unwrap();
            let page = said(&output);
            assert!(page.contains("Goleuadau'r Harbwr"), "{page}");
            for english in ["Harbour Lights", "lamp lit", "magazine", "Your gift", "I want to"] {
                assert!(!page.contains(english), "{english}: {page}");
            }
        }
    }

    /// Ends it as Ctrl-C does; what it says then.
    pub(crate) fn end(mut self) -> String {
        signal(&self.child, "INT");
        let end: Vec<String> = self.lines.map_while(Result::ok).collect();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(errors, "");
        end.join("\n")
    }
}

#[test]
fn the_printed_curl_line_works_and_ctrl_c_tells_what_was_recorded() {
    let demo = Demo::start(&["--empty"]);
    let text = demo.told.join("\n");
    for wanted in [
        "/donate",
        "/join",
        "/console",
        "/healthz",
        "4242 4242 4242 4242",
        "authority.pem",
        "outcomes export --mode test --ledger ",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    let from = demo.told.iter().position(|line| line.trim_start().starts_with("curl ")).unwrap();
    let command = demo.told[from..].join("\n");
    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(said(&output).contains("\"handed_off\""), "{}", said(&output));
    demo.tells_its_own_system();
    demo.speaks_welsh();
    let end = demo.end();
    assert!(end.contains("Recorded: 1 hand-off") && end.contains("handed_off"), "{end}");
}

/// Its pages know sterling alone; the other demo shows two currencies.
#[test]
fn the_demo_of_rsm_s_own_formats_starts_too() {
    let demo = Demo::start(&["--dialect", "rsm2000"]);
    assert!(demo.told.iter().any(|line| line.contains("/donate")), "{:?}", demo.told);
    let end = demo.end();
    assert!(end.contains("Recorded: "), "{end}");
}
