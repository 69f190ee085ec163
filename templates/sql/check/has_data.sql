SELECT order_lines
FROM analytics.data_as_of
WHERE order_lines = 0
