-- Every sale that tallies may look at: those of the ledger and those at hand (additional_sales, empty in batch), with
-- the codes that stand for firms (code_map). A sale that names no platform cannot be told from another, and stays out.
SELECT
    sale_id,
    coalesce(of_platform.canonical, ebp_code) AS platform,
    coalesce(of_merchant.canonical, ebc_code, of_platform.canonical, ebp_code) AS merchant,
    coalesce(of_agent.canonical, agent_code) AS agent,
    pay_code,
    coalesce(of_company.canonical, pay_code) AS company,
    consumer_key, buyer_phone_key, payer_phone_key, consignee_phone_key, address_key,
    first_date, last_date, orders, payments, waybills, inventories, cancelled,
    coalesce(actural_paid, goods_value, amount_paid, 0) AS worth,
    missing, differences, unjudgeable, chapters
FROM (SELECT * FROM main.transactions UNION ALL BY NAME SELECT * FROM additional_sales) AS every_sale
LEFT JOIN code_map AS of_platform ON of_platform.code = ebp_code
LEFT JOIN code_map AS of_merchant ON of_merchant.code = ebc_code
LEFT JOIN code_map AS of_agent ON of_agent.code = agent_code
LEFT JOIN code_map AS of_company ON of_company.code = pay_code
WHERE ebp_code IS NOT NULL
