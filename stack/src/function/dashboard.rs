//! The rows of the operators' dashboard that belong to functions.

/// A row of the dashboard: a stage.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Row {
    /// The stage's word, a colon, and what it does.
    pub(crate) title: &'static str,
    /// At most three fit.
    pub(crate) widgets: &'static [Widget],
}

/// A chart of one or more figures.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Widget {
    pub(crate) title: &'static str,
    /// `CloudWatch`'s word, such as `Sum` or `p99`.
    pub(crate) statistic: &'static str,
    pub(crate) figures: &'static [Figure],
}

/// A metric of one resource.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Figure {
    pub(crate) source: Source,
    pub(crate) metric: &'static str,
}

/// Which resource a metric is of. Texts are the last part of the resource's name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Source {
    Api,
    /// What the function itself counts.
    Own(&'static str),
    /// What Lambda counts of a function.
    Lambda(&'static str),
    Stream,
    Queue(&'static str),
    Table(&'static str),
}

/// Calls of a function, and those that failed or were refused.
macro_rules! calls {
    ($function:literal) => {
        widget(
            "Function",
            "Sum",
            &[
                figure(Source::Lambda($function), "Invocations"),
                figure(Source::Lambda($function), "Errors"),
                figure(Source::Lambda($function), "Throttles"),
            ],
        )
    };
}

/// The age of the oldest message of a queue.
macro_rules! waiting {
    ($queue:literal) => {
        widget(
            "Waiting, s",
            "Maximum",
            &[figure(Source::Queue($queue), OLDEST_MESSAGE)],
        )
    };
}

const fn widget(
    title: &'static str,
    statistic: &'static str,
    figures: &'static [Figure],
) -> Widget {
    Widget {
        title,
        statistic,
        figures,
    }
}

const fn figure(source: Source, metric: &'static str) -> Figure {
    Figure { source, metric }
}

const OLDEST_MESSAGE: &str = "ApproximateAgeOfOldestMessage";
const MESSAGES: &str = "ApproximateNumberOfMessagesVisible";

const INGEST: Source = Source::Own("ingest");
const STORE: Source = Source::Own("store");
const TRANSFORM: Source = Source::Own("transform");
const LOAD: Source = Source::Own("load");

pub(super) const INGEST_ROW: Row = Row {
    title: "ingest: POST to envelope",
    widgets: &[
        widget(
            "Events",
            "Sum",
            &[
                figure(INGEST, "Accepted"),
                figure(INGEST, "Rejected"),
                figure(INGEST, "Refused"),
            ],
        ),
        widget("Envelopes", "Sum", &[figure(INGEST, "Envelopes")]),
        calls!("ingest"),
    ],
};

pub(super) const STORE_ROW: Row = Row {
    title: "store: tables and raw lake",
    widgets: &[
        widget(
            "Events",
            "Sum",
            &[
                figure(STORE, "Stored"),
                figure(STORE, "Rejected"),
                figure(STORE, "Failures"),
            ],
        ),
        widget(
            "Refused by the tables",
            "Sum",
            &[
                figure(Source::Table("customer"), "WriteThrottleEvents"),
                figure(Source::Table("invoice"), "WriteThrottleEvents"),
            ],
        ),
        calls!("store"),
    ],
};

pub(super) const TRANSFORM_ROW: Row = Row {
    title: "transform: raw lake to CSV",
    widgets: &[
        widget(
            "Rows",
            "Sum",
            &[
                figure(TRANSFORM, "Rows"),
                figure(TRANSFORM, "Rejected"),
                figure(TRANSFORM, "Failures"),
            ],
        ),
        waiting!("transform"),
        widget(
            "Given up",
            "Maximum",
            &[figure(Source::Queue("transform-dead"), MESSAGES)],
        ),
    ],
};

pub(super) const LOAD_ROW: Row = Row {
    title: "load: CSV to warehouse",
    widgets: &[
        widget(
            "Rows",
            "Sum",
            &[
                figure(LOAD, "RowsInserted"),
                figure(LOAD, "RowsReplaced"),
                figure(LOAD, "Duplicates"),
                figure(LOAD, "Conflicts"),
            ],
        ),
        waiting!("load"),
        widget(
            "Given up",
            "Maximum",
            &[
                figure(Source::Queue("load-dead"), MESSAGES),
                figure(Source::Queue("reconcile-dead"), MESSAGES),
                figure(LOAD, "FilesSetAside"),
            ],
        ),
    ],
};
