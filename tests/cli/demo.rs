//! `almoner demo`: ready at once, says everything, and says at the end what was recorded.

use super::place::{almoner, free_port, said, signal};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

#[test]
fn the_printed_curl_line_works_and_ctrl_c_tells_what_was_recorded() {
    // Three ports in a row are needed; another process may take one in between, so it is tried again.
    for _ in 0..10 {
        let port = free_port().min(60_000).to_string();
        let mut demo = almoner()
            .args(["demo", "--port", &port])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told: Vec<String> =
            lines.by_ref().take_while(|line| !line.starts_with("Ctrl-C")).collect();
        if told.is_empty() {
            assert_eq!(demo.wait().unwrap().code(), Some(1));
            continue;
        }
        let text = told.join("\n");
        for wanted in ["/donate", "/join", "/healthz", "4242 4242 4242 4242", "authority.pem"] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
        let from = told.iter().position(|line| line.trim_start().starts_with("curl ")).unwrap();
        let command = told[from..].join("\n");
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert!(said(&output).contains("\"handed_off\""), "{}", said(&output));
        signal(&demo, "INT");
        let end: Vec<String> = lines.collect();
        assert_eq!(demo.wait().unwrap().code(), Some(0));
        let end = end.join("\n");
        assert!(end.contains("Recorded: 1 hand-off") && end.contains("handed_off"), "{end}");
        let mut errors = String::new();
        demo.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(errors, "");
        return;
    }
    panic!("no three ports in a row were free ten times");
}
