SELECT load_id, rows_staged, rows_inserted, rows_replaced, duplicates
FROM etl.load
WHERE rows_staged <> rows_inserted + rows_replaced + duplicates
