/*
id: quota-returns
meaning: >-
  What accepted returns took back of a sale: pieces and declared value of the lines and quantities returned, no more
  of a line than was declared. Only returns that were applied for within the days that the limits give, counted from
  the release; a parcel that was signed for had been released.
reads: []
parameters:
  - name: accepted
    default: ["120", "399", "800", "899"]
    unit: return codes
    meaning: Last answers to a return by which it is accepted.
    source: Receipt statuses of the interface specification (accepted, concluded, released, cleared).
    holds_from: 2018-01-01
*/
-- Every row of receipts is current: all that could change is part of its identity.
WITH answers AS (
    SELECT agentCode, copNo, preNo, invtNo, returnStatus, returnTime, returnInfo FROM receipts WHERE kind = 'CEB626'
),
answered AS (
    SELECT d.document_id, a.returnStatus, a.returnTime, a.returnInfo
    FROM current_refunds AS d JOIN answers AS a ON d.copNo = a.copNo AND d.agentCode = a.agentCode
    UNION ALL
    SELECT d.document_id, a.returnStatus, a.returnTime, a.returnInfo
    FROM current_refunds AS d JOIN answers AS a ON d.preNo = a.preNo
    UNION ALL
    SELECT d.document_id, a.returnStatus, a.returnTime, a.returnInfo
    FROM current_refunds AS d JOIN answers AS a ON d.invtNo = a.invtNo
),
latest AS (
    SELECT document_id, returnStatus, returnTime
    FROM answered
    QUALIFY row_number() OVER (
        PARTITION BY document_id ORDER BY returnTime DESC NULLS LAST, returnStatus DESC, returnInfo DESC
    ) = 1
),
applied AS (
    SELECT
        d.ebpCode || '|' || d.orderNo AS sale_id, d.agentCode, d.copNo, d.invtNo,
        local_day(coalesce(d.appTime, latest.returnTime)) AS day
    FROM current_refunds AS d JOIN latest USING (document_id)
    WHERE list_contains($accepted, latest.returnStatus)
),
in_time AS (
    SELECT applied.*
    FROM applied
    JOIN consumer_sales AS sale ON sale.sale_id = applied.sale_id
    JOIN quota_days ON quota_days.day = sale.decl_date
    WHERE date_diff('day', greatest(sale.decl_date, local_day(sale.sign_time)), applied.day) <= quota_days.return_days
),
returned AS (
    SELECT in_time.sale_id, item.gnum, sum(item.qty) AS qty
    FROM in_time
    JOIN current_refund_items AS item
        ON item.agentCode = in_time.agentCode
        AND item.copNo IS NOT DISTINCT FROM in_time.copNo
        AND item.invtNo = in_time.invtNo
    GROUP BY in_time.sale_id, item.gnum
),
-- The newest lines of each declaration, as current_inventory_items has them: ranking all lines for the sake of these
-- few would take seconds.
declared AS (
    SELECT sale_id, gnum, max(qty) AS qty, min(price) AS price, max(totalPrice) AS total
    FROM (
        SELECT
            item.ebpCode || '|' || item.orderNo AS sale_id, item.gnum, item.qty, item.price, item.totalPrice,
            rank() OVER (
                PARTITION BY item.ebpCode, item.orderNo, item.copNo
                ORDER BY item.appTime DESC NULLS LAST, item.appType DESC
            ) AS age
        FROM inventory_items AS item
        WHERE item.ebpCode || '|' || item.orderNo IN (SELECT sale_id FROM in_time)
          AND item.appStatus IS DISTINCT FROM '1'
    )
    WHERE age = 1
    GROUP BY sale_id, gnum
)
SELECT
    returned.sale_id,
    money(sum(least(returned.qty, declared.qty))) AS pieces,
    money(sum(
        CASE WHEN returned.qty >= declared.qty THEN declared.total
            ELSE money(CAST(returned.qty * declared.price AS DECIMAL(38, 5))) END
    )) AS value
FROM returned
JOIN declared ON declared.sale_id = returned.sale_id AND declared.gnum = returned.gnum
GROUP BY returned.sale_id
ORDER BY returned.sale_id
