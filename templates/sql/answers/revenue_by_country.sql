SELECT country, orders, units, net_revenue
FROM analytics.revenue_by_country
ORDER BY net_revenue DESC, country
LIMIT 5;
