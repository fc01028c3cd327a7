-- How many sales those who took part in them together declared on some days (both included).
SELECT platform, merchant, agent, company, carrier, warehouse, count(*) AS sales
FROM every_sale
WHERE decl_date BETWEEN $first AND $last AND inventories > 0
GROUP BY ALL
ORDER BY ALL
