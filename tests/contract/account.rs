//! The account that a case runs against: the mock's, or the operator's with RSM's demo.

use crate::environment::{Demo, Need};
use crate::pretend::{PASSWORD, Pretend};
use almoner::clock::{Clock, london};
use almoner::keys::Phrase;
use almoner::mock_rsm::Rsm2000;
use almoner::payment::Calendar;
use almoner::processor::client::{Client, Reach};
use almoner::processor::rsm::ddcm::{Answers, Ddcm, Failure, Prepared, Unfit};
use jiff::Timestamp;
use jiff::civil::Date;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The second of the newest request: RSM refuses two that are the same in every byte (1005).
static NEWEST: AtomicI64 = AtomicI64::new(0);

pub(crate) struct Account {
    pub(crate) ddcm: Ddcm,
    /// Service user number.
    pub(crate) sun: String,
    /// A sort code and account number that are taken.
    pub(crate) bank: (String, String),
    /// The same that are refused (2231).
    pub(crate) bad_bank: (String, String),
    pub(crate) mandate_type: Option<String>,
    pub(crate) short_id: Option<String>,
    pub(crate) stated: Option<Date>,
    pretend: Option<Pretend>,
}

impl Account {
    /// The account, unless it may not do what the case needs: then a line says so.
    pub(crate) fn with(needs: &[Need]) -> Option<Self> {
        let Some(demo) = Demo::named() else { return Some(Self::pretended()) };
        let lacking = needs.iter().find_map(|need| demo.lacks(*need));
        if let Some(wanted) = lacking {
            skipped(wanted);
            return None;
        }
        Some(Self {
            ddcm: ddcm((&demo.url, &demo.username), demo.password, demo.roots),
            sun: demo.sun.unwrap_or_default(),
            bank: demo.bank,
            // Published as wrong (rsm-protocol.md, 9.3).
            bad_bank: ("089999".into(), "66374959".into()),
            mandate_type: demo.mandate_type,
            short_id: demo.short_id,
            stated: demo.stated,
            pretend: None,
        })
    }

    fn pretended() -> Self {
        let pretend = Pretend::start();
        let url = format!("{}/demo/ddcm/ddcmApi.php", pretend.origin).parse().unwrap();
        let password = Phrase::new(PASSWORD.as_bytes()).unwrap();
        Self {
            ddcm: ddcm((&url, "testuser"), password, Some(pretend.authority.clone().into_bytes())),
            sun: "123456".into(),
            bank: ("123456".into(), "00012345".into()),
            bad_bank: ("123456".into(), "00012346".into()),
            mandate_type: None,
            short_id: None,
            stated: None,
            pretend: Some(pretend),
        }
    }

    /// The mock's own books, where it is the mock.
    pub(crate) fn office(&self) -> Option<Rsm2000> {
        self.pretend.as_ref().map(|pretend| pretend.mock.rsm2000().unwrap())
    }

    /// A second that no other request of this run has.
    pub(crate) async fn moment(&self) -> Timestamp {
        let now = Clock::system().now().as_second();
        let next = |newest: i64| newest.saturating_add(1).max(now);
        let before = NEWEST.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| Some(next(it)));
        let mine = next(before.unwrap());
        let early = u64::try_from(mine - now).unwrap();
        if self.pretend.is_none() {
            // A real processor may compare it with its own clock.
            tokio::time::sleep(Duration::from_secs(early)).await;
        }
        Timestamp::from_second(mine).unwrap()
    }

    /// Makes a request at a moment of its own and sends it.
    pub(crate) async fn ask<A>(
        &self,
        make: impl FnOnce(&Ddcm, Timestamp) -> Result<Prepared<A>, Unfit>,
    ) -> Result<A, Failure> {
        let moment = self.moment().await;
        self.ddcm.send(make(&self.ddcm, moment).unwrap()).await
    }

    /// The processor's day.
    pub(crate) fn today(&self) -> Date {
        self.office().map_or_else(|| london::date(Clock::system().now()), |mock| mock.today())
    }

    /// The working day so many ahead.
    pub(crate) fn ahead(&self, working_days: u16) -> Date {
        let holidays = include_str!("../../config/bank-holidays.json");
        Calendar::parse(holidays).unwrap().add_working_days(self.today(), working_days).unwrap()
    }
}

/// The same account with another user or another password.
pub(crate) fn stranger(account: &Account, username: &str, password: &str) -> Ddcm {
    Ddcm {
        endpoint: account.ddcm.endpoint.clone(),
        username: username.to_owned(),
        password: Phrase::new(password.as_bytes()).unwrap(),
        client: Arc::clone(&account.ddcm.client),
        answers: Answers::Strict,
        report_bytes: account.ddcm.report_bytes,
    }
}

/// Past the test's own output, which is hidden where a test does not fail.
fn skipped(wanted: &str) {
    let case = std::thread::current().name().unwrap_or("a case").to_owned();
    let line = format!("SKIPPED {case}: it needs {wanted}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn ddcm((url, username): (&url::Url, &str), password: Phrase, roots: Option<Vec<u8>>) -> Ddcm {
    let reach = Reach {
        roots,
        identity: None,
        connect_timeout: Duration::from_secs(10),
        // A production client waits as long (rsm-protocol.md, 7.1).
        total_timeout: Duration::from_mins(5),
        answer_bytes: 65_536,
        at_once: 1,
    };
    Ddcm {
        endpoint: url.clone(),
        username: username.to_owned(),
        password,
        client: Arc::new(Client::new(&reach).unwrap()),
        answers: Answers::Strict,
        report_bytes: 16 * 1024 * 1024,
    }
}
