SELECT event_id, invoice_no, invoice_ts, ingested_at
FROM retail.sales_line
WHERE invoice_ts > DATEADD(day, 1, ingested_at)
