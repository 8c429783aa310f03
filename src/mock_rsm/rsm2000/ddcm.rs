//! The DDCM API (rsm-protocol.md, section 7): one address, one parameter, eleven commands.

mod batch;
mod code;
mod collections;
mod command;
mod document;
mod fault;
mod field;
mod filter;
mod mandates;
mod reply;
mod report;
mod signature;
mod statement;

pub(super) use report::check_columns;

use super::Office;
use super::form::{LooseForm, latin1};
use super::settings::Feature;
use crate::mock_rsm::key::reveal;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use code::Code;
use command::Command;
use document::Node;
use reply::{Element, Layout};
use signature::{NonAscii, Signer};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What DDCM remembers of requests.
#[derive(Default)]
pub(super) struct Desk(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// By signature.
    seen: HashMap<String, Seen>,
    requests: BTreeMap<String, usize>,
}

#[derive(Clone)]
enum Seen {
    /// A `setMandates` or `setCollections`, and what it was answered.
    Answered(Reply),
    StatusCheck,
    /// Any other, whose answer is not kept.
    Other,
    /// Of another vendor.
    Foreign,
}

/// A `<response>` before it is written and signed.
#[derive(Clone)]
struct Reply {
    command: &'static str,
    response: Element,
}

impl Reply {
    fn failure(command: &'static str, codes: &[Code]) -> Self {
        Self { command, response: reply::failure(codes) }
    }
}

/// One request, answered; or whatever the script of faults wants instead.
pub(super) async fn answer(State(office): State<Arc<Office>>, body: Bytes) -> Response {
    match office.faults.next_of_ddcm() {
        None => office.written(&office.carry_out(&body)),
        Some(fault) => fault::answer(&office, fault, &body).await,
    }
}

impl Desk {
    pub(super) fn requests(&self) -> BTreeMap<String, usize> {
        self.memory().requests.clone()
    }

