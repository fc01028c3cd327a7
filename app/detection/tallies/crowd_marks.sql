/*
id: crowd-marks
meaning: >-
  On which platform, chapter of goods or stretch of days the identities of a crowd come together: how many of them, of
  how many (an identity counts once a platform, chapter or stretch), beside what the sales of everybody show. Only where
  a crowd shows it more than everybody does.
reads: [crowd_uses]
parameters:
  - name: days
    default: 14
    unit: days
    meaning: Length of a stretch of days.
    source: What is bought for one shipment is bought within two weeks.
    holds_from: 2019-01-01
*/
WITH everybody AS (
    SELECT 'platform' AS mark, platform AS value, count(*) AS sales FROM sales GROUP BY platform
    UNION ALL
    SELECT 'goods', chapter, count(*)
    FROM (SELECT unnest(chapters) AS chapter FROM sales) AS parts
    GROUP BY chapter
    UNION ALL
    SELECT 'days', stretch, count(*)
    FROM (SELECT CAST(first_date - CAST(date_diff('day', DATE '2000-01-03', first_date) % $days AS INTEGER) AS VARCHAR) AS stretch FROM sales) AS dated
    GROUP BY stretch
),
market AS (
    SELECT
        mark, value, sales, CAST(sum(sales) OVER (PARTITION BY mark) AS BIGINT) AS of_sales,
        count(*) OVER (PARTITION BY mark) AS choices
    FROM everybody
),
marked AS (
    SELECT label, key, consumer, 'platform' AS mark, platform AS value FROM crowd_uses
    UNION
    SELECT label, key, consumer, 'goods', unnest(chapters) FROM crowd_uses
    UNION
    SELECT label, key, consumer, 'days', CAST(first_date - CAST(date_diff('day', DATE '2000-01-03', first_date) % $days AS INTEGER) AS VARCHAR) FROM crowd_uses
),
counts AS (
    SELECT label, key, mark, value, count(*) AS identities FROM marked GROUP BY label, key, mark, value
),
shares AS (
    SELECT *, CAST(sum(identities) OVER (PARTITION BY label, key, mark) AS BIGINT) AS of_identities FROM counts
)
SELECT
    shares.label, shares.key, shares.mark, shares.value, shares.identities, shares.of_identities,
    market.sales, market.of_sales, market.choices
FROM shares
JOIN market ON market.mark = shares.mark AND market.value = shares.value
WHERE shares.identities > 1 AND shares.identities * market.of_sales > shares.of_identities * market.sales
ORDER BY shares.label, shares.key, shares.mark, shares.value
