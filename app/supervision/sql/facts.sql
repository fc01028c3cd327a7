-- The documents that an indicator of one firm is counted from, those that count first, the latest first.
SELECT
    <IDENTITY> AS id, <DAY> AS day, <COUNTS> AS counts, <DETAIL> AS detail,
    count(*) OVER () AS total, count(*) FILTER (WHERE <COUNTS>) OVER () AS counted
FROM <SOURCE>
WHERE <COLUMN> = $code AND (<COUNTS>) IS NOT NULL
ORDER BY counts DESC, day DESC, id
LIMIT $limit OFFSET $offset
