//! Dashboard rows of the functions, as data.

/// A row of the dashboard, for one stage.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Row {
    /// Name of the stage, a colon, and its purpose.
    pub(crate) title: &'static str,
    /// Charts of the row, at most three.
    pub(crate) widgets: &'static [Widget],
}

/// A chart of one or more metrics.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Widget {
    pub(crate) title: &'static str,
    /// CloudWatch statistic, such as `Sum` or `p99`.
    pub(crate) statistic: &'static str,
    pub(crate) figures: &'static [Figure],
}

/// A metric of one resource.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Figure {
    pub(crate) source: Source,
    pub(crate) metric: &'static str,
}

/// Resource of a metric. The text is the last part of the resource's name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Source {
    Api,
    /// Custom metrics that the function emits.
    Own(&'static str),
    /// Metrics of Lambda for a function.
    Lambda(&'static str),
    Stream,
    Queue(&'static str),
    Table(&'static str),
}

/// Chart of a function's invocations, errors and throttles.
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

/// Chart of the age of the oldest message in a queue.
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
            "Throttled writes",
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
            "Dead letters",
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
            "Dead letters",
            "Maximum",
            &[
                figure(Source::Queue("load-dead"), MESSAGES),
                figure(Source::Queue("reconcile-dead"), MESSAGES),
                figure(LOAD, "FilesSetAside"),
            ],
        ),
    ],
};
