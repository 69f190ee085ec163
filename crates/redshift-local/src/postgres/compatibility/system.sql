-- Loads are stored outside of their transactions, so that the errors of a failed load remain.
CREATE TABLE IF NOT EXISTS redshift_compat.load (
    query_id bigint PRIMARY KEY, user_name text NOT NULL, transaction_id bigint, session_id integer,
    database_name text NOT NULL, status text NOT NULL, table_name text NOT NULL,
    start_time timestamp NOT NULL, end_time timestamp NOT NULL, data_source text NOT NULL,
    loaded_rows bigint NOT NULL, loaded_bytes bigint NOT NULL, source_file_count bigint NOT NULL,
    source_file_bytes bigint NOT NULL, error_count bigint NOT NULL);

CREATE TABLE IF NOT EXISTS redshift_compat.load_error (
    query_id bigint NOT NULL, user_name text NOT NULL, session_id integer,
    database_name text NOT NULL, table_id bigint, start_time timestamp NOT NULL,
    file_name text NOT NULL, line_number bigint NOT NULL, column_name text NOT NULL,
    column_type text NOT NULL, column_length text NOT NULL, "position" integer NOT NULL,
    error_code integer NOT NULL, error_message text NOT NULL, raw_line text NOT NULL,
    raw_field_value text NOT NULL);

-- https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_HISTORY.html
CREATE OR REPLACE VIEW redshift_compat.sys_load_history AS
SELECT r.oid::integer AS user_id, l.query_id, l.transaction_id, l.session_id, l.database_name,
       l.status, l.table_name, l.start_time, l.end_time,
       (extract(epoch FROM l.end_time - l.start_time) * 1000000)::bigint AS duration,
       l.data_source, l.loaded_rows, l.loaded_bytes, l.source_file_count, l.source_file_bytes,
       l.source_file_count AS file_count_scanned, l.source_file_bytes AS file_bytes_scanned,
       l.error_count
FROM redshift_compat.load l LEFT JOIN pg_roles r ON r.rolname = l.user_name
WHERE l.user_name = current_user
   OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);

-- https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
CREATE OR REPLACE VIEW redshift_compat.sys_load_error_detail AS
SELECT r.oid::integer AS user_id, e.query_id, NULL::bigint AS transaction_id, e.session_id,
       e.database_name, e.table_id, e.start_time, e.file_name, e.line_number, e.column_name,
       e.column_type, e.column_length, e."position", e.error_code, e.error_message
FROM redshift_compat.load_error e LEFT JOIN pg_roles r ON r.rolname = e.user_name
WHERE e.user_name = current_user
   OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);

-- https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
CREATE OR REPLACE VIEW redshift_compat.stl_load_errors AS
SELECT r.oid::integer AS userid, 0 AS slice, e.table_id AS tbl, e.start_time AS starttime,
       e.session_id AS session, e.query_id AS query, e.file_name AS filename,
       e.line_number, e.column_name AS colname, e.column_type AS type,
       e.column_length AS col_length, e."position", e.raw_line, e.raw_field_value,
       e.error_code AS err_code, e.error_message AS err_reason
FROM redshift_compat.load_error e LEFT JOIN pg_roles r ON r.rolname = e.user_name
WHERE e.user_name = current_user
   OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);

CREATE OR REPLACE FUNCTION redshift_compat.pg_last_copy_count() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('redshift.last_copy_count', true), '')::bigint, 0) $$;

CREATE OR REPLACE FUNCTION redshift_compat.pg_last_copy_id() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('redshift.last_copy_id', true), '')::bigint, -1) $$;

CREATE OR REPLACE FUNCTION redshift_compat.pg_last_unload_count() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('redshift.last_unload_count', true), '')::bigint, 0) $$;

-- https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
CREATE OR REPLACE VIEW redshift_compat.pg_table_def AS
SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column",
       format_type(a.atttypid, a.atttypmod) AS type, 'none'::text AS encoding,
       false AS distkey, 0 AS sortkey, a.attnotnull AS notnull
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname = ANY (current_schemas(false))
  AND n.nspname <> 'redshift_compat';

CREATE OR REPLACE VIEW redshift_compat.svv_tables AS
SELECT table_catalog::text, table_schema::text, table_name::text, table_type::text,
       obj_description(to_regclass(format('%I.%I', table_schema, table_name)), 'pg_class') AS remarks
FROM information_schema.tables WHERE table_schema <> 'redshift_compat';

CREATE OR REPLACE VIEW redshift_compat.svv_columns AS
SELECT table_catalog::text, table_schema::text, table_name::text, column_name::text,
       ordinal_position::integer, column_default::text, is_nullable::text, data_type::text,
       character_maximum_length::integer, numeric_precision::integer,
       numeric_precision_radix::integer, numeric_scale::integer,
       col_description(to_regclass(format('%I.%I', table_schema, table_name)), ordinal_position) AS remarks
FROM information_schema.columns WHERE table_schema <> 'redshift_compat';

CREATE OR REPLACE VIEW redshift_compat.svv_roles AS
SELECT oid::integer AS role_id, rolname::text AS role_name, NULL::text AS role_owner
FROM pg_roles WHERE NOT rolcanlogin AND rolname NOT LIKE 'pg\_%';

GRANT SELECT ON redshift_compat.sys_load_history, redshift_compat.sys_load_error_detail,
    redshift_compat.stl_load_errors, redshift_compat.pg_table_def, redshift_compat.svv_tables,
    redshift_compat.svv_columns, redshift_compat.svv_roles TO PUBLIC
