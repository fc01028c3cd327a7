/*
id: random-inspections
meaning: >-
  Inspections of the window that were drawn at random, with whose sale was inspected and whether anything was found
  (discrepancy, seized, transferred). Inspections drawn for a reason, or for one unknown, say nothing about a share.
reads: []
parameters: []
*/
WITH drawn AS (
    SELECT
        inspectionId AS id, invtNo AS invt_no,
        CASE WHEN ebpCode IS NOT NULL AND orderNo IS NOT NULL THEN ebpCode || '|' || orderNo END AS sale_id,
        result <> 'ok' AS discrepant
    FROM current_inspections
    WHERE selection = 'random'
      AND local_day(inspectedAt) <= $until AND ($since IS NULL OR local_day(inspectedAt) > $since)
),
inspected AS (
    SELECT drawn.id, drawn.discrepant, sale.platform, sale.merchant, sale.agent
    FROM drawn
    JOIN all_sales AS sale ON sale.sale_id = drawn.sale_id
    UNION ALL
    SELECT drawn.id, drawn.discrepant, sale.platform, sale.merchant, sale.agent
    FROM drawn
    JOIN every_sale AS sale ON sale.invt_no = drawn.invt_no
    WHERE drawn.sale_id IS NULL
)
SELECT id, platform, merchant, agent, discrepant
FROM inspected
WHERE platform IN (SELECT key FROM keys)
   OR merchant IN (SELECT key FROM keys)
   OR agent IN (SELECT key FROM keys)
ORDER BY id
