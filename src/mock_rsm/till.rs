//! Taking the money, or not: what each script does to the books, the merchant and the supporter.

use super::Mock;
use super::books::Trial;
use super::courier::Consignment;
use super::faults::WebhookFault;
use super::instrument::{Return, Script, Telling};
use super::notice::Notice;
use super::sessions::{Session, Step};
use jiff::SignedDuration;
use std::sync::Arc;

/// Where the supporter goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Back to the charity.
    Back(Return),
    /// To the page of the supporter's bank.
    Challenge,
    /// To the form again, with a decline.
    TryAgain,
    /// Nowhere: it was paid before.
    AlreadyPaid,
    /// The mock is shutting down; nothing was taken.
    Closing,
}

/// What a supporter's bank says after a 3-D Secure step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BankAnswer {
    Approved,
    Refused,
}

/// How long before the acceptance an out-of-order decline is dated.
const EARLIER: SignedDuration = SignedDuration::from_secs(3);

/// Carries out a script on a task that outlives the browser's connection: the supporter may leave,
/// the payment may not.
pub(super) async fn pay(mock: Arc<Mock>, token: String, session: Session, script: Script) -> Next {
    let tasks = mock.tasks.clone();
    let task = tasks.spawn(async move {
        match script {
            Script::Accept(telling, back) => take(&mock, &token, &session, telling, back).await,
            Script::Decline(code) => decline(&mock, &token, &session, code).await,
            Script::DeclineFirst if session.declined.is_none() => {
                decline(&mock, &token, &session, "do_not_honour").await
            }
            Script::DeclineFirst => take_plainly(&mock, &token, &session).await,
            Script::Challenge => {
                mock.sessions.advance(&token, Step::Challenged);
                Next::Challenge
            }
            Script::Cancel => cancel(&mock, &token, &session).await,
            Script::Slow => {
                let wait = mock.stop.run_until_cancelled(tokio::time::sleep(mock.pace.slow)).await;
                if wait.is_none() {
                    Next::Closing
                } else {
                    take_plainly(&mock, &token, &session).await
                }
            }
        }
    });
    task.await.unwrap_or(Next::Closing)
}

/// Goes on after the supporter's bank has decided.
pub(super) async fn answer(
    mock: Arc<Mock>,
    token: String,
    session: Session,
    verdict: BankAnswer,
) -> Next {
    let script = match verdict {
        BankAnswer::Approved => Script::Accept(Telling::AtOnce, Return::Redirect),
        BankAnswer::Refused => Script::Decline("not_authenticated"),
    };
    pay(mock, token, session, script).await
}

/// The supporter gave up.
pub(super) async fn cancel(mock: &Mock, token: &str, session: &Session) -> Next {
    mock.sessions.advance(token, Step::Cancelled);
    if let Some(notice) = mock.books.cancel(&session.reference, mock.clock.now()) {
        mock.courier.send(Consignment::of([notice])).await;
    }
    Next::Back(Return::Redirect)
}

async fn decline(mock: &Mock, token: &str, session: &Session, code: &'static str) -> Next {
    let told = mock.books.attempt(&session.reference, Trial::Decline(code), mock.clock.now());
    let Some(notice) = told else { return Next::AlreadyPaid };
    let next = if session.by_call {
        // The card was typed elsewhere: another try is another call.
        mock.sessions.advance(token, Step::Refused);
        Next::Back(Return::Redirect)
    } else {
        mock.sessions.decline(token, code);
        Next::TryAgain
    };
    mock.courier.send(Consignment::of([notice])).await;
    next
}

async fn take_plainly(mock: &Mock, token: &str, session: &Session) -> Next {
    take(mock, token, session, Telling::AtOnce, Return::Redirect).await
}

async fn take(mock: &Mock, token: &str, session: &Session, telling: Telling, back: Return) -> Next {
    let Some((_, consignment)) = charge(mock, session, telling) else { return Next::AlreadyPaid };
    mock.sessions.advance(token, Step::Paid);
    mock.courier.send(consignment).await;
    Next::Back(back)
}

/// Takes the money, once: what there is to say of it, and the webhooks to send; `None` where it
/// was taken before.
pub(super) fn charge(
    mock: &Mock,
    session: &Session,
    telling: Telling,
) -> Option<(Notice, Consignment)> {
    let now = mock.clock.now();
    let earlier = if telling == Telling::OutOfOrder {
        let before = now.saturating_sub(EARLIER).unwrap_or(now);
        mock.books.attempt(&session.reference, Trial::Decline("do_not_honour"), before)
    } else {
        None
    };
    let notice = mock.books.attempt(&session.reference, Trial::Take, now)?;
    let consignment = consign(mock, telling, notice.clone(), earlier);
    Some((notice, consignment))
}

fn consign(mock: &Mock, telling: Telling, notice: Notice, earlier: Option<Notice>) -> Consignment {
    let plain = Consignment::of([notice].into_iter().chain(earlier));
    match telling {
        Telling::AtOnce | Telling::OutOfOrder => plain,
        Telling::Late => plain.spoilt(WebhookFault::Delay(mock.pace.late)),
        Telling::Never => plain.spoilt(WebhookFault::Drop),
        Telling::Doubled => plain.spoilt(WebhookFault::Duplicate),
        Telling::WrongAmount => plain.spoilt(WebhookFault::WrongAmount),
        Telling::BadSignature => plain.spoilt(WebhookFault::BadSignature),
    }
}
