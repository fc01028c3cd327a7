/*
id: consumer-quota
meaning: >-
  What a person used of the limit of a calendar year (of the declarations): value counted and given back, sales that
  count, and orders above the single limit that held more than one item.
reads: [quota_sales]
parameters: []
*/
SELECT
    consumer, year,
    money(sum(counted)) AS used,
    money(sum(given_back)) AS given_back,
    min(platform) AS platform,  -- one of theirs, so that people can be counted by platform
    count(*) FILTER (WHERE counted > 0) AS sales,
    count(*) FILTER (WHERE over_single) AS over_single,
    min(annual_limit) AS annual_limit
FROM quota_sales
GROUP BY consumer, year
