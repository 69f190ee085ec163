SELECT line.event_id, line.invoice_no, line.load_id
FROM retail.sales_line AS line
LEFT JOIN etl.load AS load ON load.load_id = line.load_id
WHERE load.load_id IS NULL
