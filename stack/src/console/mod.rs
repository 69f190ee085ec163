//! The console: a local web page that shows an environment and lets its user try it. `stack console` serves it.
//!
//! `guard` decides which requests are answered. `feed` reads the environment while a page is open, and each look is a
//! `Snapshot`. `page` turns data into HTML and is pure. `routes` connects the three. All text is
//! rendered here, so the page needs little JavaScript: `assets/console.js` replaces sections with those that the
//! server sends.

mod feed;
mod guard;
mod order;
mod page;
mod recent;
mod routes;
mod server;
mod sessions;
mod shared;
mod snapshot;

pub use server::{Console, ConsoleError};
