/*
id: quota-refusals
meaning: >-
  Sales that customs refused because the person's yearly limit was used up, each with the person whom the document
  named when it was refused (a later version may name another).
reads: []
parameters:
  - name: codes
    default: ["1313", "-621018"]
    unit: return codes
    meaning: Return codes that say so, in the text of a rejection or as its status.
    source: Return codes seen in public sources (1313 annual limit exceeded, -621018 over annual limit).
    holds_from: 2016-04-08
*/
-- Every row of receipts is current: all that could change is part of its identity. A code is no part of an amount.
WITH answers AS (
    SELECT
        row_number() OVER (ORDER BY document_id, returnTime, returnStatus, returnInfo) AS answer,
        kind, ebpCode, orderNo, agentCode, copNo, preNo, invtNo, returnTime
    FROM receipts
    WHERE kind IN ('CEB312', 'CEB622')
      AND (returnStatus = '100' OR starts_with(returnStatus, '-'))
      AND (list_contains($codes, returnStatus) OR len(list_filter(
          $codes, lambda code: regexp_matches(returnInfo, '(^|[^0-9.])' || code || '([^0-9.]|$)'))) > 0)
),
documents AS (
    SELECT a.answer, a.returnTime, d.ebpCode || '|' || d.orderNo AS sale_id, d.buyerIdNumber_key AS consumer, d.appTime
    FROM answers AS a JOIN orders AS d ON a.ebpCode = d.ebpCode AND a.orderNo = d.orderNo
    WHERE a.kind = 'CEB312'
    UNION ALL
    SELECT a.answer, a.returnTime, d.ebpCode || '|' || d.orderNo, d.buyerIdNumber_key, d.appTime
    FROM answers AS a JOIN inventories AS d ON a.agentCode = d.agentCode AND a.copNo = d.copNo
    WHERE a.kind = 'CEB622'
    UNION ALL
    SELECT a.answer, a.returnTime, d.ebpCode || '|' || d.orderNo, d.buyerIdNumber_key, d.appTime
    FROM answers AS a JOIN inventories AS d ON a.preNo = d.preNo
    WHERE a.kind = 'CEB622'
    UNION ALL
    SELECT a.answer, a.returnTime, d.ebpCode || '|' || d.orderNo, d.buyerIdNumber_key, d.appTime
    FROM answers AS a JOIN inventories AS d ON a.invtNo = d.invtNo
    WHERE a.kind = 'CEB622'
),
refused AS (
    SELECT answer, sale_id, consumer, local_day(returnTime) AS day
    FROM documents
    QUALIFY row_number() OVER (
        PARTITION BY answer
        ORDER BY coalesce(appTime > returnTime, false), appTime DESC NULLS LAST, sale_id, consumer
    ) = 1
)
SELECT refused.consumer, sale.platform, sale.merchant, refused.sale_id, max(refused.day) AS day
FROM refused
JOIN consumer_sales AS sale ON sale.sale_id = refused.sale_id
WHERE refused.consumer IS NOT NULL AND refused.day <= $until
GROUP BY refused.consumer, sale.platform, sale.merchant, refused.sale_id
ORDER BY refused.consumer, refused.sale_id
