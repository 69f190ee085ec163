-- runs
create table t (a int, b varchar(8))
-- runs
copy t from 's3://bucket/data.csv' iam_role default csv
-- runs
copy t (a, b) from 's3://bucket/data.csv' iam_role 'arn:aws:iam::000000000000:role/copy' format as csv delimiter ',' quote as '"' ignoreheader 1 null as 'x' timeformat 'auto' dateformat 'auto' maxerror 10 acceptinvchars as '?' emptyasnull blanksasnull roundec truncatecolumns fillrecord trimblanks ignoreblanklines compupdate off statupdate off region 'us-east-1' encoding utf8
-- runs
copy t from 's3://bucket/data.csv' iam_role default delimiter ',' escape
-- gives: 5
select count(*) from t
-- refused: nonexistent table nothing
copy nothing from 's3://bucket/data.csv' iam_role default csv
-- refused: does not exist
copy t (a, z) from 's3://bucket/data.csv' iam_role default csv
-- refused: IAM_ROLE
copy t from 's3://bucket/data.csv' csv
-- refused: Invalid IAM role
copy t from 's3://bucket/data.csv' iam_role 'copy' csv
-- refused: ESCAPE
copy t from 's3://bucket/data.csv' iam_role default csv escape
-- refused: does not exist
copy t from 's3://bucket/none' iam_role default csv
-- refused: Load into table 't' failed
copy t from 's3://bucket/data.csv' iam_role default
-- refused: MAXERROR
copy t from 's3://bucket/data.csv' iam_role default csv maxerror 100001
-- refused: syntax error
copy t from 's3://bucket/data.csv' iam_role default csv turbo
-- unsupported: PARQUET
copy t from 's3://bucket/data.parquet' iam_role default format as parquet
-- refused: data.csv
copy t from 's3://bucket/data.csv' iam_role default csv zstd
-- refused: not compatible
copy t from 's3://bucket/data.csv' iam_role default csv gzip zstd
-- unsupported: FIXEDWIDTH
copy t from 's3://bucket/data.csv' iam_role default fixedwidth 'a:1,b:1'
-- unsupported: CREDENTIALS
copy t from 's3://bucket/data.csv' credentials 'aws_iam_role=x' csv
-- unsupported: dynamodb
copy t from 'dynamodb://t' iam_role default
-- refused: syntax error
copy t from stdin
-- refused: syntax error
copy t to 's3://bucket/x' iam_role default
-- runs
unload ('select * from t where b = ''a'' order by a') to 's3://bucket/out/a_' iam_role default format as csv header gzip manifest parallel off
-- refused: not empty
unload ('select * from t') to 's3://bucket/out/a_' iam_role default csv
-- runs
unload ('select * from t') to 's3://bucket/out/a_' iam_role default csv allowoverwrite
-- unsupported: UNLOAD without FORMAT CSV or PARQUET
unload ('select * from t') to 's3://bucket/out/b_' iam_role default
-- runs
unload ('select * from t') to 's3://bucket/out/c_' iam_role default format as parquet manifest verbose rowgroupsize 64 mb
-- refused: PARQUET is not compatible with GZIP
unload ('select * from t') to 's3://bucket/out/b_' iam_role default format parquet gzip
-- refused: ROWGROUPSIZE must be between
unload ('select * from t') to 's3://bucket/out/b_' iam_role default format parquet rowgroupsize 1 gb
-- refused: LIMIT
unload ('select * from t limit 10') to 's3://bucket/out/b_' iam_role default parquet
-- unsupported: PARTITION
unload ('select * from t') to 's3://bucket/out/b_' iam_role default parquet partition by (a)
-- refused: syntax error
unload ('delete from t') to 's3://bucket/out/b_' iam_role default csv
-- gives: completed
select status from sys_load_history order by query_id limit 1
-- gives: 1214
select err_code from stl_load_errors limit 1
-- unsupported: IGNOREALLERRORS
copy t from 's3://bucket/data.csv' iam_role default csv ignoreallerrors
-- runs
copy t from 's3://bucket/data.csv' iam_role default csv comprows 1000
-- runs
copy t from 's3://bucket/data.csv' iam_role default delimiter '\054' null as '\N'
