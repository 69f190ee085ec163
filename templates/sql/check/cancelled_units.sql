SELECT event_id, invoice_no, quantity, unit_price
FROM retail.sales_line
WHERE kind = 'cancellation' AND quantity > 0
