-- First and last day on which an enterprise took part in a current sale, in each of its parts.
SELECT platform AS code, min(first_date) AS first_date, max(last_date) AS last_date FROM sale GROUP BY platform
UNION ALL
SELECT merchant, min(first_date), max(last_date) FROM sale GROUP BY merchant
UNION ALL
SELECT payment_company, min(first_date), max(last_date) FROM sale GROUP BY payment_company
UNION ALL
SELECT logistics, min(first_date), max(last_date) FROM sale GROUP BY logistics
UNION ALL
SELECT agent, min(first_date), max(last_date) FROM sale GROUP BY agent
UNION ALL
SELECT warehouse, min(first_date), max(last_date) FROM sale GROUP BY warehouse
UNION ALL
SELECT guarantor, min(first_date), max(last_date) FROM sale GROUP BY guarantor
