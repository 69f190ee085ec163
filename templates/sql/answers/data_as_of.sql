SELECT data_as_of, first_order, last_order, order_lines
FROM analytics.data_as_of;
