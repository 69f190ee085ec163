SELECT event_id, invoice_no, quantity, unit_price
FROM retail.sales_line
WHERE kind = 'sale' AND quantity < 0 AND unit_price <> 0
