SELECT event_id, invoice_no, COUNT(*) AS copies
FROM retail.sales_line
GROUP BY event_id, invoice_no
HAVING COUNT(*) > 1
