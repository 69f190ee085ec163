SELECT view.name, view.units, line.units AS expected_units, view.revenue, line.revenue AS expected_revenue
FROM (
    SELECT 'revenue_by_month' AS name, SUM(units) AS units, SUM(net_revenue) AS revenue
    FROM analytics.revenue_by_month
    UNION ALL
    SELECT 'revenue_by_country', SUM(units), SUM(net_revenue)
    FROM analytics.revenue_by_country
    UNION ALL
    SELECT 'revenue_by_month_country', SUM(units), SUM(net_revenue)
    FROM analytics.revenue_by_month_country
    UNION ALL
    SELECT 'top_items', SUM(net_quantity), SUM(net_revenue)
    FROM analytics.top_items
) AS view
CROSS JOIN (
    SELECT SUM(quantity) AS units, SUM(quantity * unit_price) AS revenue
    FROM retail.sales_line
) AS line
WHERE view.units <> line.units OR view.revenue <> line.revenue
