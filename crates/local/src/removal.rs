//! Removes the data of an environment, and refuses to lose it.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::state::State;
use crate::{LocalError, Machine, children, folders, process};

impl Machine {
    /// Ends all processes of the environment and removes its data. Reports first what will be lost.
    pub(crate) fn remove_data(&self, progress: &impl Fn(&str)) -> Result<bool, LocalError> {
        if !self.folder.exists() {
            return Ok(false);
        }
        progress(&format!(
            "removing the data of `{}`: {}",
            self.name,
            self.losses()
        ));
        self.end_everything();
        for folder in [
            self.emulator_folder(),
            self.postgres_folder(),
            self.data_api_folder(),
            self.streams_folder(),
        ] {
            folders::remove(&folder)?;
        }
        folders::remove_file(&self.state_file())?;
        Ok(true)
    }

    /// Fails if the existing data cannot be used.
    pub(crate) fn refuse_loss(&self, before: Option<&State>) -> Result<(), LocalError> {
        let why = match before {
            Some(state) if state.persistent => return Ok(()),
            Some(_) => "an older build created it and keeps the lake only in memory",
            None if folders::has_data(self) => "its `state.json` is missing or unreadable",
            None => return Ok(()),
        };
        Err(LocalError::WouldLose {
            name: self.name.clone(),
            why: why.to_owned(),
            loss: self.losses(),
            folder: self.folder.clone(),
        })
    }

    /// Describes the data on disk, for the user who decides about its removal.
    pub(crate) fn losses(&self) -> String {
        let megabytes = |folder: &Path| folders::bytes_below(folder) / 1_000_000;
        format!(
            "the lake, tables, stream and queues ({} MB) and the warehouse ({} MB)",
            megabytes(&self.emulator_folder()),
            megabytes(&self.postgres_folder())
        )
    }

    /// Ends the supervisor and its children; they do not write their data.
    fn end_everything(&self) {
        if let Some(state) = State::read(self) {
            state.supervisor.stop(Signal::KILL, Duration::ZERO);
            children::stop_children(self, &state, false);
        }
        for process in process::running_below(&self.folder) {
            process.stop(Signal::TERM, Duration::from_secs(5));
        }
    }

    /// Stops everything and removes the environment's folder. Idempotent. Returns whether the environment existed.
    ///
    /// # Errors
    ///
    /// Fails if another command is starting or stopping the environment, or a file cannot be removed.
    pub fn destroy(&self) -> Result<bool, LocalError> {
        let lock = self.lock_start()?;
        let there = self.folder.exists();
        self.end_everything();
        folders::remove(&self.folder)?;
        let lock_file = self.start_lock();
        std::fs::remove_file(&lock_file).map_err(LocalError::file("remove", &lock_file))?;
        drop(lock);
        Ok(there)
    }
}
