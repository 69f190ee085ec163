SELECT view.name, view.orders, basket.orders AS expected_orders
FROM (
    SELECT 'revenue_by_month' AS name, SUM(orders) AS orders
    FROM analytics.revenue_by_month
    UNION ALL
    SELECT 'revenue_by_country', SUM(orders)
    FROM analytics.revenue_by_country
    UNION ALL
    SELECT 'cancellations', SUM(orders)
    FROM analytics.cancellations
    UNION ALL
    SELECT 'baskets_by_month', SUM(orders)
    FROM analytics.baskets_by_month
) AS view
CROSS JOIN (
    SELECT COUNT(*) AS orders
    FROM analytics.baskets
) AS basket
WHERE view.orders <> basket.orders
