//! Reads the environment again and again while a page is open, and not otherwise.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use super::recent;
use super::sessions::Sessions;
use super::snapshot::{Answer, History, RecentEvent, Snapshot};
use crate::rejects::Reject;
use crate::session::Session;
use crate::status::{self, Inspection, Meter, Status, causes};
use warehouse::RecentStatement;

/// Pause between two looks at a local environment.
const LOCAL_PAUSE: Duration = Duration::from_secs(2);
/// Pause between two looks at an environment on AWS, where each look costs requests.
const AWS_PAUSE: Duration = Duration::from_secs(10);
/// Number of looks after which rejects and statements are read again in any case.
const SELDOM: u32 = 5;
/// Newest objects of the raw lake that are read for their events.
const OBJECTS: usize = 3;

type Latest = Option<Arc<Snapshot>>;

/// The newest snapshot, and those who wait for the next.
#[derive(Debug)]
pub(super) struct Feed {
    latest: watch::Sender<Latest>,
    /// Wakes the reader: a page was opened, or something was changed from the page.
    wake: Notify,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self {
            latest: watch::Sender::new(None),
            wake: Notify::new(),
        }
    }

    /// Returns a receiver of snapshots. The environment is read while there is one.
    pub(super) fn subscribe(&self) -> watch::Receiver<Latest> {
        let mut receiver = self.latest.subscribe();
        receiver.mark_changed();
        self.wake.notify_one();
        receiver
    }

    /// Returns the newest snapshot, if a page is open.
    pub(super) fn latest(&self) -> Latest {
        self.latest.borrow().clone()
    }

    /// Looks again at once, because something was changed from the page.
    pub(super) fn look_again(&self) {
        self.wake.notify_one();
    }

    /// Reads the environment while there is a receiver. Never returns.
    pub(super) async fn run(&self, sessions: &Sessions) {
        loop {
            while self.latest.receiver_count() == 0 {
                self.wake.notified().await;
            }
            self.watch(sessions).await;
            // What the next page would show at first is not of now.
            self.latest.send_replace(None);
        }
    }

    /// Reads until the last receiver is gone.
    async fn watch(&self, sessions: &Sessions) {
        let mut reader = Reader::default();
        while self.latest.receiver_count() > 0 {
            let snapshot = reader.look(sessions).await;
            let is_local = snapshot
                .status
                .as_ref()
                .is_ok_and(|it| it.target == "local");
            self.latest.send_replace(Some(Arc::new(snapshot)));
            let pause = if is_local { LOCAL_PAUSE } else { AWS_PAUSE };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.wake.notified() => reader.looks = 0,
                () = self.latest.closed() => {}
            }
        }
    }
}

/// What is kept from one look to the next.
#[derive(Debug)]
struct Reader {
    inspection: Option<Inspection>,
    meter: Meter,
    history: History,
    /// Number of looks since rejects and statements were read.
    looks: u32,
    open: Option<u64>,
    newest: Option<String>,
    events: Answer<Vec<RecentEvent>>,
    rejects: Answer<Vec<Reject>>,
    statements: Answer<Vec<RecentStatement>>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            inspection: None,
            meter: Meter::default(),
            history: History::default(),
            looks: 0,
            open: None,
            newest: None,
            events: Ok(Vec::new()),
            rejects: Ok(Vec::new()),
            statements: Ok(Vec::new()),
        }
    }
}

impl Reader {
    async fn look(&mut self, sessions: &Sessions) -> Snapshot {
        let status = self.status(&sessions.name).await;
        if let Ok(status) = &status {
            self.history.add(status);
            self.read(sessions, status).await;
        }
        self.looks = (self.looks + 1) % SELDOM;
        Snapshot {
            at: OffsetDateTime::now_utc(),
            status,
            history: self.history.clone(),
            events: self.events.clone(),
            rejects: self.rejects.clone(),
            statements: self.statements.clone(),
        }
    }

    /// Reads the status with its rates. The environment is opened once, and again after a failure.
    async fn status(&mut self, name: &str) -> Answer<Status> {
        let inspection = match self.inspection.take() {
            Some(inspection) => inspection,
            None => Inspection::open(name)
                .await
                .map_err(|error| causes(&error))?,
        };
        let mut status = status::gather(&inspection).await;
        self.meter.measure(&inspection, &mut status).await;
        if status.processes.iter().all(|process| process.healthy) {
            self.inspection = Some(inspection);
        }
        Ok(status)
    }

    /// Reads what changed since the last look.
    async fn read(&mut self, sessions: &Sessions, status: &Status) {
        let session = match sessions.get().await {
            Ok(session) => session,
            Err(error) => {
                let reason = causes(&error);
                self.events = Err(reason.clone());
                self.rejects = Err(reason.clone());
                self.statements = Err(reason);
                self.newest = None;
                self.open = None;
                return;
            }
        };
        self.read_events(&session, status).await;
        let open = status.stages.iter().map(|stage| stage.rejects).sum();
        if self.looks == 0 || open != self.open {
            let rejects = recent::rejects(&session);
            let statements = recent::statements(&session);
            (self.rejects, self.statements) = tokio::join!(rejects, statements);
            self.open = open;
        }
    }

    /// Reads the newest events if there are newer objects than at the last look.
    async fn read_events(&mut self, session: &Session, status: &Status) {
        let Some(keys) = status.newest.raw_keys(OBJECTS) else {
            self.events = Err("the raw lake could not be listed".to_owned());
            self.newest = None;
            return;
        };
        let newest = keys.first().map(|key| (*key).to_owned());
        if newest != self.newest || self.events.is_err() {
            self.events = recent::events(session, &keys).await;
            self.newest = newest;
        }
    }
}
