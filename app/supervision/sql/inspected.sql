-- Every inspection of some days that belongs to a known sale.
SELECT inspection, sale_id, kind, selection, day, chosen_on, found, platform, merchant, agent, company, carrier, warehouse
FROM inspected_sales
ORDER BY inspection
