SELECT month, is_complete, orders, cancellations, cancellation_rate, cancelled_revenue
FROM analytics.cancellations
ORDER BY month;
