-- Sales in a person's name ($consumer): of its declaration, or of an order that was not declared (yet), or for somebody
-- else. `state` is that of quota-sales where the sale takes part in the person's limit.
WITH mine AS (
    SELECT
        sale.*,
        coalesce(declared_consumer_key, consumer_key) = $consumer AS in_name
    FROM consumer_sales AS sale
),
told AS (
    SELECT sale_id, min(platform_name) AS platform_name, min(merchant_name) AS merchant_name
    FROM (
        SELECT ebpCode || '|' || orderNo AS sale_id, ebpName AS platform_name, ebcName AS merchant_name FROM orders
        UNION ALL
        SELECT ebpCode || '|' || orderNo, ebpName, ebcName FROM inventories
    )
    WHERE sale_id IN (SELECT sale_id FROM mine)
    GROUP BY sale_id
),
register AS (
    SELECT coalesce(code_map.canonical, current_enterprises.code) AS code, min(name) AS name
    FROM current_enterprises
    LEFT JOIN code_map ON code_map.code = current_enterprises.code
    GROUP BY ALL
),
sites AS (
    SELECT siteCode AS code, min(name) AS name FROM current_business_sites GROUP BY siteCode
)
SELECT
    mine.sale_id, mine.order_no,
    mine.platform, coalesce(of_platform.name, told.platform_name) AS platform_name,
    mine.merchant, coalesce(of_merchant.name, told.merchant_name) AS merchant_name,
    mine.agent, of_agent.name AS agent_name,
    mine.site_code AS site, sites.name AS site_name,
    mine.trade_mode, mine.invt_no,
    local_day(mine.order_time) AS ordered, local_day(mine.pay_time) AS paid, mine.decl_date AS declared,
    CASE
        WHEN mine.inventories = 0 THEN 'not declared'
        WHEN NOT mine.in_name THEN 'declared for another'
        ELSE quota.state
    END AS state,
    mine.receipt_status, coalesce(mine.refunded, false) AS returned,
    coalesce(quota.dutiable, mine.dutiable_value) AS dutiable,
    coalesce(quota.given_back, 0) AS given_back,
    coalesce(CASE WHEN mine.in_name THEN quota.counted END, 0) AS counted,
    mine.tax_total AS tax, coalesce(mine.amount_paid, mine.actural_paid) AS amount_paid, mine.currency
FROM mine
LEFT JOIN quota_sales AS quota ON quota.sale_id = mine.sale_id AND quota.consumer = $consumer
LEFT JOIN told ON told.sale_id = mine.sale_id
LEFT JOIN register AS of_platform ON of_platform.code = mine.platform
LEFT JOIN register AS of_merchant ON of_merchant.code = mine.merchant
LEFT JOIN register AS of_agent ON of_agent.code = mine.agent
LEFT JOIN sites ON sites.code = mine.site_code
WHERE $year IS NULL OR year(coalesce(mine.decl_date, mine.first_date)) = $year
ORDER BY coalesce(mine.decl_date, mine.first_date), mine.sale_id
