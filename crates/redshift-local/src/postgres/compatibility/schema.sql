-- Schema of all compatibility functions and views. Everyone may use it; only the administrator may
-- add to it.
CREATE SCHEMA IF NOT EXISTS redshift_compat;
GRANT USAGE ON SCHEMA redshift_compat TO PUBLIC;

-- Redshift counts the length of a string in bytes, PostgreSQL in characters. Adds the missing
-- length checks to a table, and drops those of a former length. Idempotent.
CREATE OR REPLACE FUNCTION redshift_compat.guard_bytes(relation text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    change text;
BEGIN
    WITH wanted AS (
        SELECT format('bytes:%s:%s:%s', a.attnum, a.atttypmod - 4, t.typname) AS name,
               format('CHECK (octet_length(%I) <= %s) NOT VALID', a.attname, a.atttypmod - 4) AS rule
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = relation::regclass AND a.attnum > 0 AND NOT a.attisdropped
          AND t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4
    ), present AS (
        SELECT conname AS name FROM pg_constraint
        WHERE conrelid = relation::regclass AND contype = 'c' AND conname LIKE 'bytes:%'
    ), changes AS (
        SELECT format('DROP CONSTRAINT %I', name) AS step FROM present
        WHERE name NOT IN (SELECT w.name FROM wanted w)
        UNION ALL
        SELECT format('ADD CONSTRAINT %I %s', name, rule) FROM wanted
        WHERE name NOT IN (SELECT p.name FROM present p)
    )
    SELECT string_agg(step, ', ') INTO change FROM changes;
    IF change IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', relation::regclass, change);
    END IF;
END $$;
