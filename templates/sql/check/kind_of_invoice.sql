SELECT event_id, invoice_no, kind
FROM retail.sales_line
WHERE kind <> CASE
    WHEN invoice_no ~ '^[Cc][0-9]+$' THEN 'cancellation'
    WHEN invoice_no ~ '^[Aa][0-9]+$' THEN 'adjustment'
    ELSE 'sale'
END
