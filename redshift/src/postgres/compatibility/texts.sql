CREATE OR REPLACE FUNCTION redshift_compat.len(text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length($1) $$;

CREATE OR REPLACE FUNCTION redshift_compat.charindex(part text, whole text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(whole, part) $$;

-- Redshift replaces every match, PostgreSQL the first.
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(source text, pattern text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.regexp_replace(source, pattern, '', 'g') $$;
CREATE OR REPLACE FUNCTION redshift_compat.regexp_replace(source text, pattern text, by text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.regexp_replace(source, pattern, by, 'g') $$;

CREATE OR REPLACE FUNCTION redshift_compat.sha2(source text, bits integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.encode(CASE bits
        WHEN 224 THEN sha224(source::bytea) WHEN 384 THEN sha384(source::bytea)
        WHEN 512 THEN sha512(source::bytea) WHEN 256 THEN sha256(source::bytea)
        WHEN 0 THEN sha256(source::bytea) END, 'hex') $$;

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

-- Redshift writes no blanks between the tokens; what is between quotes stays.
CREATE OR REPLACE FUNCTION redshift_compat.json_serialize(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(value::text, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_extract_path_text(source text, VARIADIC path text[])
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT source::json #>> path $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_array_length(source text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.json_array_length(source::json) $$;

CREATE OR REPLACE FUNCTION redshift_compat.json_extract_array_element_text(source text, at integer)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT source::json ->> at $$;
