-- One row a sale: its current documents joined, what is missing, and each difference by name and size.
-- The lists of names are written in alphabetical order, so that they are sorted.
-- Most sales have one document of a kind: only the others are ranked, and the latest stands for them.
WITH o AS (SELECT *, document_id AS sale_id FROM current_orders),
several_payments AS (SELECT sale_id FROM sale_payments GROUP BY sale_id HAVING count(*) > 1),
p AS (
    SELECT d.*, 1 AS payments, d.amountPaid AS paid_in_all
    FROM sale_payments AS d ANTI JOIN several_payments AS s ON d.sale_id = s.sale_id
    UNION ALL
    SELECT d.*, count(*) OVER of_sale AS payments, money(sum(d.amountPaid) OVER of_sale) AS paid_in_all
    FROM sale_payments AS d SEMI JOIN several_payments AS s ON d.sale_id = s.sale_id
    WINDOW of_sale AS (PARTITION BY d.sale_id)
    QUALIFY row_number() OVER (
        PARTITION BY d.sale_id ORDER BY d.appTime DESC NULLS LAST, d.appType DESC, d.content_hash DESC, d.document_id
    ) = 1
),
several_inventories AS (SELECT sale_id FROM sale_inventories GROUP BY sale_id HAVING count(*) > 1),
v AS (
    SELECT d.*, 1 AS inventories, money(d.freight + d.insuredFee) AS charges
    FROM sale_inventories AS d ANTI JOIN several_inventories AS s ON d.sale_id = s.sale_id
    UNION ALL
    SELECT d.*, count(*) OVER of_sale AS inventories, money(sum(d.freight + d.insuredFee) OVER of_sale) AS charges
    FROM sale_inventories AS d SEMI JOIN several_inventories AS s ON d.sale_id = s.sale_id
    WINDOW of_sale AS (PARTITION BY d.sale_id)
    QUALIFY row_number() OVER (
        PARTITION BY d.sale_id ORDER BY d.appTime DESC NULLS LAST, d.appType DESC, d.content_hash DESC, d.document_id
    ) = 1
),
several_waybills AS (
    SELECT sale_id FROM sale_waybills WHERE sale_id IS NOT NULL GROUP BY sale_id HAVING count(*) > 1
),
w AS (
    SELECT d.*, 1 AS waybills, d.submitted AS waybill_time
    FROM sale_waybills AS d ANTI JOIN several_waybills AS s ON d.sale_id = s.sale_id
    WHERE d.sale_id IS NOT NULL
    UNION ALL
    SELECT d.*, count(*) OVER of_sale AS waybills, min(d.submitted) OVER of_sale AS waybill_time
    FROM sale_waybills AS d SEMI JOIN several_waybills AS s ON d.sale_id = s.sale_id
    WINDOW of_sale AS (PARTITION BY d.sale_id)
    QUALIFY row_number() OVER (
        PARTITION BY d.sale_id
        ORDER BY
            d.declared DESC, d.appTime DESC NULLS LAST, d.appType DESC, d.content_hash DESC, d.document_id, d.use DESC
    ) = 1
),
open_waybills AS (
    SELECT DISTINCT orderNo FROM sale_waybills WHERE reason = 'ambiguous'
),
r AS (
    SELECT sale_id, count(*) AS raw_payments, max(tradingTime) AS trading_time FROM sale_raw_payments GROUP BY sale_id
),
explained AS (
    SELECT DISTINCT p.sale_id
    FROM sale_payments AS p
    JOIN sale_raw_payments AS s ON p.sale_id = s.sale_id
    WHERE s.orders > 1 AND (p.amountPaid = s.totalAmount OR p.amountPaid = s.of_orders)
),
one_company AS (
    SELECT DISTINCT p.sale_id, p.payCode
    FROM same_payment_company AS s
    JOIN sale_payments AS p ON s.b = p.payCode AND local_day(p.payTime) BETWEEN s.since AND s.until
    JOIN current_orders AS o ON s.a = o.payCode AND o.document_id = p.sale_id
),
joined AS (
    -- include sale_columns
    FROM o
    FULL JOIN p USING (sale_id)
    FULL JOIN v USING (sale_id)
    LEFT JOIN w USING (sale_id)
    LEFT JOIN sale_movements AS m USING (sale_id)
    LEFT JOIN sale_withdrawals AS t USING (sale_id)
    LEFT JOIN r USING (sale_id)
    LEFT JOIN explained AS e USING (sale_id)
    LEFT JOIN one_company AS c ON p.sale_id = c.sale_id AND p.payCode = c.payCode
    LEFT JOIN sale_lines AS l USING (sale_id)
    LEFT JOIN sale_conflicts AS x USING (sale_id)
    LEFT JOIN open_waybills AS u ON substr(sale_id, instr(sale_id, '|') + 1) = u.orderNo
),
-- include sale_told
