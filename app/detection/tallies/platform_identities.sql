/*
id: platform-identities
meaning: >-
  How many people with a resident's identity number (type 1) bought on a platform in the window, and how many of these
  numbers cannot be one.
reads: [judged_identities]
parameters: []
*/
SELECT platform, count(*) AS people, count(*) FILTER (WHERE invalid) AS invalid
FROM (
    SELECT DISTINCT platform, consumer_key AS person FROM sales WHERE platform IN (SELECT key FROM keys)
) AS bought
JOIN judged_identities ON judged_identities.person = bought.person
GROUP BY platform
ORDER BY platform
