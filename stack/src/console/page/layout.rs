//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

/// Returns a page of the console.
pub(super) fn page(environment: &str, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (environment) " · Riverhouse" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/console.css";
                script src="/console.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.bar {
                    a.brand href="/" { (mark()) "Riverhouse" }
                    span.environment { (environment) }
                    nav aria-label="Pages" {
                        a href="/" { "Console" }
                        a href="/report" { "Report" }
                    }
                }
                p.lost id="lost" role="alert" hidden {
                    "The console has ended or cannot be reached. Run "
                    code { "stack console" }
                    " again, and open the address that it prints."
                }
                noscript { p.lost { "This page needs JavaScript." } }
                main id="main" { (content) }
            }
        }
    }
}

/// The sign of the project: three waves.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" aria-hidden="true" {
            @for y in [7, 12, 17] {
                path d={ "M3 " (y) " q 3 -4 6 0 t 6 0 t 6 0" } {}
            }
        }
    }
}

/// Returns the page for a request that is refused. It has no style, because that needs the cookie too.
pub(in crate::console) fn refused(reason: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Refused · Riverhouse" }
            }
            body {
                h1 { "Refused" }
                p { "The console did not answer: " (reason) "." }
                p { "End the console with Ctrl-C, run " code { "stack console" } " again, and open the new address." }
            }
        }
    }
}

/// Returns the page for an address that does not exist.
pub(in crate::console) fn missing(environment: &str) -> Markup {
    let content = html! {
        h1 { "There is no such page" }
        p { a href="/" { "To the console" } }
    };
    page(environment, "No such page", &content)
}

/// Returns the page for a report that could not be written.
pub(in crate::console) fn no_report(environment: &str, reason: &str) -> Markup {
    let content = html! {
        h1 { "The report could not be written" }
        p.failure { (reason) }
        p { a href="/" { "To the console" } }
    };
    page(environment, "Report", &content)
}
