/*
id: returned-sales
meaning: >-
  Declared sales: whether customs accepted that they were taken back (cancelled or returned), whether the same consumer
  declared again within days after that (NULL where nothing was taken back), and how many sales of an ordinary week each
  counts for, by what other platforms see taken back of that week's sales.
reads: []
parameters:
  - name: reuse_days
    default: 15
    unit: days
    meaning: A declaration of the same consumer so many days after the application uses the quota that it gave back.
    source: Quota is given back when customs accepts; who frees it to use it does so at once.
    holds_from: 2019-01-01
  - name: steady
    default: 500
    unit: sales
    meaning: Sales at the usual share that are added to every week, so that a thin week says little about the season.
    source: At one sale in a hundred taken back, five hundred give five.
    holds_from: 2019-01-01
*/
WITH freed AS (
    SELECT sale_id, min(day) AS day
    FROM (
        SELECT ebpCode || '|' || orderNo AS sale_id, local_day(appTime) AS day FROM current_cancels
        UNION ALL
        SELECT ebpCode || '|' || orderNo, local_day(appTime) FROM current_refunds
    ) AS applications
    GROUP BY sale_id
),
declared AS (
    SELECT
        sale_id, platform, merchant, consumer_key, decl_date, date_trunc('week', decl_date) AS week,
        coalesce(cancelled, false) OR coalesce(refunded, false) AS returned
    FROM window_sales
    WHERE inventories > 0 AND decl_date IS NOT NULL
),
of_platform AS (
    SELECT platform, week, count(*) AS sales, count(*) FILTER (WHERE returned) AS returned
    FROM declared
    GROUP BY platform, week
),
of_week AS (SELECT week, sum(sales) AS sales, sum(returned) AS returned FROM of_platform GROUP BY week),
usual AS (SELECT greatest(sum(returned), 1) / sum(sales) AS share FROM of_week),
season AS (
    SELECT
        platform, week,
        CAST(
            (of_week.returned - of_platform.returned + $steady * usual.share)
            / (of_week.sales - of_platform.sales + $steady) / usual.share AS DECIMAL(12, 6)
        ) AS weeks_worth
    FROM of_platform
    JOIN of_week USING (week)
    CROSS JOIN usual
),
back AS (
    SELECT sale_id, consumer_key, coalesce(freed.day, decl_date) AS day
    FROM declared
    LEFT JOIN freed USING (sale_id)
    WHERE returned
),
reused AS (
    SELECT DISTINCT back.sale_id
    FROM back
    JOIN every_sale AS again
        ON again.consumer_key = back.consumer_key
        AND again.decl_date BETWEEN back.day AND back.day + CAST($reuse_days AS INTEGER)
        AND again.sale_id <> back.sale_id
)
SELECT
    sale_id AS id, platform, merchant, returned, weeks_worth,
    CASE WHEN returned THEN reused.sale_id IS NOT NULL END AS reused
FROM declared
JOIN season USING (platform, week)
LEFT JOIN reused USING (sale_id)
WHERE platform IN (SELECT key FROM keys) OR merchant IN (SELECT key FROM keys)
