-- What Redshift has not and what would let any user fill the disk or shared memory of PostgreSQL, inside of its
-- limits of temporary files: large objects, messages in the write-ahead log, advisory locks, notifications. Closed
-- to all but the administrator, however it is called.
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT p.oid FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite', 'pg_logical_emit_message', 'pg_notify')
               OR p.proname LIKE 'pg\_%advisory%')
          AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END $$;

