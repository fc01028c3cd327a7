/*
id: identity-orders
meaning: >-
  What each consumer bought in the window: sales, platforms, the first of these by code; of the sales whose buyer's
  phone is known and no privacy number, the phones, and the platforms on which one of several phones was first used;
  reports that a sale was not theirs or used their quota.
reads: [virtual_phones]
parameters: []
*/
WITH bought AS (
    SELECT
        consumer_key AS consumer, platform,
        CASE WHEN virtual_phones.phone IS NULL THEN buyer_phone_key END AS phone,
        count(*) AS sales, min(first_date) AS day
    FROM sales
    LEFT JOIN virtual_phones ON virtual_phones.phone = buyer_phone_key
    WHERE consumer_key IS NOT NULL
    GROUP BY consumer_key, platform, CASE WHEN virtual_phones.phone IS NULL THEN buyer_phone_key END
),
totals AS (
    SELECT
        consumer, CAST(sum(sales) AS BIGINT) AS sales, count(DISTINCT platform) AS platforms,
        min(platform) AS first_platform,
        CAST(coalesce(sum(sales) FILTER (WHERE phone IS NOT NULL), 0) AS BIGINT) AS orders,
        count(DISTINCT phone) AS phones
    FROM bought
    GROUP BY consumer
),
first_uses AS (
    SELECT consumer, platform, row_number() OVER (PARTITION BY consumer, phone ORDER BY day, platform) AS place
    FROM bought
    WHERE phone IS NOT NULL AND consumer IN (SELECT consumer FROM totals WHERE phones > 1)
),
spread AS (
    SELECT consumer, count(DISTINCT platform) AS platforms FROM first_uses WHERE place = 1 GROUP BY consumer
),
reports AS (
    SELECT buyerIdNumber_key AS consumer, count(*) AS reports
    FROM current_consumer_reports
    WHERE kind IN ('not_my_order', 'quota_used')
      AND local_day(reportedAt) <= $until AND ($since IS NULL OR local_day(reportedAt) > $since)
    GROUP BY buyerIdNumber_key
)
SELECT
    totals.consumer, totals.sales, totals.platforms, totals.first_platform, totals.orders, totals.phones,
    coalesce(spread.platforms, least(totals.phones, 1)) AS phone_platforms, coalesce(reports.reports, 0) AS reports
FROM totals
LEFT JOIN spread ON spread.consumer = totals.consumer
LEFT JOIN reports ON reports.consumer = totals.consumer
ORDER BY totals.consumer
