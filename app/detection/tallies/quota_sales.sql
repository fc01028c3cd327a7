/*
id: quota-sales
meaning: >-
  What each declared sale takes from the yearly limit of the person in whose name it was declared: the dutiable value
  (price, freight, insurance) of an accepted declaration, less what accepted cancels (all of it) and returns (the
  pieces returned; the freight with the last of them) gave back. Where customs answered, the last answer counts; a
  declaration without any answer counts until there is one. Amounts in a foreign currency are not counted.
reads: [quota_returns]
parameters:
  - name: accepted
    default: ["120", "300", "500", "501", "502", "503", "599", "800", "899"]
    unit: return codes
    meaning: >-
      Last answers with which a declaration counts. Not those on its way (1 to 4), rejected (100), closed (399) or
      sent back out of the country (700), nor errors (negative).
    source: Design of rules, quota; receipt statuses of the interface specification.
    holds_from: 2016-04-08
*/
WITH declared AS (
    SELECT
        sale_id, platform, decl_date,
        coalesce(declared_consumer_key, consumer_key) AS consumer,
        -- Declared again after a refusal, or in parts: together no more than the order. Below nothing is a mistake
        -- that must give nobody more than the limit.
        greatest(
            CASE WHEN inventories > 1 THEN least(dutiable_value, goods_value + freight) ELSE dutiable_value END, 0
        ) AS dutiable,
        pieces,
        CASE
            WHEN cancelled THEN 'cancelled'
            WHEN NOT list_contains($accepted, receipt_status) THEN 'not accepted'
            WHEN currency <> '142' OR list_contains(unjudgeable, 'line_total') THEN 'foreign'
            WHEN receipt_status IS NULL THEN 'pending'
            ELSE 'accepted'
        END AS state
    FROM consumer_sales
    WHERE inventories > 0 AND decl_date <= $until AND coalesce(declared_consumer_key, consumer_key) IS NOT NULL
),
counted AS (
    SELECT
        declared.*,
        CASE
            WHEN state = 'cancelled' THEN dutiable
            WHEN state NOT IN ('accepted', 'pending') OR back.sale_id IS NULL THEN 0
            WHEN back.pieces >= declared.pieces THEN dutiable
            ELSE least(back.value, dutiable)
        END AS given_back
    FROM declared
    LEFT JOIN quota_returns AS back ON back.sale_id = declared.sale_id
)
SELECT
    sale_id, consumer, platform, CAST(year(decl_date) AS INTEGER) AS year, decl_date, state,
    money(dutiable) AS dutiable, money(given_back) AS given_back,
    money(CASE WHEN state IN ('accepted', 'pending', 'cancelled') THEN dutiable - given_back ELSE 0 END) AS counted,
    quota_days.annual AS annual_limit, quota_days.single AS single_limit,
    pieces IS DISTINCT FROM 1 AND state IN ('accepted', 'pending')
        AND coalesce(dutiable - given_back > quota_days.single, false) AS over_single
FROM counted
LEFT JOIN quota_days ON quota_days.day = counted.decl_date
