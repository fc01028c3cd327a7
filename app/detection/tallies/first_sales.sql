/*
id: first-sales
meaning: The first day of any sale that platform, merchant, agent, payment company, carrier and warehouse made together.
reads: []
parameters: []
*/
SELECT platform, merchant, agent, company, carrier, warehouse, min(first_date) AS first_date
FROM all_sales
WHERE last_date <= $until
  AND is_asked(platform, merchant, agent)
GROUP BY ALL
ORDER BY ALL
