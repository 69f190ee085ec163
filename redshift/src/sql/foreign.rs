//! Words that one of the two databases has alone.

/// Words in a row that are PostgreSQL's alone.
pub(crate) const FOREIGN_PHRASES: &[&[&str]] = &[
    &["ON", "CONFLICT"],
    &["FOR", "UPDATE"],
    &["FOR", "SHARE"],
    &["FOR", "NO", "KEY"],
    &["DISTINCT", "ON"],
    &["WITH", "ORDINALITY"],
    &["FETCH", "FIRST"],
];

/// Words that are PostgreSQL's alone wherever they stand.
pub(crate) const FOREIGN_WORDS: &[&str] = &["RETURNING", "LATERAL", "TABLESAMPLE"];

/// Functions of PostgreSQL that Redshift has not got, or not on compute nodes.
pub(crate) const FOREIGN_FUNCTIONS: &[&str] = &[
    "array_agg",
    "array_append",
    "array_length",
    "array_position",
    "array_remove",
    "array_to_string",
    "cardinality",
    "clock_timestamp",
    "current_setting",
    "date_bin",
    "dblink",
    "encode",
    "format",
    "gen_random_uuid",
    "json_agg",
    "json_build_array",
    "json_build_object",
    "json_each",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_array_elements",
    "jsonb_build_object",
    "jsonb_each",
    "jsonb_path_query",
    "jsonb_set",
    "justify_days",
    "justify_hours",
    "lo_export",
    "lo_import",
    "make_date",
    "make_interval",
    "make_timestamp",
    "nextval",
    "currval",
    "setval",
    "pg_advisory_lock",
    "pg_ls_dir",
    "pg_read_binary_file",
    "pg_read_file",
    "pg_sleep",
    "query_to_xml",
    "regexp_matches",
    "regexp_split_to_array",
    "regexp_split_to_table",
    "row_to_json",
    "set_config",
    "statement_timestamp",
    "string_agg",
    "string_to_array",
    "string_to_table",
    "to_json",
    "to_jsonb",
    "to_tsquery",
    "to_tsvector",
    "transaction_timestamp",
    "txid_current",
    "unnest",
    "xmlagg",
    "xmlelement",
];

/// Operators that PostgreSQL gives to types Redshift lacks.
pub(crate) const FOREIGN_OPERATORS: &[&str] = &[
    "->", "->>", "#>", "#>>", "@>", "<@", "@?", "@@", "&&", "#-", "<->", "?|", "?&", "=>", "^@",
];

/// Functions of Redshift that have no counterpart here.
pub(crate) const MISSING_FUNCTIONS: &[&str] = &[
    "try_cast",
    "ratio_to_report",
    "object_transform",
    "array",
    "object",
    "array_concat",
    "array_flatten",
    "get_array_length",
    "split_to_array",
    "subarray",
    "json_typeof",
    "hll",
    "hll_create_sketch",
    "st_point",
    "st_distance",
    "h3_fromlonglat",
    "quantile",
];

/// Aggregates that need a frame when their window is ordered.
pub(crate) const FRAMED: &[&str] = &[
    "avg",
    "count",
    "max",
    "min",
    "sum",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "variance",
    "var_samp",
    "var_pop",
    "first_value",
    "last_value",
    "nth_value",
];
