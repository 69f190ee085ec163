SELECT ledger.rows_inserted, warehouse.order_lines
FROM (SELECT COALESCE(SUM(rows_inserted), 0) AS rows_inserted FROM etl.load) AS ledger
CROSS JOIN (SELECT COUNT(*) AS order_lines FROM retail.sales_line) AS warehouse
WHERE ledger.rows_inserted <> warehouse.order_lines
