//! The verdict on a round, hand-off by hand-off: what every caller was told, the processor's own
//! books, the webhooks that were acknowledged, and our ledger, held against one another
//! (security.md, Q-7). It knows nothing of how they were gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything that was seen of one round.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// One for each Idempotency-Key.
    pub(crate) calls: Vec<Call>,
    /// The processor's books, by reference.
    pub(crate) books: BTreeMap<String, Booked>,
    /// Our ledger, by reference.
    pub(crate) ledger: BTreeMap<String, Kept>,
    /// References and states of webhooks that were answered 2xx and were right.
    pub(crate) acknowledged: Vec<(String, String)>,
    /// What `almoner ledger verify` found wrong.
    pub(crate) broken: Option<String>,
}

/// One payment as a careful program makes it: the same key until there is an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) key: String,
    pub(crate) minor: i64,
    /// Whether the gateway itself calls the processor, so that the first answer may be the outcome.
    pub(crate) direct: bool,
    pub(crate) answers: Vec<Answer>,
}

/// What a program was told, each time it asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The connection broke, or nothing came in time.
    Broken,
    /// Try again: 409, 429, 5xx.
    Later(u16),
    /// Any other refusal: nothing was done.
    Refused(u16, String),
    /// 201.
    Created { reference: String, state: String },
    /// What `GET` said later.
    Shown { reference: String, state: String },
}

/// What the processor did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Booked {
    pub(crate) minor: i64,
    pub(crate) charges: u64,
    pub(crate) state: String,
}

/// What we say of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) minor: i64,
    pub(crate) state: String,
    /// Whether a person finds it among the doubts that the processor would not settle.
    pub(crate) listed: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Twice,
    Lost,
    Wrong,
}

/// One thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) fault: Fault,
    pub(crate) about: String,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.fault {
            Fault::Twice => "charged twice",
            Fault::Lost => "lost",
            Fault::Wrong => "wrong",
        };
        write!(f, "{word}: {}: {}", self.about, self.what)
    }
}

/// How far an outcome has risen (`payment/standing.rs`).
fn rank(state: &str) -> u8 {
    match state {
        "lapsed" => 1,
        "cancelled" => 2,
        "declined" => 3,
        "accepted" => 4,
        _ => 0,
    }
}

impl Call {
    /// Every reference that an answer to this key named.
    pub(crate) fn references(&self) -> BTreeSet<&str> {
        self.told().map(|(reference, _)| reference).collect()
    }

    /// Whether a program may stop asking.
    pub(crate) fn is_answered(&self) -> bool {
        self.answers.iter().any(|answer| {
            matches!(answer, Answer::Created { .. } | Answer::Shown { .. } | Answer::Refused(..))
        })
    }

    fn told(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answers.iter().filter_map(|answer| match answer {
            Answer::Created { reference, state } | Answer::Shown { reference, state } => {
                Some((reference.as_str(), state.as_str()))
            }
            Answer::Broken | Answer::Later(_) | Answer::Refused(..) => None,
        })
    }
}

impl History {
    /// Everything that must not be.
    pub(crate) fn judge(&self) -> Vec<Finding> {
        let mut found = Findings::default();
        if let Some(what) = &self.broken {
            found.add(Fault::Wrong, "the ledger", what);
        }
        for (reference, booked) in &self.books {
            self.judge_booked(reference, booked, &mut found);
        }
        for (reference, kept) in &self.ledger {
            let booked = self.books.get(reference);
            if kept.state == "accepted" && booked.is_none_or(|booked| booked.charges == 0) {
                found.add(Fault::Wrong, reference, "accepted here, and never charged");
            }
        }
        for (reference, state) in &self.acknowledged {
            self.must_be_kept(reference, state, "a webhook that was answered 2xx", &mut found);
        }
        for call in &self.calls {
            self.judge_call(call, &mut found);
        }
        found.0
    }

    /// Whether nothing is open any more: what the processor decided is known, and nothing is in doubt
    /// that is not listed for a person.
    pub(crate) fn is_settled(&self) -> bool {
        self.calls.iter().all(Call::is_answered)
            && self.ledger.values().all(|kept| kept.state != "in_doubt" || kept.listed)
            && self.open() == 0
    }

    /// How many hand-offs are still in doubt.
    pub(crate) fn doubts(&self) -> usize {
        self.ledger.values().filter(|kept| kept.state == "in_doubt").count()
    }

    /// How many hand-offs were charged.
    pub(crate) fn charged(&self) -> usize {
        self.books.values().filter(|booked| booked.charges > 0).count()
    }

    /// How many of the processor's decisions are not known here yet.
    pub(crate) fn open(&self) -> usize {
        self.books.iter().filter(|(reference, booked)| !self.knows(reference, booked)).count()
    }

    /// Whether what the processor decided has come as far as our ledger. A page left alone lapses
    /// by the clock alone, which decides nothing.
    fn knows(&self, reference: &str, booked: &Booked) -> bool {
        let decided = match booked.state.as_str() {
            _ if booked.charges > 0 => rank("accepted"),
            "lapsed" => 0,
            state => rank(state),
        };
        self.ledger.get(reference).is_some_and(|kept| rank(&kept.state) >= decided)
    }

    fn judge_booked(&self, reference: &str, booked: &Booked, found: &mut Findings) {
        if booked.charges > 1 {
            found.add(Fault::Twice, reference, &format!("charged {} times", booked.charges));
        }
        let Some(kept) = self.ledger.get(reference) else {
            // The processor may know of nothing that we have not written down before (INV-1).
            return found.add(Fault::Lost, reference, "the processor knows it and we do not");
        };
        if !self.knows(reference, booked) {
            let what = format!("{} there, and {} here", booked.state, kept.state);
            found.add(Fault::Lost, reference, &what);
        }
        if booked.minor != kept.minor {
            let what = format!("{} there and {} here", booked.minor, kept.minor);
            found.add(Fault::Wrong, reference, &what);
        }
    }

    fn judge_call(&self, call: &Call, found: &mut Findings) {
        let references = call.references();
        if references.len() > 1 {
            found.add(Fault::Twice, &call.key, &format!("one key, two references: {references:?}"));
        }
        for (reference, state) in call.told() {
            self.must_be_kept(reference, state, "a caller", found);
            if self.ledger.get(reference).is_some_and(|kept| kept.minor != call.minor) {
                found.add(Fault::Wrong, reference, "kept with another amount than was asked for");
            }
            let charged = self.books.get(reference).is_some_and(|booked| booked.charges > 0);
            let refused = state == "lapsed" || (call.direct && state == "declined");
            if refused && charged {
                found.add(Fault::Wrong, reference, &format!("told {state}, and charged"));
            }
        }
        if let Some(Answer::Refused(status, why)) =
            call.answers.iter().find(|answer| matches!(answer, Answer::Refused(..)))
        {
            let what = format!("a right request was refused: {status} {why}");
            found.add(Fault::Wrong, &call.key, &what);
        }
    }

    fn must_be_kept(&self, reference: &str, state: &str, who: &str, found: &mut Findings) {
        match self.ledger.get(reference) {
            None => found.add(Fault::Lost, reference, &format!("{who} was told, and it is gone")),
            Some(kept) if rank(&kept.state) < rank(state) => {
                let what = format!("{who} was told {state}, and it is {} here", kept.state);
                found.add(Fault::Lost, reference, &what);
            }
            Some(_) => {}
        }
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, fault: Fault, about: &str, what: &str) {
        let finding = Finding { fault, about: about.to_owned(), what: what.to_owned() };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }
}
