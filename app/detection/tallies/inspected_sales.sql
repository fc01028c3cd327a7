/*
id: inspected-sales
meaning: >-
  Each inspection of the window with the firms of the sale that was inspected: how it was inspected and why, the day on
  which it was chosen, whether anything was found, whether goods were seized or handed on, and, where it was chosen at
  random, whether that was a discrepancy.
reads: []
parameters: []
*/
WITH inspection AS (
    SELECT *, local_day(inspectedAt) AS day
    FROM current_inspections
    WHERE local_day(inspectedAt) <= $until AND ($since IS NULL OR local_day(inspectedAt) > $since)
),
of_sale AS (
    SELECT inspection.*, sale.* FROM inspection JOIN every_sale AS sale ON sale.sale_id = ebpCode || '|' || orderNo
    UNION ALL BY NAME
    SELECT inspection.*, sale.* FROM inspection JOIN every_sale AS sale ON sale.invt_no = invtNo
    WHERE ebpCode IS NULL OR orderNo IS NULL
)
SELECT
    inspectionId AS inspection, sale_id, platform, merchant, agent, company, carrier, warehouse, day,
    kind, selection, least(local_day(selectedAt), day) AS chosen_on, result <> 'ok' AS found,
    CASE WHEN selection = 'random' THEN result <> 'ok' END AS discrepancy,
    result IN ('seized', 'transferred') AS seized
FROM of_sale
WHERE is_asked(platform, merchant, agent)
