-- Waybills with the sale they belong to, or why they belong to none. A waybill names no platform: it joins through the
-- declaration that names its number (its own order's first; another order's only while the number is not in use again,
-- 183 days); without one, only if exactly one sale has its orderNo.
WITH sales AS (
    SELECT document_id AS sale_id, orderNo FROM current_orders
    UNION ALL
    SELECT sale_id, orderNo FROM sale_inventories
    UNION ALL
    SELECT sale_id, substr(sale_id, instr(sale_id, '|') + 1) AS orderNo FROM sale_payments
),
by_order AS (
    SELECT orderNo, min(sale_id) AS sale_id, min(sale_id) = max(sale_id) AS one FROM sales GROUP BY orderNo
),
own AS (
    SELECT logisticsCode, logisticsNo, orderNo, min(sale_id) AS sale_id, min(sale_id) = max(sale_id) AS one
    FROM sale_inventories
    GROUP BY logisticsCode, logisticsNo, orderNo
),
strangers AS (
    SELECT w.document_id, w.use, min(v.sale_id) AS sale_id, min(v.sale_id) = max(v.sale_id) AS one
    FROM current_waybills AS w
    ANTI JOIN own AS o
        ON w.logisticsCode = o.logisticsCode AND w.logisticsNo = o.logisticsNo AND w.orderNo = o.orderNo
    JOIN sale_inventories AS v
        ON w.logisticsCode = v.logisticsCode AND w.logisticsNo = v.logisticsNo
    WHERE coalesce(abs(date_diff('day', local_day(w.appTime), v.declTime)) <= 183, true)
    GROUP BY w.document_id, w.use
),
joined AS (
    SELECT
        w.*,
        coalesce(o.one, t.one, s.one) AS one,
        coalesce(o.sale_id, t.sale_id, s.sale_id) AS candidate,
        o.one IS NOT NULL OR t.one IS NOT NULL AS declared
    FROM current_waybills AS w
    LEFT JOIN own AS o
        ON w.logisticsCode = o.logisticsCode AND w.logisticsNo = o.logisticsNo AND w.orderNo = o.orderNo
    LEFT JOIN strangers AS t ON w.document_id = t.document_id AND w.use = t.use
    LEFT JOIN by_order AS s ON w.orderNo = s.orderNo
)
SELECT
    CASE WHEN one THEN candidate END AS sale_id,
    CASE WHEN one IS NULL THEN 'no_sale' WHEN NOT one THEN 'ambiguous' END AS reason,
    declared, use, submitted, document_id, content_hash, appTime, appType, copCode, dxpId,
    logisticsCode, logisticsNo, orderNo, weight, consignee_key, consigneeTelephone_key, consigneeAddress_key
FROM joined
