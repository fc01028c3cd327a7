-- What a platform sells, finer than chapters: how many declared lines it has of each group of codes. Every line ever declared
-- counts: what a shop deals in changes slowly, and finding the current versions costs more than they would tell.
SELECT platform, code, count(*) AS sales
FROM (
    SELECT ebpCode AS platform, substr(gcode, 1, $digits) AS code
    FROM inventory_items
    WHERE ebpCode IS NOT NULL AND gcode IS NOT NULL
) AS goods
GROUP BY platform, code
ORDER BY platform, code
