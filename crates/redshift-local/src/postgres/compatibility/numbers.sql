-- An explicit cast of a decimal truncates it, unless the session sets enable_numeric_rounding; an
-- assignment rounds it. PostgreSQL passes to a cast function whether the cast is explicit; its own
-- functions always round.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_enable_numeric_rounding.html
CREATE OR REPLACE FUNCTION redshift_compat.rounds_casts() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT lower(coalesce(current_setting('redshift.enable_numeric_rounding', true), ''))
        IN ('on', 'true') $$;

CREATE OR REPLACE FUNCTION redshift_compat.cast_numeric(
    value numeric, modifier integer, is_explicit boolean)
RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog."numeric"(CASE
        WHEN is_explicit AND modifier >= 4 AND NOT redshift_compat.rounds_casts()
        THEN pg_catalog.trunc(value, (modifier - 4) & 2047) ELSE value END, modifier) $$;

CREATE OR REPLACE FUNCTION redshift_compat.cast_int2(
    value numeric, modifier integer, is_explicit boolean)
RETURNS int2 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.int2(CASE WHEN is_explicit AND NOT redshift_compat.rounds_casts()
        THEN pg_catalog.trunc(value) ELSE value END) $$;

CREATE OR REPLACE FUNCTION redshift_compat.cast_int4(
    value numeric, modifier integer, is_explicit boolean)
RETURNS int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.int4(CASE WHEN is_explicit AND NOT redshift_compat.rounds_casts()
        THEN pg_catalog.trunc(value) ELSE value END) $$;

CREATE OR REPLACE FUNCTION redshift_compat.cast_int8(
    value numeric, modifier integer, is_explicit boolean)
RETURNS int8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.int8(CASE WHEN is_explicit AND NOT redshift_compat.rounds_casts()
        THEN pg_catalog.trunc(value) ELSE value END) $$;

UPDATE pg_catalog.pg_cast
SET castfunc = ('redshift_compat.cast_' || t.typname || '(numeric, integer, boolean)')::regprocedure
FROM pg_catalog.pg_type t
WHERE castsource = 'numeric'::regtype AND t.oid = casttarget
  AND t.typname IN ('int2', 'int4', 'int8', 'numeric');

-- PostgreSQL rounds floating-point numbers to integers only.
CREATE OR REPLACE FUNCTION redshift_compat.round(value double precision, digits integer)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.round(value::numeric, digits)::double precision $$;
CREATE OR REPLACE FUNCTION redshift_compat.round(value smallint, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.round(value::numeric, digits) $$;
CREATE OR REPLACE FUNCTION redshift_compat.round(value integer, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.round(value::numeric, digits) $$;
CREATE OR REPLACE FUNCTION redshift_compat.round(value bigint, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.round(value::numeric, digits) $$;
CREATE OR REPLACE FUNCTION redshift_compat.trunc(value double precision, digits integer)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.trunc(value::numeric, digits)::double precision $$;
CREATE OR REPLACE FUNCTION redshift_compat.trunc(value smallint, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.trunc(value::numeric, digits) $$;
CREATE OR REPLACE FUNCTION redshift_compat.trunc(value integer, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.trunc(value::numeric, digits) $$;
CREATE OR REPLACE FUNCTION redshift_compat.trunc(value bigint, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.trunc(value::numeric, digits) $$;
