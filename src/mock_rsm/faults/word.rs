//! The words by which the control API names faults.

use super::{CallFault, DdcmFault, EnquiryFault, Fault, SealFault, WebhookFault};
use std::time::Duration;

impl Fault {
    /// The fault of the control API's word; `delay` is for those that wait.
    pub(in crate::mock_rsm) fn from_word(word: &str, delay: Duration) -> Option<Self> {
        Some(match word {
            "drop_webhook" => Self::Webhook(WebhookFault::Drop),
            "delay_webhook" => Self::Webhook(WebhookFault::Delay(delay)),
            "duplicate_webhook" => Self::Webhook(WebhookFault::Duplicate),
            "wrong_amount" => Self::Webhook(WebhookFault::WrongAmount),
            "bad_signature" => Self::Webhook(WebhookFault::BadSignature),
            "enquiry_error" => Self::Enquiry(EnquiryFault::Error),
            "enquiry_slow" => Self::Enquiry(EnquiryFault::Slow(delay)),
            "enquiry_garbage" => Self::Enquiry(EnquiryFault::Garbage),
            "enquiry_other_reference" => Self::Enquiry(EnquiryFault::OtherReference),
            "upper_case_signature" => Self::Seal(SealFault::UpperCase),
            "doubled_signature" => Self::Seal(SealFault::Doubled),
            "truncated_signature" => Self::Seal(SealFault::Truncated),
            "call_lost_request" => Self::Call(CallFault::LostRequest),
            "call_late" => Self::Call(CallFault::Late(delay)),
            "call_not_processed_429" => Self::Call(CallFault::NotProcessed(429)),
            "call_not_processed_503" => Self::Call(CallFault::NotProcessed(503)),
            "call_400" => Self::Call(CallFault::Status(400)),
            "call_429" => Self::Call(CallFault::Status(429)),
            "call_500" => Self::Call(CallFault::Status(500)),
            "call_502" => Self::Call(CallFault::Status(502)),
            "call_503" => Self::Call(CallFault::Status(503)),
            "call_504" => Self::Call(CallFault::Status(504)),
            "call_html" => Self::Call(CallFault::Html),
            "call_redirect" => Self::Call(CallFault::Redirect),
            "call_reference_used" => Self::Call(CallFault::ReferenceUsed),
            "call_decline" => Self::Call(CallFault::Decline),
            "call_lost_reply" => Self::Call(CallFault::LostReply),
            "call_slow" => Self::Call(CallFault::Slow(delay)),
            "call_truncated" => Self::Call(CallFault::Truncated),
            "call_dripping" => Self::Call(CallFault::Dripping(delay)),
            "call_other_reference" => Self::Call(CallFault::OtherReference),
            "call_other_amount" => Self::Call(CallFault::OtherAmount),
            "call_other_currency" => Self::Call(CallFault::OtherCurrency),
            "call_malformed" => Self::Call(CallFault::Malformed),
            "call_huge" => Self::Call(CallFault::Huge),
            "call_error" => Self::Call(CallFault::Error),
            "call_webhook_first" => Self::Call(CallFault::WebhookFirst),
            "call_twice" => Self::Call(CallFault::Twice),
            "ddcm_slow" => Self::Ddcm(DdcmFault::Slow(delay)),
            "ddcm_lost_reply" => Self::Ddcm(DdcmFault::LostReply),
            "ddcm_lost_request" => Self::Ddcm(DdcmFault::LostRequest),
            "ddcm_truncated" => Self::Ddcm(DdcmFault::Truncated),
            "ddcm_other_reference" => Self::Ddcm(DdcmFault::OtherReference),
            "ddcm_wrong_signature" => Self::Ddcm(DdcmFault::WrongSignature),
            "ddcm_other_charset" => Self::Ddcm(DdcmFault::OtherCharset),
            "ddcm_doctype_bomb" => Self::Ddcm(DdcmFault::DoctypeBomb),
            "ddcm_html" => Self::Ddcm(DdcmFault::Html),
            "ddcm_server_error" => Self::Ddcm(DdcmFault::ServerError),
            "ddcm_huge" => Self::Ddcm(DdcmFault::Huge),
            "ddcm_dripping" => Self::Ddcm(DdcmFault::Dripping(delay)),
            "hosted_page_down" => Self::HostedPageDown,
            _unknown => return None,
        })
    }
}
