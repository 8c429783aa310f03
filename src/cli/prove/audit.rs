//! The run: people walk every road, one is held in flight, all leave, and then everything is searched.

use super::Arguments;
use super::caller::{Caller, GUARD, Held, Holds, Kept, Line};
use super::forms::Needles;
use super::people::{Fate, People};
use super::places::Search;
use super::record::Ledger;
use super::report::{Found, Looked, Report, Sent};
use super::roads::Walk;
use super::roads::ways::Way;
use super::service::{How, OURSELVES, Service};
use super::stage::Stage;
use crate::cli::Failure;
use crate::mock_rsm::{MockRsm, trusting};
use crate::way_out;
use anyhow::Context as _;
use indicatif::ProgressBar;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How soon after the last connection has closed nothing may be left (security.md, M-4).
pub(super) const IDLE: Duration = Duration::from_millis(900);

/// What a run needs beside its stage.
pub(super) struct Audit<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) stage: &'a Stage,
    pub(super) mock: &'a MockRsm,
    pub(super) ledger: &'a Ledger,
    pub(super) config: &'a Path,
    pub(super) progress: &'a ProgressBar,
}

impl Audit<'_> {
    /// All of it; what was found goes to the report.
    pub(super) async fn run(&self, report: &mut Report) -> Result<(), Failure> {
        let operators = self.operators()?;
        let elsewhere = way_out::client(GUARD, GUARD, None)?
            .tls_backend_preconfigured(trusting(&self.stage.trusted, rustls::DEFAULT_VERSIONS)?)
            .build()?;
        let mut walk = Walk {
            stage: self.stage,
            mock: self.mock,
            elsewhere: &elsewhere,
            ways: Way::of(&self.stage.settings),
            people: People::new()?,
            astray: Vec::new(),
        };
        let how = self.how(&mut walk.people)?;
        let mut service = Service::start(self.stage, self.config, &how)?;
        service.answers(self.stage, &operators).await?;
        let kept = Arc::new(Kept::default());
        let lines = Line::of(self.stage, self.arguments.most());
        self.walked(&mut walk, &lines, &kept, report).await?;
        let first = lines.first().copied().context("there is a line")?;
        let caller = Caller::new(self.stage, first, Arc::clone(&kept))?;

        self.say("one request is held in flight");
        let held = walk.in_flight(&caller, "in flight").await?;
        let needles = Needles::new(walk.people.data())?;
        let mut search = Search::new(&needles);
        // It is looked for in memory as it is then: what else is there may be in use.
        remembered(search.memory("control", service.id()), report);
        let control = search.searched.drain(..).flat_map(|control| control.hits);
        let control = control.filter(|(((_, road), _), _)| *road == "in flight");
        report.control = control.map(|(_, times)| times).sum();
        let answered = finished(held);
        for path in ["/healthz", "/readyz", "/metrics"] {
            let asked = operators.get(format!("{}{path}", self.stage.operations()));
            caller.send(asked, Holds::Nothing).await?;
        }
        drop(caller);
        let ports = [self.stage.public(), self.stage.settings.operations.listen.0];
        Service::is_left_alone(ports.map(|address| address.port())).await?;
        tokio::time::sleep(IDLE).await;

        self.say("memory is read");
        remembered(search.memory("memory of the process, all threads", service.id()), report);
        remembered(search.process(service.id()), report);
        report.searched(std::mem::take(&mut search.searched));
        self.made().await?;

        self.say("the service is stopped, and killed, with requests in flight");
        let caller = Caller::new(self.stage, first, Arc::clone(&kept))?;
        let held = walk.in_flight(&caller, "stopped in flight").await?;
        service.signal(Signal::TERM)?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let drained = finished(held);
        service.ended().await?;
        if !(answered && drained) {
            walk.astray.push("in flight: a request that was held had no answer".to_owned());
        }
        drop(caller);
        self.killed(&mut walk, &kept, report).await?;
        self.say("a request panics");
        self.panicked(&mut walk, &kept, report).await?;

        self.say("everything that was written and said is read");
        let needles = Needles::new(walk.people.data())?;
        let mut search = Search::new(&needles);
        self.written(&mut search, &kept).await?;
        report.searched(search.searched);
        self.held_back(report)?;
        let people = walk.people.by_road().into_iter();
        report.sent = people.map(|(road, people)| Sent { road: road.to_owned(), people }).collect();
        report.void.extend(walk.astray.into_iter().take(20));
        Ok(())
    }

    fn say(&self, what: &'static str) {
        self.progress.set_message(what);
        self.progress.tick();
    }

    /// How the service is started: with what is to be found in its environment, where that is asked for.
    fn how(&self, people: &mut People) -> Result<How, Failure> {
        let mut how = How { trace: self.arguments.trace.clone(), variable: None };
        match self.arguments.plant {
            None => {}
            Some(super::Plant::Environment) => {
                let person = people.somebody("planted", Fate::Taken);
                how.variable = Some(("ALMONER_PROVE_PLANTED", person.card));
            }
            Some(super::Plant::File) => {
                let person = people.somebody("planted", Fate::Taken);
                std::fs::write(self.stage.file("temporary/planted"), person.email)?;
            }
        }
        Ok(how)
    }

    /// Who looks after the service.
    pub(super) fn operators(&self) -> Result<reqwest::Client, Failure> {
        let tls = trusting(&self.stage.trusted, rustls::DEFAULT_VERSIONS)?;
        Ok(way_out::client(GUARD, GUARD, None)?
            .tls_backend_preconfigured(tls)
            .http1_only()
            .pool_max_idle_per_host(0)
            .build()?)
    }

    async fn walked(
        &self,
        walk: &mut Walk<'_>,
        lines: &[Line],
        kept: &Arc<Kept>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        for (place, line) in lines.iter().enumerate() {
            self.say(line.name);
            let caller = Caller::new(self.stage, *line, Arc::clone(kept))?;
            walk.all(&caller).await?;
            // Over the protocols that differ, not over all that are alike: the processor is waited for.
            let troubled = place == 0 || (place == 1 && !self.arguments.few);
            if troubled && !walk.troubled(&caller).await? {
                let why = "a processor in trouble: here the supporter's browser speaks to it, not this service";
                report.left_out.push(why.to_owned());
            }
            report.lines.push(line.name.to_owned());
        }
        report.left_out.dedup();
        Ok(())
    }

    /// What the commands make of the record: a backup, lists.
    async fn made(&self) -> Result<(), Failure> {
        let backup = self.stage.file("made/backup.db");
        let backup = backup.as_os_str().to_str().context("the folder's name is text")?;
        let mut commands = vec![
            vec!["outcomes", "list", "--json"],
            vec!["outcomes", "doubts", "--json"],
            vec!["outcomes", "export"],
            vec!["ledger", "verify"],
        ];
        if self.ledger.is_file() {
            commands.push(vec!["ledger", "backup", backup]);
        }
        for (place, arguments) in commands.into_iter().enumerate() {
            let said = self.stage.file(&format!("made/said-{place}"));
            let said = std::fs::File::create(said)?;
            let mut command = Command::new(OURSELVES);
            command.args(arguments).arg("--config").arg(self.config);
            command
                .current_dir(self.stage.file("current"))
                .env("TMPDIR", self.stage.file("temporary"));
            command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
            tokio::task::spawn_blocking(move || command.status()).await??;
        }
        Ok(())
    }

    /// A second service, which is killed with requests in flight: no core may be left.
    async fn killed(
        &self,
        walk: &mut Walk<'_>,
        kept: &Arc<Kept>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let mut service = Service::start(self.stage, self.config, &How::default())?;
        service.answers(self.stage, &self.operators()?).await?;
        let line = Line::of(self.stage, 1).into_iter().next().context("there is a line")?;
        let caller = Caller::new(self.stage, line, Arc::clone(kept))?;
        let held = walk.in_flight(&caller, "killed in flight").await?;
        service.signal(Signal::ABORT)?;
        let dumped = service.ended().await?.core_dumped();
        drop(held);
        report.searched.push(Looked { place: "core".to_owned(), bytes: 0, found: dumped.into() });
        if dumped {
            report.found.push(Found {
                place: "core".to_owned(),
                datum: "all memory".to_owned(),
                form: "plain".to_owned(),
                road: "killed in flight".to_owned(),
                times: 1,
            });
        }
        Ok(())
    }

    /// What would have stood in the log, had its last resort not blotted it out, was on its way there.
    fn held_back(&self, report: &mut Report) -> Result<(), Failure> {
        let log = std::fs::read_to_string(self.stage.file("log/stderr"))?;
        let times = log.matches("log_leak_blocked").count();
        if times > 0 {
            report.found.push(Found {
                place: "log".to_owned(),
                datum: "something".to_owned(),
                form: "blotted out by the log itself".to_owned(),
                road: "any".to_owned(),
                times: u64::try_from(times)?,
            });
        }
        Ok(())
    }

    async fn written(&self, search: &mut Search<'_>, kept: &Kept) -> Result<(), Failure> {
        for (place, folder) in [
            ("log", "log"),
            ("temporary files", "temporary"),
            ("current folder", "current"),
            ("ledger with its log", "ledger"),
            ("backup and lists", "made"),
        ] {
            search.files(place, &self.stage.file(folder))?;
        }
        if let Some(rows) = self.ledger.rows().await? {
            search.bytes("rows of the database", &rows);
        }
        if let Some(trace) = &self.arguments.trace {
            search.files("system calls", trace)?;
        }
        for path in &self.arguments.search {
            search.files(&path.display().to_string(), path)?;
        }
        let bytes = |kept: &std::sync::Mutex<Vec<u8>>| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        search.bytes("answers", &bytes(&kept.nothing));
        search.financial("answers that show what was typed", &bytes(&kept.contact));
        Ok(())
    }
}

/// What cannot be read proves nothing.
pub(super) fn remembered(read: Result<(), Failure>, report: &mut Report) {
    if let Err(why) = read {
        let advice = "run this as root, or with CAP_SYS_PTRACE and on a kernel that lets it read";
        report.void.push(format!("{why:#}: {advice}"));
    }
}

/// Lets those in flight go on to their answers; whether each had one.
fn finished(held: Vec<(Held, Vec<u8>)>) -> bool {
    let answers = held.into_iter().map(|(held, rest)| held.finish(&rest, Holds::Contact));
    answers.filter(Option::is_none).count() == 0
}
