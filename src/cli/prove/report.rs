//! What was sent, searched and found, signed: for whoever was not there.

use super::people::Datum;
use super::places::Searched;
use crate::cli::{Failure, print};
use crate::keys::signed::Statement;
use serde::{Deserialize, Serialize};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// Nothing was found, and what had to be found was.
    Clean,
    /// Something was found.
    Found,
    /// It proves nothing.
    Void,
}

/// The report. Nothing in it is a datum that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) at: String,
    pub(super) version: String,
    pub(super) binary_sha256: String,
    pub(super) config_sha256: String,
    pub(super) dialect: String,
    pub(super) ledger: String,
    pub(super) changed: Vec<String>,
    /// How the service was called.
    pub(super) lines: Vec<String>,
    pub(super) sent: Vec<Sent>,
    /// What was not done, and why.
    pub(super) left_out: Vec<String>,
    /// How often the request in flight was found in memory, which it had to be.
    pub(super) control: u64,
    pub(super) searched: Vec<Looked>,
    pub(super) found: Vec<Found>,
    /// Why it proves nothing, if so.
    pub(super) void: Vec<String>,
    pub(super) verdict: Verdict,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) road: String,
    pub(super) people: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Looked {
    pub(super) place: String,
    pub(super) bytes: u64,
    pub(super) found: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) place: String,
    pub(super) datum: String,
    pub(super) form: String,
    pub(super) road: String,
    pub(super) times: u64,
}

impl Statement for Report {
    const NAME: &'static str = "report";
    const LABEL: &'static str = "almoner-prove-report-v1";
}

impl Report {
    /// Adds what was looked through.
    pub(super) fn searched(&mut self, places: Vec<Searched>) {
        for Searched { place, bytes, hits } in places {
            self.found.extend(hits.iter().map(|(((datum, road), form), times)| Found {
                place: place.clone(),
                datum: Datum::word(*datum).to_owned(),
                form: (*form).to_owned(),
                road: (*road).to_owned(),
                times: *times,
            }));
            self.searched.push(Looked { place, bytes, found: hits.values().sum() });
        }
    }

    /// What it comes to. Leftovers are told even where the control failed; clean it is only with it.
    pub(super) fn judge(&mut self) {
        if self.control == 0 && self.void.is_empty() {
            let why = "the request in flight was not found in memory: the search does not see what is there";
            self.void.push(why.to_owned());
        }
        self.verdict = match (self.found.is_empty(), self.void.is_empty()) {
            (false, _) => Verdict::Found,
            (true, true) => Verdict::Clean,
            (true, false) => Verdict::Void,
        };
    }

    /// For people.
    pub(super) fn tell(&self) -> Result<(), Failure> {
        let row = |sent: &Sent| [sent.road.clone(), sent.people.to_string()];
        print::table(["ROAD", "PEOPLE"], &self.sent.iter().map(row).collect::<Vec<_>>())?;
        print::line("")?;
        let row = |place: &Looked| {
            [place.place.clone(), place.bytes.to_string(), place.found.to_string()]
        };
        print::table(
            ["PLACE", "BYTES", "FOUND"],
            &self.searched.iter().map(row).collect::<Vec<_>>(),
        )?;
        if !self.found.is_empty() {
            let row = |f: &Found| {
                [
                    f.place.clone(),
                    f.datum.clone(),
                    f.form.clone(),
                    f.road.clone(),
                    f.times.to_string(),
                ]
            };
            let rows: Vec<_> = self.found.iter().map(row).collect();
            print::line("")?;
            print::table(["FOUND IN", "DATUM", "AS", "OF THE ROAD", "TIMES"], &rows)?;
        }
        print::line("")?;
        for what in &self.changed {
            print::line(&format!("changed: {what}"))?;
        }
        for what in &self.left_out {
            print::line(&format!("left out: {what}"))?;
        }
        print::line(&format!("control: the request in flight was found {} times", self.control))?;
        for why in &self.void {
            print::line(&format!("void: {why}"))?;
        }
        print::line(match self.verdict {
            Verdict::Clean if self.left_out.is_empty() => {
                "CLEAN: nothing of what was sent was found"
            }
            Verdict::Clean => {
                "CLEAN: nothing of what was sent was found; what was left out stands above"
            }
            Verdict::Found => "FOUND: something of what was sent is left, see above",
            Verdict::Void => "VOID: this run proves nothing, see above",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::signed::{PublicKey, SigningKey, prove, sign};

    fn report(control: u64) -> Report {
        let word = String::new;
        let mut report = Report {
            at: word(),
            version: word(),
            binary_sha256: word(),
            config_sha256: word(),
            dialect: word(),
            ledger: word(),
            changed: Vec::new(),
            lines: Vec::new(),
            sent: vec![Sent { road: "form".into(), people: 7 }],
            left_out: Vec::new(),
            control,
            searched: Vec::new(),
            found: Vec::new(),
            void: Vec::new(),
            verdict: Verdict::Void,
        };
        report.judge();
        report
    }

    #[test]
    fn an_altered_report_does_not_verify() {
        let key = SigningKey::fresh().unwrap();
        let public = PublicKey::parse(&key.public()).unwrap();
        let text = sign(&report(3), &key).unwrap();
        let read: Report = prove(&text, &public).unwrap();
        assert_eq!((read.verdict, read.sent[0].people), (Verdict::Clean, 7));
        for (from, to) in [
            ("\"people\": 7", "\"people\": 8"),
            ("clean", "void"),
            ("\"control\": 3", "\"control\": 4"),
        ] {
            assert!(text.contains(from), "{from}");
            let altered = text.replacen(from, to, 1);
            assert!(prove::<Report>(&altered, &public).is_err(), "{from}");
        }
    }

    #[test]
    fn without_the_control_it_is_void_and_a_find_is_told_all_the_same() {
        assert_eq!(report(1).verdict, Verdict::Clean);
        let mut blind = report(0);
        assert_eq!(blind.verdict, Verdict::Void);
        blind.found.push(Found {
            place: "log".into(),
            datum: "name".into(),
            form: "plain".into(),
            road: "form".into(),
            times: 1,
        });
        blind.judge();
        assert_eq!(blind.verdict, Verdict::Found);
    }
}
