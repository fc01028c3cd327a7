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
    SELECT
        sale_id,
        substr(sale_id, 1, instr(sale_id, '|') - 1) AS ebp_code,
        substr(sale_id, instr(sale_id, '|') + 1) AS order_no,
        coalesce(o.ebcCode, v.ebcCode) AS ebc_code,
        coalesce(p.payCode, o.payCode) AS pay_code,
        coalesce(w.logisticsCode, v.logisticsCode) AS logistics_code,
        v.agentCode AS agent_code, v.areaCode AS area_code, v.assureCode AS assure_code, v.customsCode AS customs_code,
        CASE
            WHEN v.loctNo IS NOT NULL THEN v.customsCode || '-' || v.loctNo
            WHEN v.tradeMode = '9610' THEN v.customsCode || '-' || m.operator_code
            WHEN v.tradeMode IN ('1210', '1239') THEN v.customsCode || '-' || v.areaCode
        END AS site_code,
        coalesce(o.buyerIdNumber_key, v.buyerIdNumber_key) AS consumer_key,
        p.payerIdNumber_key AS payer_key,
        coalesce(o.buyerTelephone_key, v.buyerTelephone_key) AS buyer_phone_key,
        p.telephone_key AS payer_phone_key,
        coalesce(o.consigneeTelephone_key, w.consigneeTelephone_key) AS consignee_phone_key,
        coalesce(o.consigneeAddress_key, w.consigneeAddress_key, v.consigneeAddress_key) AS address_key,
        o.buyerRegNo_key AS account_key,
        -- With a blank between them Neo4j keeps the text within its property record: with a bar it would not.
        o.dxpId || ' ' || o.copCode AS order_sender,
        p.dxpId || ' ' || p.copCode AS payment_sender,
        w.dxpId || ' ' || w.copCode AS waybill_sender,
        v.dxpId || ' ' || v.copCode AS inventory_sender,
        o.appTime AS order_time, p.payTime AS pay_time, r.trading_time, w.waybill_time, m.sign_time,
        v.declTime AS decl_date,
        o.goodsValue AS goods_value, o.freight, o.discount, o.taxTotal AS tax_total, o.acturalPaid AS actural_paid,
        p.amountPaid AS amount_paid,
        coalesce(
            money(l.declared_value + v.charges), money(o.goodsValue + o.freight)
        ) AS dutiable_value,
        coalesce(o.currency, p.currency, v.currency) AS currency,
        v.tradeMode AS trade_mode, v.invt_no,
        w.weight, l.pieces, m.operator_code AS store_operator,
        coalesce(o.consignee_key, w.consignee_key) AS consignee_key,
        coalesce(p.payTransactionId, o.payTransactionId) AS pay_transaction_id,
        coalesce(w.logisticsNo, v.logisticsNo) AS logistics_no,
        v.receipt_status, coalesce(v.receipt_status IN ('800', '899'), false) AS cleared,
        coalesce(t.cancelled, false) AS cancelled, coalesce(t.refunded, false) AS refunded,
        CAST(o.document_id IS NOT NULL AS INTEGER) AS orders,
        CAST(coalesce(p.payments, 0) AS INTEGER) AS payments,
        CAST(coalesce(w.waybills, 0) AS INTEGER) AS waybills,
        CAST(coalesce(v.inventories, 0) AS INTEGER) AS inventories,
        CAST(coalesce(r.raw_payments, 0) AS INTEGER) AS raw_payments,
        u.orderNo IS NOT NULL AS waybill_open,
        o.payCode AS order_pay_code, p.payCode AS payment_pay_code,
        o.buyerIdNumber_key AS order_buyer, o.buyerName_key AS order_name, o.buyerTelephone_key AS order_phone,
        v.buyerIdNumber_key AS declared_buyer, v.buyerName_key AS declared_name,
        v.buyerTelephone_key AS declared_phone,
        p.payerName_key AS payer_name,
        o.consignee_key AS order_consignee, w.consignee_key AS waybill_consignee,
        o.consigneeTelephone_key AS order_consignee_phone, w.consigneeTelephone_key AS waybill_consignee_phone,
        o.consigneeAddress_key AS order_address, v.consigneeAddress_key AS declared_address,
        w.consigneeAddress_key AS waybill_address,
        is_foreign(o.currency) AS order_foreign, is_foreign(p.currency) AS payment_foreign,
        coalesce(l.is_foreign, false) AS lines_foreign,
        p.paid_in_all, e.sale_id IS NOT NULL AS explained, c.sale_id IS NOT NULL AS one_company,
        l.order_lines, l.declared_lines, l.declared_value, l.differing_lines, l.line_gap, l.chapters,
        x.conflicts
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
sized AS (
    SELECT
        j.*,
        CASE WHEN NOT order_foreign AND NOT payment_foreign AND NOT explained AND j.amount_paid <> j.actural_paid
            AND j.paid_in_all <> j.actural_paid THEN money(abs(j.amount_paid - j.actural_paid)) END AS d_amount_paid,
        CAST(order_buyer <> declared_buyer AS INTEGER) AS d_buyer_id,
        CAST(order_name <> declared_name AS INTEGER) AS d_buyer_name,
        CAST(order_phone <> declared_phone AS INTEGER) AS d_buyer_phone,
        conflicts AS d_conflicting_versions,
        CAST(
            coalesce(order_address <> waybill_address, false) OR coalesce(declared_address <> waybill_address, false)
            AS INTEGER
        ) AS d_consignee_address,
        CAST(order_consignee <> waybill_consignee AS INTEGER) AS d_consignee_name,
        CAST(order_consignee_phone <> waybill_consignee_phone AS INTEGER) AS d_consignee_phone,
        CASE WHEN NOT order_foreign AND NOT lines_foreign AND inventories = 1
            THEN money(abs(goods_value - declared_value)) END AS d_declared_value,
        CASE WHEN inventories = 1 THEN abs(order_lines - declared_lines) END AS d_item_count,
        CASE WHEN inventories = 1 THEN differing_lines END AS d_item_lines,
        CASE WHEN NOT lines_foreign THEN j.line_gap END AS d_line_total,
        CASE WHEN NOT order_foreign
            THEN money(abs(actural_paid - (goods_value + freight + tax_total - discount))) END AS d_order_arithmetic,
        CASE WHEN order_pay_code <> payment_pay_code AND NOT one_company THEN 1 END AS d_payment_company,
        CAST(order_buyer <> payer_key AS INTEGER) AS d_payer_id,
        CAST(order_name <> payer_name AS INTEGER) AS d_payer_name,
        date_diff('day', decl_date, local_day(pay_time)) AS d_payment_after,
        inventories - 1 AS d_inventories, payments - 1 AS d_payments, waybills - 1 AS d_waybills,
        date_diff('day', local_day(sign_time), decl_date) AS d_signed_before,
        date_diff('day', local_day(sign_time), local_day(pay_time)) AS d_signed_unpaid,
        date_diff('day', decl_date, local_day(waybill_time)) AS d_waybill_after
    FROM joined AS j
),
named AS (
    SELECT
        *,
        CASE WHEN greatest(
            d_amount_paid, d_buyer_id, d_buyer_name, d_buyer_phone, d_conflicting_versions, d_consignee_address,
            d_consignee_name, d_consignee_phone, d_declared_value, d_item_count, d_item_lines, d_line_total,
            d_order_arithmetic, d_payer_id, d_payer_name, d_payment_after, d_payment_company, d_inventories,
            d_payments, d_waybills, d_signed_before, d_signed_unpaid, d_waybill_after
        ) > 0 THEN list_filter([
            {'name': 'amount_paid', 'size': money(d_amount_paid)},
            {'name': 'buyer_id', 'size': money(d_buyer_id)},
            {'name': 'buyer_name', 'size': money(d_buyer_name)},
            {'name': 'buyer_phone', 'size': money(d_buyer_phone)},
            {'name': 'conflicting_versions', 'size': money(d_conflicting_versions)},
            {'name': 'consignee_address', 'size': money(d_consignee_address)},
            {'name': 'consignee_name', 'size': money(d_consignee_name)},
            {'name': 'consignee_phone', 'size': money(d_consignee_phone)},
            {'name': 'declared_value', 'size': money(d_declared_value)},
            {'name': 'item_count', 'size': money(d_item_count)},
            {'name': 'item_lines', 'size': money(d_item_lines)},
            {'name': 'line_total', 'size': money(d_line_total)},
            {'name': 'order_arithmetic', 'size': money(d_order_arithmetic)},
            {'name': 'payer_id', 'size': money(d_payer_id)},
            {'name': 'payer_name', 'size': money(d_payer_name)},
            {'name': 'payment_after_declaration', 'size': money(d_payment_after)},
            {'name': 'payment_company', 'size': money(d_payment_company)},
            {'name': 'several_inventories', 'size': money(d_inventories)},
            {'name': 'several_payments', 'size': money(d_payments)},
            {'name': 'several_waybills', 'size': money(d_waybills)},
            {'name': 'signed_before_declaration', 'size': money(d_signed_before)},
            {'name': 'signed_before_payment', 'size': money(d_signed_unpaid)},
            {'name': 'waybill_after_declaration', 'size': money(d_waybill_after)}
        ], lambda d: d.size > 0) ELSE [] END AS differences
    FROM sized
)
SELECT
    sale_id, ebp_code, order_no, ebc_code, pay_code, logistics_code, agent_code, area_code, assure_code, customs_code,
    site_code, consumer_key, payer_key, buyer_phone_key, payer_phone_key, consignee_phone_key, address_key, account_key,
    order_sender, payment_sender, waybill_sender, inventory_sender,
    order_time, pay_time, trading_time, waybill_time, sign_time, decl_date,
    least(
        local_day(order_time), local_day(pay_time), local_day(trading_time), local_day(waybill_time),
        local_day(sign_time), decl_date
    ) AS first_date,
    greatest(
        local_day(order_time), local_day(pay_time), local_day(trading_time), local_day(waybill_time),
        local_day(sign_time), decl_date
    ) AS last_date,
    goods_value, freight, discount, tax_total, actural_paid, amount_paid, dutiable_value, currency,
    trade_mode, invt_no, pay_transaction_id, logistics_no, receipt_status, cleared, cancelled, refunded,
    orders, payments, waybills, inventories, raw_payments,
    CASE WHEN least(orders, payments, waybills, inventories) > 0 THEN [] ELSE list_filter([
        CASE WHEN inventories = 0 THEN 'inventory' END,
        CASE WHEN orders = 0 THEN 'order' END,
        CASE WHEN payments = 0 THEN 'payment' END,
        CASE WHEN waybills = 0 AND NOT waybill_open THEN 'waybill' END
    ], lambda kind: kind IS NOT NULL) END AS missing,
    differences,
    CASE WHEN NOT (order_foreign OR payment_foreign OR lines_foreign OR inventories > 1) THEN [] ELSE list_filter([
        CASE WHEN order_foreign OR payment_foreign THEN 'amount_paid' END,
        CASE WHEN order_foreign OR lines_foreign OR inventories > 1 THEN 'declared_value' END,
        CASE WHEN inventories > 1 THEN 'item_count' END,
        CASE WHEN inventories > 1 THEN 'item_lines' END,
        CASE WHEN lines_foreign THEN 'line_total' END,
        CASE WHEN order_foreign THEN 'order_arithmetic' END
    ], lambda name: name IS NOT NULL) END AS unjudgeable,
    coalesce(chapters, []) AS chapters,
    weight, pieces, store_operator, consignee_key,
    -- Whose name the declaration gives, where it is another than the order's.
    CASE WHEN declared_buyer <> order_buyer THEN declared_buyer END AS declared_consumer_key,
    bucket_of(sale_id) AS bucket
FROM named
