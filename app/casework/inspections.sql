-- Inspections of the days from $since to $until (both included; $since may be null): inspection, load (the one that brought
-- it first), selection (null: unknown), discrepancy (what was wrong, other where it is not said, null where nothing was) and
-- sale_id (null where the sale is not known). Reads `every_sale`.
WITH inspected AS (
    SELECT
        inspectionId AS inspection, ebpCode || '|' || orderNo AS named, invtNo, selection,
        CASE WHEN result <> 'ok' THEN coalesce(discrepancy, 'other') END AS discrepancy
    FROM current_inspections
    WHERE local_day(inspectedAt) <= $until AND ($since IS NULL OR local_day(inspectedAt) >= $since)
),
first AS (SELECT inspectionId AS inspection, min(load_seq) AS load FROM inspections GROUP BY inspectionId),
of_sale AS (
    SELECT inspection, min(sale_id) AS sale_id
    FROM (
        SELECT inspection, sale_id FROM inspected JOIN every_sale ON sale_id = named
        UNION ALL
        SELECT inspection, sale_id FROM inspected JOIN every_sale ON invt_no = invtNo WHERE named IS NULL
    ) AS joined
    GROUP BY inspection
)
SELECT inspected.inspection, first.load, inspected.selection, inspected.discrepancy, of_sale.sale_id
FROM inspected
JOIN first ON first.inspection = inspected.inspection
LEFT JOIN of_sale ON of_sale.inspection = inspected.inspection
ORDER BY inspected.inspection
