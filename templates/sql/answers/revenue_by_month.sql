SELECT month, is_complete, orders, units, gross_revenue, cancelled_revenue, net_revenue
FROM analytics.revenue_by_month
ORDER BY month;
