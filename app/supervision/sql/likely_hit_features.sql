/*
parameters:
  - name: kinds
    default: [not_my_order, quota_used]
    unit: kinds of reports
    meaning: Reports that say that an identity was used without its owner.
    source: Data contract, consumer_reports.
    holds_from: 2019-01-01
  - name: around_days
    default: 180
    unit: days
    meaning: Sales so long before and after the reported ones are looked at.
    source: Identities that were bought are used up within a season of sale days; half a year holds two of them.
    holds_from: 2019-01-01
  - name: near_days
    default: 7
    unit: days
    meaning: A sale on the same platform so near to a reported one is of the same days.
    source: Forged sales are pushed in batches of days; honest customers come all the year.
    holds_from: 2019-01-01
  - name: hub_people
    default: 30
    unit: people
    meaning: A phone or an address of more people than that joins nobody.
    source: Lockers, stations and relayed numbers serve hundreds; forgers' contacts tens.
    holds_from: 2019-01-01
*/
-- Everybody with a sale around the reported ones: what their use has in common with the reported use, and whether they
-- reported themselves. `place`: 2 same platform on the same days, 1 same platform, 0 neither.
WITH report AS (
    SELECT
        buyerIdNumber_key AS person, local_day(reportedAt) AS day, coalesce(code_map.canonical, ebpCode) AS platform,
        CASE WHEN ebpCode IS NOT NULL AND orderNo IS NOT NULL THEN ebpCode || '|' || orderNo END AS sale_id
    FROM current_consumer_reports
    LEFT JOIN code_map ON code_map.code = ebpCode
    WHERE reportId = $report
),
sold AS (
    SELECT
        sale_id, coalesce(declared_consumer_key, consumer_key) AS person, platform, company, last_date AS day, address_key,
        buyer_phone_key, payer_phone_key, consignee_phone_key
    FROM every_sale
    WHERE coalesce(declared_consumer_key, consumer_key) IS NOT NULL
),
reported AS (
    SELECT sold.*
    FROM sold
    CROSS JOIN report
    WHERE CASE
        WHEN report.sale_id IS NOT NULL THEN sold.sale_id = report.sale_id
        ELSE sold.person = report.person AND (report.platform IS NULL OR sold.platform = report.platform)
            AND sold.day BETWEEN report.day - $around_days AND report.day
    END
),
around AS (
    SELECT sold.*
    FROM sold
    WHERE day BETWEEN (SELECT min(day) FROM reported) - $around_days AND (SELECT max(day) FROM reported) + $around_days
),
phones AS (
    SELECT DISTINCT unnest([buyer_phone_key, payer_phone_key, consignee_phone_key]) AS key FROM reported
),
addresses AS (SELECT DISTINCT address_key AS key FROM reported),
on_phone AS (
    SELECT DISTINCT phones.key, around.person, around.sale_id
    FROM around
    JOIN phones ON phones.key IN (around.buyer_phone_key, around.payer_phone_key, around.consignee_phone_key)
),
at_address AS (
    SELECT DISTINCT addresses.key, around.person, around.sale_id
    FROM around
    JOIN addresses ON addresses.key = around.address_key
),
shared AS (
    SELECT sale_id, 'phone' AS what FROM on_phone
    WHERE key IN (SELECT key FROM on_phone GROUP BY key HAVING count(DISTINCT person) <= $hub_people)
    UNION
    SELECT sale_id, 'address' FROM at_address
    WHERE key IN (SELECT key FROM at_address GROUP BY key HAVING count(DISTINCT person) <= $hub_people)
),
days AS (
    SELECT DISTINCT platform, CAST(unnest(generate_series(day - $near_days, day + $near_days, INTERVAL 1 DAY)) AS DATE) AS day
    FROM reported
)
SELECT
    around.person,
    max(CASE
        WHEN days.day IS NOT NULL THEN 2
        WHEN around.platform IN (SELECT platform FROM reported) THEN 1
        ELSE 0
    END) AS place,
    bool_or(around.sale_id IN (SELECT sale_id FROM shared WHERE what = 'phone')) AS phone,
    bool_or(around.sale_id IN (SELECT sale_id FROM shared WHERE what = 'address')) AS address,
    bool_or(around.company IN (SELECT company FROM reported WHERE company IS NOT NULL)) AS company,
    around.person IN (
        SELECT buyerIdNumber_key FROM current_consumer_reports WHERE list_contains($kinds, kind)
    ) AS reported,
    list(around.sale_id ORDER BY around.sale_id) FILTER (
        WHERE days.day IS NOT NULL OR around.sale_id IN (SELECT sale_id FROM shared)
    ) AS sales
FROM around
LEFT JOIN days ON days.platform = around.platform AND days.day = around.day
WHERE around.person NOT IN (SELECT person FROM reported) AND around.person NOT IN (SELECT person FROM report)
GROUP BY around.person
