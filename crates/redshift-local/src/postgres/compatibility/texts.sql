CREATE OR REPLACE FUNCTION redshift_compat.len(text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length($1) $$;

CREATE OR REPLACE FUNCTION redshift_compat.charindex(part text, whole text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(whole, part) $$;

CREATE OR REPLACE FUNCTION redshift_compat.sha2(source text, bits integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.encode(CASE bits
        WHEN 224 THEN sha224(convert_to(source, 'UTF8'))
        WHEN 384 THEN sha384(convert_to(source, 'UTF8'))
        WHEN 512 THEN sha512(convert_to(source, 'UTF8'))
        WHEN 256 THEN sha256(convert_to(source, 'UTF8'))
        WHEN 0 THEN sha256(convert_to(source, 'UTF8')) END, 'hex') $$;

CREATE OR REPLACE FUNCTION redshift_compat.is_valid_json(source text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_input_is_valid(source, 'json') AND left(ltrim(source), 1) = '{' $$;

CREATE OR REPLACE FUNCTION redshift_compat.is_valid_json_array(source text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_input_is_valid(source, 'json') AND left(ltrim(source), 1) = '[' $$;

CREATE OR REPLACE FUNCTION redshift_compat.can_json_parse(source text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT pg_input_is_valid(source, 'json') $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_parse(source text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT source::jsonb $$;

-- Redshift writes no white space between tokens; strings are unchanged.
CREATE OR REPLACE FUNCTION redshift_compat.json_serialize(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(value::text, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_extract_path_text(source text, VARIADIC path text[])
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT source::json #>> path $$;

-- An explicit cast to a shorter VARCHAR truncates at the last character that fits into its bytes.
CREATE OR REPLACE FUNCTION redshift_compat.cut_bytes(value text, most integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT convert_from(substring(bytes FROM 1 FOR length), 'UTF8')
    FROM convert_to(value, 'UTF8') bytes, generate_series(most, most - 3, -1) length
    WHERE length >= 0 AND (get_byte(bytes, length) & 192) <> 128
    ORDER BY length DESC LIMIT 1 $$;

CREATE OR REPLACE FUNCTION redshift_compat.cast_varchar(
    value varchar, modifier integer, is_explicit boolean)
RETURNS varchar LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_explicit AND modifier > 4 AND octet_length(value) > modifier - 4
        THEN redshift_compat.cut_bytes(value, modifier - 4)::varchar
        ELSE pg_catalog."varchar"(value, modifier, is_explicit) END $$;

UPDATE pg_catalog.pg_cast
SET castfunc = 'redshift_compat.cast_varchar(varchar, integer, boolean)'::regprocedure
WHERE castsource = 'varchar'::regtype AND casttarget = 'varchar'::regtype;

-- In PL/pgSQL, so that it is never inlined: PostgreSQL would parse a constant before it is
-- validated.
CREATE OR REPLACE FUNCTION redshift_compat.json_or_null(source text, null_if_invalid boolean)
RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF null_if_invalid AND NOT pg_input_is_valid(source, 'json') THEN
        RETURN NULL;
    END IF;
    RETURN source::json;
END $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_path_or_null(source text, VARIADIC path text[])
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.json_or_null(source, true) #>> path $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_array_length(source text, null_if_invalid boolean)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.json_array_length(redshift_compat.json_or_null(source, null_if_invalid)) $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_extract_array_element_text(
    source text, at integer, null_if_invalid boolean)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT redshift_compat.json_or_null(source, null_if_invalid) ->> at $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_array_length(source text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.json_array_length(source::json) $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_extract_array_element_text(source text, at integer)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT source::json ->> at $$;
