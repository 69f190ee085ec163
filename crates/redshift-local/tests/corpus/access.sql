-- runs
create schema analytics
-- runs
create table analytics.t (a int)
-- runs
create role corpus_analyst
-- runs
create group corpus_group
-- runs
create user corpus_user password 'Corpus123' in group corpus_group syslog access restricted connection limit 5 valid until '2031-01-01'
-- runs
create user "IAMR:corpus-load" password disable
-- refused: PASSWORD
create user corpus_bad
-- refused: Password must be
create user corpus_bad password 'short'
-- refused: syntax error
create user corpus_bad password 'Corpus123' login
-- runs
grant usage on schema analytics to role corpus_analyst
-- runs
grant select on all tables in schema analytics to role corpus_analyst
-- runs
grant role corpus_analyst to corpus_user
-- runs
grant select on analytics.t to group corpus_group
-- runs
grant select, insert on table analytics.t to "IAMR:corpus-load"
-- gives: true
select has_assumerole_privilege('corpus_user', 'arn:aws:iam::000000000000:role/copy', 'copy')
-- runs
revoke assumerole on all from public for all
-- gives: false
select has_assumerole_privilege('corpus_user', 'arn:aws:iam::000000000000:role/copy', 'copy')
-- runs
grant assumerole on 'arn:aws:iam::000000000000:role/copy' to role corpus_analyst, group corpus_group for copy, unload
-- gives: true | false
select has_assumerole_privilege('corpus_user', 'arn:aws:iam::000000000000:role/copy', 'copy'), has_assumerole_privilege('corpus_user', 'arn:aws:iam::000000000000:role/other', 'copy')
-- refused: does not exist
grant assumerole on all to corpus_nobody for all
-- refused: syntax error
grant assumerole on all to corpus_user for select
-- runs
revoke assumerole on all from corpus_user, role corpus_analyst, group corpus_group for all
-- runs
grant assumerole on all to public for all
-- runs
alter default privileges in schema analytics grant select on tables to role corpus_analyst
-- runs
alter default privileges in schema analytics revoke select on tables from role corpus_analyst
-- runs
revoke create on schema public from public
-- gives: true | false
select has_table_privilege('IAMR:corpus-load', 'analytics.t', 'insert'), has_table_privilege('IAMR:corpus-load', 'analytics.t', 'delete')
-- gives: true
select pg_has_role('corpus_user', 'corpus_analyst', 'member')
-- gives: 1
select count(*) from svv_roles where role_name = 'corpus_analyst'
-- gives: 1
select count(*) from pg_user where usename = 'IAMR:corpus-load'
-- unsupported: privilege DROP
grant drop on table analytics.t to corpus_user
-- runs
alter user corpus_user password 'Corpus456' createdb
-- runs
alter user corpus_user set search_path to analytics
-- runs
alter group corpus_group drop user corpus_user
-- refused: permission denied
set session authorization corpus_user
-- refused: permission denied
set role corpus_user
-- refused: permission denied
reset session authorization
-- refused: permission denied
reset all
-- refused: DISCARD
discard all
-- unsupported: EXECUTE
create procedure p() as $$ begin execute 'reset session authorization'; end; $$ language plpgsql
-- runs
set search_path to analytics, public
-- runs
set query_group to 'etl'
-- runs
set statement_timeout to 60000
-- runs
set enable_result_cache_for_session to off
-- runs
set timezone to 'UTC'
-- runs
show timezone
-- unsupported: enable_case_sensitive_identifier
set enable_case_sensitive_identifier to true
-- refused: unrecognized configuration parameter
set work_mem to '1GB'
-- runs
revoke all on all tables in schema analytics from role corpus_analyst
-- runs
drop table analytics.t
-- runs
drop schema analytics cascade
-- runs
drop user corpus_user
-- runs
drop user "IAMR:corpus-load"
-- runs
drop group corpus_group
-- runs
drop role corpus_analyst force
-- refused: set_config
select pg_catalog.set_config('session_authorization', 'admin', false)
-- refused: set_config
select "set_config"('session_authorization', 'admin', false)
-- refused: U&
select U&"s\0065t_config"('role', 'admin', false)
-- refused: pg_settings
update pg_settings set setting = 'admin' where name = 'session_authorization'
-- refused: query_to_xml
select query_to_xml('select 1', true, true, '')
-- refused: permission denied
create procedure p() as 'begin set session authorization admin; end' language plpgsql
-- refused: permission denied
create procedure p() as $$ begin set local role admin; end $$ language plpgsql
-- unsupported: a routine with SET
create function g() returns int as $$ select 1 $$ language sql set session_authorization to admin
-- unsupported: EXECUTE
create procedure p() as $$ begin execute 'reset ' || 'role'; end $$ language plpgsql
-- refused: language
create function g() returns int as 'set_config_by_name' language internal
-- runs
create function g() returns int stable as 'select 1' language sql
-- refused: syntax error
alter function g() set session_authorization to admin
-- runs
alter function g() owner to admin
-- refused: syntax error
alter database dev set role to admin
