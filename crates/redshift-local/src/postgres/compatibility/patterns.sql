-- Flags of Redshift: `c` and `i` for case, `p` for PCRE, `e` for the first subexpression.
-- PostgreSQL's patterns support look-ahead without a flag, so `p` has no effect.
CREATE OR REPLACE FUNCTION redshift_compat.pattern_flags(parameters text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(parameters, 'i') > 0 THEN 'i' ELSE 'c' END $$;

-- Without a subexpression, `e` is ignored.
CREATE OR REPLACE FUNCTION redshift_compat.pattern_group(pattern text, parameters text)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(parameters, 'e') > 0 AND pattern ~ '(^|[^\\])\((?!\?)' THEN 1 ELSE 0 END $$;

-- Replaces every match; PostgreSQL's function replaces only the first.
-- https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_REPLACE.html
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(
    source text, pattern text, by text, start integer, parameters text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN start > length(source) THEN source
        ELSE pg_catalog.regexp_replace(source, pattern, by, greatest(start, 1), 0,
            redshift_compat.pattern_flags(parameters)) END $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(
    source text, pattern text, by text, start integer)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_replace(source, pattern, by, start, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(source text, pattern text, by text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_replace(source, pattern, by, 1, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(source text, pattern text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_replace(source, pattern, '', 1, 'c') $$;

-- Returns an empty string without a match.
-- https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html
CREATE OR REPLACE FUNCTION redshift_compat.regexp_substr(
    source text, pattern text, start integer, occurrence integer, parameters text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN start > length(source) OR source = '' THEN ''
        WHEN occurrence BETWEEN 1 AND length(source) THEN
            coalesce(pg_catalog.regexp_substr(source, pattern, greatest(start, 1), occurrence,
                redshift_compat.pattern_flags(parameters),
                redshift_compat.pattern_group(pattern, parameters)), '') END $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_substr(
    source text, pattern text, start integer, occurrence integer)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_substr(source, pattern, start, occurrence, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_substr(
    source text, pattern text, start integer)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_substr(source, pattern, start, 1, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_substr(source text, pattern text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_substr(source, pattern, 1, 1, 'c') $$;

-- https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_COUNT.html
CREATE OR REPLACE FUNCTION redshift_compat.regexp_count(
    source text, pattern text, start integer, parameters text)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN start > length(source) THEN 0
        ELSE pg_catalog.regexp_count(source, pattern, greatest(start, 1),
            redshift_compat.pattern_flags(parameters)) END $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_count(
    source text, pattern text, start integer)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_count(source, pattern, start, 'c') $$;

-- https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_INSTR.html
CREATE OR REPLACE FUNCTION redshift_compat.regexp_instr(
    source text, pattern text, start integer, occurrence integer, behind integer,
    parameters text)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN start <= length(source) AND occurrence BETWEEN 1 AND length(source) THEN
            pg_catalog.regexp_instr(source, pattern, greatest(start, 1), occurrence,
                CASE behind WHEN 0 THEN 0 ELSE 1 END,
                redshift_compat.pattern_flags(parameters),
                redshift_compat.pattern_group(pattern, parameters))
        ELSE 0 END $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_instr(
    source text, pattern text, start integer, occurrence integer, behind integer)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_instr(source, pattern, start, occurrence, behind, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_instr(
    source text, pattern text, start integer, occurrence integer)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_instr(source, pattern, start, occurrence, 0, 'c') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_instr(
    source text, pattern text, start integer)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.regexp_instr(source, pattern, start, 1, 0, 'c') $$;
