-- Of each set of findings, the sales of ($since, $until] that it would select: those among its evidence, and all of whom it
-- is about. `wanted` says which findings are in which set (name, finding), `extent` the documents behind each (finding,
-- sale_id). Reads `told_sales` and `every_sale`.
WITH evidence AS (
    SELECT wanted.name, count(DISTINCT extent.sale_id) AS sales
    FROM wanted
    JOIN extent ON extent.finding = wanted.finding
    JOIN every_sale AS sale ON sale.sale_id = extent.sale_id
    WHERE sale.last_date > $since AND sale.last_date <= $until
    GROUP BY wanted.name
),
subjects AS (
    SELECT wanted.name, count(DISTINCT told_sales.sale_id) AS sales
    FROM wanted
    JOIN told_sales ON told_sales.finding = wanted.finding
    WHERE told_sales.last_date > $since AND told_sales.last_date <= $until
    GROUP BY wanted.name
)
SELECT coalesce(evidence.name, subjects.name), coalesce(evidence.sales, 0), coalesce(subjects.sales, 0)
FROM subjects FULL JOIN evidence ON evidence.name = subjects.name
ORDER BY 1
