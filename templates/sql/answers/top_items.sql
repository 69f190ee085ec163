SELECT stock_code, description, net_quantity, net_revenue
FROM analytics.top_items
ORDER BY net_quantity DESC, stock_code
LIMIT 10;
