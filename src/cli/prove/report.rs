//! What was sent, searched and found, signed: for whoever was not there.

use super::people::Datum;
use super::places::Searched;
use crate::cli::{Failure, print};
use crate::config::read_private;
use anyhow::Context as _;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the signature is over: this, then the report as it is written, without spaces.
const SIGNED: &[u8] = b"almoner-prove-report-v1\n";

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

/// The report with its signature, as it is written to a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Signed {
    report: serde_json::Value,
    /// Ed25519, base64.
    public_key: String,
    signature: String,
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
            Verdict::Clean => "CLEAN: nothing of what was sent was found",
            Verdict::Found => "FOUND: something of what was sent is left, see above",
            Verdict::Void => "VOID: this run proves nothing, see above",
        })
    }

    /// Signs it.
    pub(super) fn sign(&self, key: &Key) -> Result<Signed, Failure> {
        let report = serde_json::to_value(self)?;
        let signature = key.0.sign(&message(&report));
        Ok(Signed {
            report,
            public_key: key.public(),
            signature: STANDARD.encode(signature.as_ref()),
        })
    }
}

/// A key that reports are signed with.
pub(in crate::cli) struct Key(Ed25519KeyPair);

impl Key {
    /// A key for one run.
    pub(super) fn fresh() -> Result<Self, Failure> {
        Ed25519KeyPair::generate().map(Self).context("no key can be made")
    }

    /// From the 32 bytes that it is made of.
    pub(in crate::cli) fn of(seed: &[u8]) -> Result<Self, Failure> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self).map_err(|_error| anyhow::anyhow!("a key for reports is 32 bytes"))
    }

    /// From a file that `almoner keygen report` made.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let text = read_private(file)?;
        let seed = STANDARD.decode(text.trim_ascii()).ok().map(zeroize::Zeroizing::new);
        let advice = || format!("{}: make it with `almoner keygen report`", file.display());
        Self::of(&seed.with_context(advice)?).with_context(advice)
    }

    /// The public half, base64.
    pub(in crate::cli) fn public(&self) -> String {
        STANDARD.encode(self.0.public_key().as_ref())
    }
}

impl Signed {
    pub(super) fn text(&self) -> Result<String, Failure> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// The report, if the owner of this public key signed it and nothing was altered since.
    pub(super) fn verify(text: &str, public: &str) -> Result<Report, Failure> {
        let signed: Self = serde_json::from_str(text).context("it is no report")?;
        let key = STANDARD.decode(public.trim()).context("the public key is not in base64")?;
        let signature =
            STANDARD.decode(&signed.signature).context("its signature is not in base64")?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&message(&signed.report), &signature)
            .map_err(|_error| anyhow::anyhow!("it was altered, or somebody else signed it"))?;
        serde_json::from_value(signed.report).context("another version of Almoner wrote it")
    }
}

/// The bytes that are signed: names in order, no spaces.
fn message(report: &serde_json::Value) -> Vec<u8> {
    [SIGNED, report.to_string().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let key = Key::fresh().unwrap();
        let text = report(3).sign(&key).unwrap().text().unwrap();
        let read = Signed::verify(&text, &format!("{}\n", key.public())).unwrap();
        assert_eq!((read.verdict, read.sent[0].people), (Verdict::Clean, 7));
        for (from, to) in [
            ("\"people\": 7", "\"people\": 8"),
            ("clean", "void"),
            ("\"control\": 3", "\"control\": 4"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(Signed::verify(&text.replacen(from, to, 1), &key.public()).is_err(), "{from}");
        }
        let other = Key::fresh().unwrap();
        assert!(Signed::verify(&text, &other.public()).is_err());
        let forged = text.replace(&key.public(), &other.public());
        assert!(Signed::verify(&forged, &other.public()).is_err(), "its own word for its key");
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

    #[test]
    fn a_key_is_its_seed() {
        assert_eq!(Key::of(&[7; 32]).unwrap().public(), Key::of(&[7; 32]).unwrap().public());
        assert!(Key::of(&[7; 31]).is_err());
    }
}
