//! The processor is too slow, breaks off, fails, or answers nonsense.

use super::{Caller, Failure, Fate, Holds, Walk, Way, encoded, hidden};
use crate::cli::prove::caller::Held;
use crate::cli::prove::stage::UPSTREAM;
use crate::mock_rsm::{CallFault, DdcmFault, Fault};
use crate::payment::Dialect;
use std::time::Duration;

/// Later than the service waits.
const TOO_LATE: Duration = UPSTREAM.saturating_mul(2);

const OF_CALLS: [(&str, CallFault); 9] = [
    ("processor, too slow", CallFault::Late(TOO_LATE)),
    ("processor, breaks off at once", CallFault::LostRequest),
    ("processor, loses the answer", CallFault::LostReply),
    ("processor, breaks off in the answer", CallFault::Truncated),
    ("processor, fails", CallFault::Status(500)),
    ("processor, is busy", CallFault::NotProcessed(503)),
    ("processor, nonsense", CallFault::Html),
    ("processor, leads elsewhere", CallFault::Redirect),
    ("processor, speaks of another", CallFault::OtherReference),
];

const OF_DDCM: [(&str, DdcmFault); 7] = [
    ("processor, too slow", DdcmFault::Slow(TOO_LATE)),
    ("processor, breaks off at once", DdcmFault::LostRequest),
    ("processor, loses the answer", DdcmFault::LostReply),
    ("processor, breaks off in the answer", DdcmFault::Truncated),
    ("processor, fails", DdcmFault::ServerError),
    ("processor, nonsense", DdcmFault::Html),
    ("processor, speaks of another", DdcmFault::OtherReference),
];

impl Walk<'_> {
    /// Every trouble, by the form and by a program; whether there is anything to be troubled about.
    pub(in crate::cli::prove) async fn troubled(
        &mut self,
        caller: &Caller,
    ) -> Result<bool, Failure> {
        let Some(way) = self.by_api() else { return Ok(false) };
        let calls = OF_CALLS.iter().map(|(road, fault)| (*road, Fault::Call(*fault)));
        let ddcm = OF_DDCM.iter().map(|(road, fault)| (*road, Fault::Ddcm(*fault)));
        let faults: Vec<_> = match self.stage.settings.processor.dialect.0 {
            Dialect::Signed => calls.collect(),
            Dialect::Rsm2000 => ddcm.collect(),
        };
        let mock = self.mock;
        for (road, fault) in faults {
            self.by_form_and_program(caller, &way, road, || {
                mock.faults().clear();
                mock.faults().script(fault, 1);
            })
            .await?;
            mock.faults().clear();
        }
        Ok(true)
    }

    /// Whoever pays while every look-up of the processor's name panics.
    pub(in crate::cli::prove) async fn panicking(
        &mut self,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let Some(way) = self.by_api() else { return Ok(()) };
        self.by_form_and_program(caller, &way, "panic in a request", || ()).await
    }

    /// Two who pay in trouble, which is brought about before each.
    async fn by_form_and_program(
        &mut self,
        caller: &Caller,
        way: &Way,
        road: &'static str,
        trouble: impl Fn(),
    ) -> Result<(), Failure> {
        trouble();
        let person = self.somebody(road, Fate::Taken);
        let fields = way.form(self.form(caller, way.path).await?, &person);
        let page = self.post(caller, way.path, &fields, Holds::Contact).await?;
        let fields = way.confirmed(hidden(&page.body), &person);
        let answer = self.post(caller, way.path, &fields, Holds::Contact).await?;
        self.expect(road, caller, &answer, &[303, 503]);
        trouble();
        let person = self.somebody(road, Fate::Taken);
        let answer = self.create(caller, &way.order(&person).to_string(), Holds::Contact).await?;
        self.expect(road, caller, &answer, &[201, 503]);
        Ok(())
    }

    /// Somebody whose request is in flight: its last byte is not sent yet, and where the service speaks to
    /// the processor a second is there that waits for its answer. They are in flight as long as they are
    /// held, and no longer than the service lets them.
    pub(in crate::cli::prove) async fn in_flight(
        &mut self,
        caller: &Caller,
        road: &'static str,
    ) -> Result<Vec<(Held, Vec<u8>)>, Failure> {
        let mut held = Vec::new();
        if let Some(way) = self.by_api() {
            let late = match self.stage.settings.processor.dialect.0 {
                Dialect::Signed => Fault::Call(CallFault::Late(TOO_LATE)),
                Dialect::Rsm2000 => Fault::Ddcm(DdcmFault::Slow(TOO_LATE)),
            };
            let person = self.somebody(road, Fate::Taken);
            let fields = way.form(self.form(caller, way.path).await?, &person);
            let page = self.post(caller, way.path, &fields, Holds::Contact).await?;
            self.mock.faults().script(late, 1);
            let body = encoded(&way.confirmed(hidden(&page.body), &person));
            held.push(caller.hold(way.path, &body, 0)?);
        }
        if let Some(way) = self.ways.first().cloned() {
            let person = self.somebody(road, Fate::Taken);
            let fields = way.form(self.form(caller, way.path).await?, &person);
            held.push(caller.hold(way.path, &encoded(&fields), 1)?);
        }
        // Until what was sent has come in, on a busy machine too.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(held)
    }
}