    pub(super) fn keep_foreign(&self, signature: &str) {
        self.memory().seen.insert(signature.to_owned(), Seen::Foreign);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose sender, shape and novelty were checked.
struct Request {
    command: Command,
    ddcm: Node,
    signature: String,
}

impl Office {
    /// Checks and carries out a request.
    fn carry_out(&self, body: &[u8]) -> Reply {
        let request = match self.admit(body) {
            Ok(request) => request,
            Err((command, code)) => {
                tracing::info!(command, code, "DDCM request refused");
                return Reply::failure(command, &[code]);
            }
        };
        let word = request.command.word();
        let Some(inner) = request.ddcm.child("request") else {
            return Reply::failure(word, &[1001]);
        };
        let (seen, reply) = match request.command {
            Command::ResponseStatusCheck => (Seen::StatusCheck, self.recall(inner)),
            Command::SetMandates | Command::SetCollections => {
                let reply = self.reply(request.command, inner);
                (Seen::Answered(reply.clone()), reply)
            }
            Command::Heartbeat
            | Command::MandateReport
            | Command::CollectionReport
            | Command::MandateBatchReport
            | Command::CollectionBatchReport
            | Command::LetterBatchReport
            | Command::CollectionStatement
            | Command::MonthlyStatement => (Seen::Other, self.reply(request.command, inner)),
        };
        self.desk.memory().seen.insert(request.signature, seen);
        reply
    }

    /// The checks that every command shares, in their order.
    fn admit(&self, body: &[u8]) -> Result<Request, (&'static str, Code)> {
        let ddcm = |code| ("heartbeat", code);
        let form = LooseForm::read(body);
        let text = form.bytes("xml").filter(|_| form.len() == 1).map(latin1);
        let text = text.ok_or(ddcm(1001))?;
        let (system_id, root) = document::split(&text).ok_or(ddcm(1001))?;
        let tree = Node::parse(root).ok_or(ddcm(1001))?;
        let request = tree.child("request").ok_or(ddcm(1001))?;
        let word = request.text_of("command");
        if word.is_empty() {
            return Err(ddcm(2011));
        }
        let command = Command::from_word(word).ok_or(ddcm(2012))?;
        let word = command.word();
        let mut memory = self.desk.memory();
        let count = memory.requests.entry(word.to_owned()).or_default();
        *count = count.saturating_add(1);
        let timestamp = request.text_of("timestamp");
        let timed = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        if system_id != format!("apiDtd/{word}Request.dtd") || !command.fits(&tree) || !timed {
            return Err((word, 1001));
        }
        match request.text_of("username") {
            "" => return Err((word, 2001)),
            name if name != self.settings.username => return Err((word, 2002)),
            _known => {}
        }
        let signature = tree.text_of("signature");
        if !self.signer().verifies(&request.signed_text(), signature) {
            return Err((word, 1004));
        }
        if memory.seen.contains_key(signature) {
            return Err((word, 1005));
        }
        memory.seen.insert(signature.to_owned(), Seen::Other);
        if self.settings.forbidden_commands.iter().any(|forbidden| forbidden == word) {
            return Err((word, 2013));
        }
        let signature = signature.to_owned();
        Ok(Request { command, ddcm: tree, signature })
    }

    fn reply(&self, command: Command, request: &Node) -> Reply {
        let empty = Node::empty();
        let filters = request.child("filters").unwrap_or(&empty);
        let response = match command {
            Command::Heartbeat | Command::ResponseStatusCheck => Ok(Vec::new()),
            Command::SetMandates => return mandates::set(self, command, request),
            Command::SetCollections => return collections::set(self, command, request),
            Command::MandateReport => report::mandates(self, filters),
            Command::CollectionReport => report::collections(self, filters),
            Command::MandateBatchReport
            | Command::CollectionBatchReport
            | Command::LetterBatchReport => batch::report(self, command, filters),
            Command::CollectionStatement => statement::of_a_day(self, filters),
            Command::MonthlyStatement => statement::of_a_month(self, filters),
        };
        let word = command.word();
        match response {
            Ok(parts) => {
                let mut inside = vec![Element::text("status", "SUCCESS"), Element::errors(&[])];
                inside.extend(parts);
                Reply { command: word, response: Element::of("response", inside) }
            }
            Err(codes) => Reply::failure(word, &codes),
        }
    }

    /// What an earlier request was answered.
    fn recall(&self, request: &Node) -> Reply {
        let signature = request.text_of("previousSignature");
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let code = if signature.len() == 64 && signature.bytes().all(hex) {
            match self.desk.memory().seen.get(signature) {
                Some(Seen::Answered(reply)) => return reply.clone(),
                Some(Seen::StatusCheck) => 2304,
                Some(Seen::Foreign) => 2303,
                Some(Seen::Other) => 2302,
                None => 2301,
            }
        } else {
            2302
        };
        Reply::failure(Command::ResponseStatusCheck.word(), &[code])
    }

    fn signer(&self) -> Signer<'_> {
        Signer::new(reveal(&self.settings.password), self.non_ascii())
    }

    fn non_ascii(&self) -> NonAscii {
        let latin1 = self.settings.has(Feature::SignedAsLatin1);
        if latin1 { NonAscii::Latin1 } else { NonAscii::Utf8 }
    }

    /// The document of a reply, as text.
    fn document(&self, reply: &Reply, signer: &Signer<'_>) -> String {
        let indented = self.settings.has(Feature::IndentedReplies);
        let layout = if indented { Layout::Indented } else { Layout::Compact };
        reply::document(reply.command, &reply.response, signer, layout)
    }

    fn written(&self, reply: &Reply) -> Response {
        xml(reply::encode(&self.document(reply, &self.signer())))
    }
}

/// 200, in ISO-8859-1.
fn xml(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=ISO-8859-1")], body.into()).into_response()
}
