-- https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
CREATE OR REPLACE FUNCTION redshift_compat.part_of_date(part text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE lower(part)
        WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'yrs' THEN 'year' WHEN 'years' THEN 'year'
        WHEN 'qtr' THEN 'quarter' WHEN 'qtrs' THEN 'quarter' WHEN 'quarters' THEN 'quarter'
        WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month'
        WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week'
        WHEN 'd' THEN 'day' WHEN 'days' THEN 'day'
        WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hrs' THEN 'hour' WHEN 'hours' THEN 'hour'
        WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'mins' THEN 'minute'
        WHEN 'minutes' THEN 'minute'
        WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'secs' THEN 'second'
        WHEN 'seconds' THEN 'second'
        WHEN 'ms' THEN 'millisecond' WHEN 'msec' THEN 'millisecond'
        WHEN 'msecs' THEN 'millisecond' WHEN 'milliseconds' THEN 'millisecond'
        WHEN 'dayofweek' THEN 'dow' WHEN 'dw' THEN 'dow' WHEN 'weekday' THEN 'dow'
        WHEN 'dayofyear' THEN 'doy' WHEN 'dy' THEN 'doy' WHEN 'yearday' THEN 'doy'
        WHEN 'c' THEN 'century' WHEN 'cent' THEN 'century' WHEN 'cents' THEN 'century'
        WHEN 'dec' THEN 'decade' WHEN 'decs' THEN 'decade' WHEN 'decades' THEN 'decade'
        WHEN 'mil' THEN 'millennium' WHEN 'mils' THEN 'millennium'
        WHEN 'us' THEN 'microsecond' WHEN 'usec' THEN 'microsecond'
        WHEN 'usecs' THEN 'microsecond' WHEN 'microseconds' THEN 'microsecond'
        ELSE lower(part) END $$;

-- One year after 29 February is 1 March; twelve months after it is 28 February.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html
CREATE OR REPLACE FUNCTION redshift_compat.dateadd(part text, amount bigint, moment timestamp)
RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    unit text := redshift_compat.part_of_date(part);
    moved timestamp;
BEGIN
    IF unit = 'year' THEN
        moved := moment + make_interval(years => amount::int);
        RETURN moved + make_interval(days => (date_part('day', moment) - date_part('day', moved))::int);
    ELSIF unit = 'quarter' THEN
        RETURN moment + make_interval(months => (3 * amount)::int);
    ELSIF unit IN ('month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond',
                   'microsecond', 'decade', 'century') THEN
        RETURN moment + (amount || ' ' || unit)::interval;
    END IF;
    RAISE EXCEPTION 'dateadd does not know date part "%"', part;
END $$;

-- Counts the boundaries of date parts between two timestamps, not the elapsed time.
CREATE OR REPLACE FUNCTION redshift_compat.datediff(part text, a timestamp, b timestamp)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    unit text := redshift_compat.part_of_date(part);
    years bigint := date_part('year', b) - date_part('year', a);
BEGIN
    RETURN CASE unit
        WHEN 'year' THEN years
        WHEN 'decade' THEN floor(date_part('year', b) / 10) - floor(date_part('year', a) / 10)
        WHEN 'century' THEN date_part('century', b) - date_part('century', a)
        WHEN 'quarter' THEN 4 * years + date_part('quarter', b) - date_part('quarter', a)
        WHEN 'month' THEN 12 * years + date_part('month', b) - date_part('month', a)
        WHEN 'week' THEN (date_trunc('week', b)::date - date_trunc('week', a)::date) / 7
        WHEN 'day' THEN b::date - a::date
        WHEN 'hour' THEN extract(epoch FROM date_trunc('hour', b) - date_trunc('hour', a)) / 3600
        WHEN 'minute' THEN extract(epoch FROM date_trunc('minute', b) - date_trunc('minute', a)) / 60
        WHEN 'second' THEN extract(epoch FROM date_trunc('second', b) - date_trunc('second', a))
        WHEN 'millisecond' THEN
            extract(epoch FROM date_trunc('milliseconds', b) - date_trunc('milliseconds', a)) * 1000
        WHEN 'microsecond' THEN extract(epoch FROM b - a) * 1000000
        ELSE redshift_compat.no_such_part(part) END;
END $$;

CREATE OR REPLACE FUNCTION redshift_compat.no_such_part(part text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION 'datediff does not know date part "%"', part;
END $$;

-- In Redshift, a date part of a timestamp without time zone is an integer.
CREATE OR REPLACE FUNCTION redshift_compat.extract_part(part text, moment timestamp)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trunc(date_part(redshift_compat.part_of_date(part), moment))::bigint $$;
CREATE OR REPLACE FUNCTION redshift_compat.extract_part(part text, moment date)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trunc(date_part(redshift_compat.part_of_date(part), moment::timestamp))::bigint $$;
CREATE OR REPLACE FUNCTION redshift_compat.extract_part(part text, moment time)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trunc(date_part(redshift_compat.part_of_date(part), moment))::bigint $$;
CREATE OR REPLACE FUNCTION redshift_compat.extract_part(part text, span interval)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trunc(date_part(redshift_compat.part_of_date(part), span))::bigint $$;
CREATE OR REPLACE FUNCTION redshift_compat.extract_part(part text, moment timestamptz)
RETURNS double precision LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT date_part(redshift_compat.part_of_date(part), moment) $$;

CREATE OR REPLACE FUNCTION redshift_compat.date_trunc(part text, day date) RETURNS timestamp
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.date_trunc(part, day::timestamp) $$;

CREATE OR REPLACE FUNCTION redshift_compat.getdate() RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.date_trunc('second', statement_timestamp()::timestamp) $$;

CREATE OR REPLACE FUNCTION redshift_compat.trunc(moment timestamp) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT moment::date $$;

CREATE OR REPLACE FUNCTION redshift_compat.last_day(moment timestamp) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (pg_catalog.date_trunc('month', moment) + interval '1 month' - interval '1 day')::date $$;

-- The last day of a month gives the last day of the resulting month.
CREATE OR REPLACE FUNCTION redshift_compat.add_months(moment timestamp, months integer)
RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN moment::date = redshift_compat.last_day(moment)
        THEN redshift_compat.last_day(moment + make_interval(months => months)) + moment::time
        ELSE moment + make_interval(months => months) END $$;

CREATE OR REPLACE FUNCTION redshift_compat.date_part_year(day date) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT date_part('year', day)::int $$;

CREATE OR REPLACE FUNCTION redshift_compat.convert_timezone(target text, moment timestamp)
RETURNS timestamp LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE 'UTC') AT TIME ZONE target $$;
CREATE OR REPLACE FUNCTION redshift_compat.convert_timezone(source text, target text, moment timestamp)
RETURNS timestamp LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE source) AT TIME ZONE target $$;
