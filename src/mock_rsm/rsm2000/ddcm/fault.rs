//! Replies with something wrong, as the script of faults asks for them.

use super::reply::{self, Element, Inside};
use super::signature::Signer;
use super::{Reply, xml};
use crate::mock_rsm::broken::{self, cut};
use crate::mock_rsm::faults::DdcmFault;
use crate::mock_rsm::rsm2000::Office;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use tokio::time::sleep;

/// Entities that multiply to ten thousand million letters.
const BOMB: &str = "<!DOCTYPE ddcm [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\"><!ENTITY i \"&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;\"><!ENTITY j \"&i;&i;&i;&i;&i;&i;&i;&i;&i;&i;\">]>";

pub(super) async fn answer(office: &Office, fault: DdcmFault, body: &[u8]) -> Response {
    match fault {
        DdcmFault::LostRequest => return cut(),
        DdcmFault::Html => return Html("<h1>We are improving our service</h1>").into_response(),
        DdcmFault::ServerError => {
            let failure = office.written(&Reply::failure("heartbeat", &[1003]));
            return (StatusCode::INTERNAL_SERVER_ERROR, failure).into_response();
        }
        DdcmFault::Slow(_)
        | DdcmFault::LostReply
        | DdcmFault::Truncated
        | DdcmFault::OtherReference
        | DdcmFault::WrongSignature
        | DdcmFault::OtherCharset
        | DdcmFault::DoctypeBomb
        | DdcmFault::Huge
        | DdcmFault::Dripping(_) => {}
    }
    let mut reply = office.carry_out(body);
    let right = |reply: &Reply| office.document(reply, &office.signer());
    match fault {
        DdcmFault::Slow(delay) => {
            office.stop.run_until_cancelled(sleep(delay)).await;
            office.written(&reply)
        }
        DdcmFault::Truncated => xml(reply::encode(&truncated(&right(&reply)))),
        DdcmFault::OtherReference => {
            confuse(&mut reply.response);
            office.written(&reply)
        }
        DdcmFault::WrongSignature => {
            let signer = Signer::new("another password", office.non_ascii());
            xml(reply::encode(&office.document(&reply, &signer)))
        }
        DdcmFault::OtherCharset => {
            let units = right(&reply).encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
            xml([vec![0xFE, 0xFF], units].concat())
        }
        DdcmFault::DoctypeBomb => xml(reply::encode(&bombed(&right(&reply)))),
        DdcmFault::Huge => huge(&right(&reply)),
        DdcmFault::Dripping(wait) => xml(broken::dripping(reply::encode(&right(&reply)), wait)),
        DdcmFault::LostReply
        | DdcmFault::LostRequest
        | DdcmFault::Html
        | DdcmFault::ServerError => cut(),
    }
}

fn truncated(text: &str) -> String {
    let end = text.split_once("</status>").map(|(start, _)| format!("{start}</status>"));
    end.unwrap_or_default()
}

/// Other references in place of those that were asked about.
fn confuse(element: &mut Element) {
    match &mut element.inside {
        Inside::Text(text) if ["clientRef", "ddRefNo"].contains(&element.name) => {
            *text = String::from("OTHER-000001");
        }
        Inside::Text(_) => {}
        Inside::Elements(elements) => elements.iter_mut().for_each(confuse),
    }
}

fn bombed(text: &str) -> String {
    let (_, root) = text.split_once("<ddcm>").unwrap_or_default();
    let root = root.replacen("<status>", "<status>&j;", 1);
    format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{BOMB}<ddcm>{root}")
}

/// The beginning of a reply, and a comment that does not end.
fn huge(text: &str) -> Response {
    let (start, _) = text.split_once("</status>").unwrap_or_default();
    xml(broken::huge(Bytes::from(reply::encode(&format!("{start}</status><!--")))))
}
