-- The differences between the documents of each row of `joined`, by name and size, and the columns of `transactions`.
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
