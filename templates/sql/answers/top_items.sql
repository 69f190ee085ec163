SELECT item_code, description, net_quantity, net_revenue
FROM analytics.top_items
WHERE is_product = 1
ORDER BY net_quantity DESC, item_code
LIMIT 10;
