-- The average of integers is an integer in Redshift, truncated instead of rounded.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html
CREATE OR REPLACE FUNCTION redshift_compat.cut_average(state bigint[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN state[1] > 0 THEN state[2] / state[1] END $$;

CREATE OR REPLACE AGGREGATE redshift_compat.avg(smallint) (
    sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}',
    finalfunc = redshift_compat.cut_average, combinefunc = int4_avg_combine, parallel = safe);

CREATE OR REPLACE AGGREGATE redshift_compat.avg(integer) (
    sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}',
    finalfunc = redshift_compat.cut_average, combinefunc = int4_avg_combine, parallel = safe);

CREATE OR REPLACE FUNCTION redshift_compat.add_to_average(state numeric[], value bigint)
RETURNS numeric[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY[state[1] + 1, state[2] + value] $$;

CREATE OR REPLACE FUNCTION redshift_compat.cut_average(state numeric[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN state[1] > 0 THEN pg_catalog.trunc(state[2] / state[1])::bigint END $$;

CREATE OR REPLACE AGGREGATE redshift_compat.avg(bigint) (
    sfunc = redshift_compat.add_to_average, stype = numeric[], initcond = '{0,0}',
    finalfunc = redshift_compat.cut_average);

-- LISTAGG of distinct values; empty strings are skipped.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_LISTAGG.html
CREATE OR REPLACE FUNCTION redshift_compat.add_to_list(
    state text, value anycompatible, delimiter text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL OR value::text = '' THEN state
        WHEN state IS NULL THEN value::text
        ELSE concat(state, delimiter, value::text) END $$;

CREATE OR REPLACE AGGREGATE redshift_compat.listagg(anycompatible, text) (
    sfunc = redshift_compat.add_to_list, stype = text);
