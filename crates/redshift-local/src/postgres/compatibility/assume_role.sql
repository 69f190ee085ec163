-- Who may use which IAM role of the cluster. Everyone may use all roles until the privilege is
-- revoked.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
DO $$
BEGIN
    IF to_regclass('redshift_compat.assume_role') IS NULL THEN
        CREATE TABLE redshift_compat.assume_role (
            iam_role text, grantee oid, command text, PRIMARY KEY (iam_role, grantee, command));
        INSERT INTO redshift_compat.assume_role
        SELECT 'ALL', 0, unnest(ARRAY['COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL']);
    END IF;
END $$;
GRANT SELECT ON redshift_compat.assume_role TO PUBLIC;

-- https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_ASSUMEROLE_PRIVILEGE.html
CREATE OR REPLACE FUNCTION redshift_compat.has_assumerole_privilege(
    user_name text, iam_role_arn text, cmd_type text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(u.rolsuper), false) OR EXISTS (
        SELECT FROM redshift_compat.assume_role a
        WHERE a.command = upper(cmd_type) AND a.iam_role IN ('ALL', iam_role_arn)
          AND (a.grantee = 0 OR pg_has_role(user_name, a.grantee, 'MEMBER')))
    FROM pg_catalog.pg_roles u WHERE u.rolname = user_name $$;

CREATE OR REPLACE FUNCTION redshift_compat.has_assumerole_privilege(
    iam_role_arn text, cmd_type text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT redshift_compat.has_assumerole_privilege(current_user::text, iam_role_arn, cmd_type) $$;

