-- Platforms about a payment of which the payment authority has said something.
SELECT DISTINCT platform FROM answered_payments WHERE platform IS NOT NULL ORDER BY platform
