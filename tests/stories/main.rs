//! Stories: end-to-end tests of the platform through its command line and real clients, on a real local environment. A
//! story's name says what it shows.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall say where"
)]

mod analysts;
mod answers;
mod api;
mod aws;
mod bad_input;
mod cancel;
mod checks;
mod clients;
mod console;
mod disk;
mod environment;
mod examples;
mod exports;
mod failures;
mod faults;
mod files;
mod http;
mod lake;
mod lifecycle;
mod loading;
mod poisons;
mod processes;
mod programs;
mod python;
mod replay;
mod report;
mod status;
mod streaming;
mod survival;
mod synth;
mod tableau;
