-- Every sale that tallies may look at, with all that the ledger says of it: those of the ledger and those at hand
-- (additional_sales, empty in batch), with the codes that stand for firms (code_map). A sale that names no platform
-- cannot be told from another, and stays out. A view: whoever reads three columns pays for three.
SELECT
    sale.*,
    coalesce(of_platform.canonical, ebp_code) AS platform,
    coalesce(of_merchant.canonical, ebc_code, of_platform.canonical, ebp_code) AS merchant,
    coalesce(of_agent.canonical, agent_code) AS agent,
    coalesce(of_company.canonical, pay_code) AS company,
    coalesce(of_carrier.canonical, logistics_code) AS carrier,
    coalesce(of_warehouse.canonical, area_code) AS warehouse
FROM (SELECT * FROM main.transactions UNION ALL BY NAME SELECT * FROM additional_sales) AS sale
LEFT JOIN code_map AS of_platform ON of_platform.code = ebp_code
LEFT JOIN code_map AS of_merchant ON of_merchant.code = ebc_code
LEFT JOIN code_map AS of_agent ON of_agent.code = agent_code
LEFT JOIN code_map AS of_company ON of_company.code = pay_code
LEFT JOIN code_map AS of_carrier ON of_carrier.code = logistics_code
LEFT JOIN code_map AS of_warehouse ON of_warehouse.code = area_code
WHERE ebp_code IS NOT NULL
