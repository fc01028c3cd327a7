/*
id: signing-bursts
meaning: >-
  Minutes in which a carrier had parcels of one platform signed for at many different addresses: far more than the
  platform's rhythm of that day gives, and without the parcels of others that a batch of all the carrier's statuses
  would bring along.
reads: []
parameters:
  - name: parcels
    default: 10
    unit: addresses
    meaning: Parcels to fewer different addresses within one minute are no burst.
    source: Couriers of one platform's parcels may hand over several at once; a station is one address.
    holds_from: 2019-01-01
  - name: rhythm
    default: 10
    unit: times
    meaning: A burst is so many times what the platform's other parcels of that day come to in a minute.
    source: Evening and sale days raise a minute by two or three times, not by ten.
    holds_from: 2019-01-01
  - name: minutes
    default: 720
    unit: minutes
    meaning: Minutes of a day in which parcels are handed over.
    source: Couriers work about twelve hours a day.
    holds_from: 2019-01-01
  - name: batch
    default: 0.5
    unit: share
    meaning: >-
      Where the minute holds more than this share of the other platforms' parcels that the carrier's usual trade would
      bring along, it is the carrier's batch of statuses and says nothing about the platform.
    source: A carrier's batch holds everybody's parcels; half allows for chance.
    holds_from: 2019-01-01
*/
WITH signed AS (
    SELECT platform, carrier, epoch_ms(sign_time) // 60000 AS minute, local_day(sign_time) AS day, address_key
    FROM window_sales
    WHERE sign_time IS NOT NULL AND carrier IS NOT NULL
),
minutes AS (
    SELECT platform, carrier, minute, min(day) AS day, count(*) AS parcels FROM signed GROUP BY platform, carrier, minute
),
full_minutes AS (FROM minutes WHERE parcels >= $parcels),
told AS (
    SELECT platform, carrier, minute, count(DISTINCT address_key) AS addresses
    FROM signed
    SEMI JOIN full_minutes USING (platform, carrier, minute)
    GROUP BY platform, carrier, minute
),
of_carrier AS (
    SELECT carrier, minute, sum(parcels) AS carried
    FROM minutes
    SEMI JOIN full_minutes USING (carrier, minute)
    GROUP BY carrier, minute
),
of_day AS (SELECT platform, carrier, day, sum(parcels) AS that_day FROM minutes GROUP BY platform, carrier, day),
trade AS (
    SELECT platform, carrier, sum(parcels) AS own, sum(sum(parcels)) OVER (PARTITION BY carrier) AS whole
    FROM minutes
    GROUP BY platform, carrier
)
SELECT platform, carrier, minute, parcels
FROM full_minutes
JOIN told USING (platform, carrier, minute)
JOIN of_carrier USING (carrier, minute)
JOIN of_day USING (platform, carrier, day)
JOIN trade USING (platform, carrier)
WHERE addresses >= $parcels
  AND parcels * $minutes > $rhythm * (that_day - parcels)
  -- Others' parcels in this minute against those that the carrier's trade brings along with so many of the platform's.
  AND (carried - parcels) * own <= CAST($batch AS DECIMAL(9, 6)) * parcels * (whole - own)
ORDER BY platform, carrier, minute
