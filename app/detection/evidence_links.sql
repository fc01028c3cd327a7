-- Phones and addresses that several people use, with the platforms they were used on: one row a circle, consumer and platform.
-- Identifiers held by exactly the same people (a couple's phone and their address) are one circle: the same two people are
-- counted once. Hubs, and identifiers that the caller marks (virtual numbers, lockers, stations), join nobody.
WITH sales AS (
    SELECT ebp_code AS platform, consumer_key AS consumer,
           buyer_phone_key, payer_phone_key, consignee_phone_key, address_key
    FROM transactions
    WHERE ebp_code IS NOT NULL AND consumer_key IS NOT NULL
      AND ($since IS NULL OR last_date > $since)
      AND ($until IS NULL OR last_date <= $until)
),
uses AS MATERIALIZED (
    SELECT DISTINCT * FROM (
        SELECT 'phone' AS kind, buyer_phone_key AS identifier, consumer, platform FROM sales
        UNION ALL
        SELECT 'phone', payer_phone_key, consumer, platform FROM sales
        UNION ALL
        SELECT 'phone', consignee_phone_key, consumer, platform FROM sales
        UNION ALL
        SELECT 'address', address_key, consumer, platform FROM sales
    ) AS roles
    WHERE identifier IS NOT NULL
),
people AS (
    SELECT kind, identifier, count(DISTINCT consumer) AS people FROM uses GROUP BY kind, identifier
),
caps AS (
    SELECT kind, percentile_disc($hub_quantile) WITHIN GROUP (ORDER BY people) AS cap FROM people GROUP BY kind
),
shared AS (
    SELECT people.kind, people.identifier
    FROM people
    JOIN caps ON caps.kind = people.kind
    LEFT JOIN joins_nobody ON joins_nobody.kind = people.kind AND joins_nobody.identifier = people.identifier
    WHERE people.people >= 2 AND people.people <= greatest(caps.cap, $hub_floor) AND joins_nobody.identifier IS NULL
),
holders AS (
    SELECT kind, identifier, list(consumer ORDER BY consumer) AS consumers
    FROM (SELECT DISTINCT kind, identifier, consumer FROM uses JOIN shared USING (kind, identifier)) AS pairs
    GROUP BY kind, identifier
),
circles AS (
    SELECT kind, identifier, min(identifier) OVER (PARTITION BY consumers) AS circle FROM holders
)
SELECT DISTINCT circle, consumer, platform
FROM uses JOIN circles USING (kind, identifier)
