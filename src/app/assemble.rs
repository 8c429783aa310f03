//! Everything that the routes share, from the settings.

use super::{ANSWER_IN, Fittings, Record, StartError};
use crate::announcement::{Announcements, Courier, Couriers, Results};
use crate::clock::Clock;
use crate::config::{Document, Settings};
use crate::handoff::{Breaker, HandOffs, Told, Unwritten};
use crate::http::console::Console;
use crate::http::{Site, Wrong, metrics::Metrics};
use crate::resolution::{Alarms, Resolution, nudge::Nudges};
use crate::shield::{Declines, Networks};
use crate::way_out::NoWayOut;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Opens the ledger and everything that stands on it; `stop` ends what would not end by itself.
pub(super) async fn site(
    settings: &Settings,
    document: &Document,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<(Arc<Site>, Record), StartError> {
    settings.check_limits(document)?;
    if let Some(error) = settings.secrets(document).into_iter().next() {
        return Err(error.into());
    }
    let offer = settings.offer(document)?;
    let tokens = Arc::new(settings.tokens(document)?);
    let processor = Arc::new(settings.processor(document)?);
    let access = Fittings::access(settings.api_keys(document)?);
    let looks = Fittings::looks(settings, &offer, document)?;
    let console = console(settings, document, clock)?;
    let record = Record::serve(settings, document, clock).await?;
    let couriers = couriers(settings, document, clock, &record).await?;
    let overdue_after = settings.processor.overdue_after.signed();
    let limits = &settings.limits;
    let tasks = TaskTracker::new();
    let declines = Declines::new(Fittings::declines(settings));
    let site = Site {
        hand_offs: HandOffs {
            ledger: Arc::clone(&record.ledger),
            processor: Arc::clone(&processor),
            clock: clock.clone(),
            tokens: Arc::clone(&tokens),
            origin: settings.public.origin.0.as_str().to_owned(),
            overdue_after,
            debit: settings.debit(document)?,
            call_timeout: settings.call_timeout(),
            breaker: Breaker::new(Fittings::breaker(limits)),
            declines: declines.clone(),
            patience: limits.request_timeout.timer().saturating_sub(ANSWER_IN),
            tasks: tasks.clone(),
            unwritten: Unwritten::default(),
            told: Told::default(),
        },
        resolution: Resolution {
            ledger: Arc::clone(&record.ledger),
            processor: Arc::clone(&processor),
            clock: clock.clone(),
            overdue_after,
            doubt_overdue_after: settings.processor.doubt_overdue_after.signed(),
            call_timeout: settings.call_timeout(),
            nudges: Nudges::default(),
            declines,
            alarms: Alarms::new(settings.alarm_terms()),
        },
        announcements: announcements(&record, limits.outcome_streams, stop),
        metrics: Metrics::of(processor.took(), couriers.results()),
        couriers,
        tokens,
        offer,
        looks,
        self_service: settings.self_service(document)?,
        access,
        targets: Fittings::targets(settings),
        sources: Fittings::sources(settings),
        networks: Networks::new(Fittings::forms(settings), clock.clone())?,
        bounds: Fittings::bounds(limits),
        webhooks: Semaphore::new(limits.webhooks_at_once),
        clock: clock.clone(),
        console,
        tasks,
        stopping: AtomicBool::default(),
        wrong: Wrong::default(),
    };
    Ok((Arc::new(site), record))
}

/// How programs of the charity's are told, over so many streams at the most.
fn announcements(record: &Record, streams: usize, stop: &CancellationToken) -> Arc<Announcements> {
    Arc::new(Announcements::new(Arc::clone(&record.ledger), streams, stop.clone()))
}

/// The operators' page, where there is to be one.
fn console(
    settings: &Settings,
    document: &Document,
    clock: &Clock,
) -> Result<Option<Arc<Console>>, StartError> {
    let entry = settings.console_entry(document)?;
    let console = entry.map(|entry| Console::new(entry, settings.console_terms(), clock));
    Ok(console.transpose()?.map(Arc::new))
}

/// The way to each subscriber; whoever is new is told what comes from now on.
async fn couriers(
    settings: &Settings,
    document: &Document,
    clock: &Clock,
    record: &Record,
) -> Result<Couriers, StartError> {
    let (subscribers, outbox) =
        (settings.subscribers(document)?, Arc::clone(&record.ledger).outbox());
    let Some(outbox) = outbox.filter(|_| !subscribers.is_empty()) else {
        return Ok(Couriers::none(clock.clone()));
    };
    let results = Results::default();
    outbox.subscribe(subscribers.iter().map(|it| it.name.clone()).collect()).await?;
    let courier = |(place, subscriber)| {
        let wrong = |why: NoWayOut| {
            document.wrong(&format!("subscribers[{place}].ca_file"), &why.to_string())
        };
        let courier = Courier::new(subscriber, Arc::clone(&outbox), results.clone(), clock.clone());
        courier.map(Arc::new).map_err(|why| StartError::from(wrong(why)))
    };
    let all = subscribers.into_iter().enumerate().map(courier).collect::<Result<_, _>>()?;
    let late_after = settings.alarms.undelivered_after.signed();
    Ok(Couriers::new(all, Some(outbox), results, (clock.clone(), late_after)))
}
