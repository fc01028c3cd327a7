/*
id: judged-sales
meaning: >-
  Each sale, judged once: for which groups of differences between its documents it can be judged, and in which it
  differs by more than the tolerance. The document tallies count these rows.
reads: []
parameters:
  - name: amount_floor
    default: "1.00"
    unit: CNY
    meaning: Amounts that differ by no more agree.
    source: Public accounts of document matching (±1 CNY).
    holds_from: 2019-01-01
  - name: amount_rate
    default: "0.01"
    unit: share of the amount paid
    meaning: Amounts that differ by no more than this share of what was paid agree, where that is above the floor.
    source: Set between rounding and the 5 % that public accounts report; to be tuned by the office.
    holds_from: 2019-01-01
  - name: days
    default: 0
    unit: days
    meaning: A payment later than the declaration, or a signature before payment or declaration, by no more days is in order.
    source: Documents precede the declaration (announcement 2018 no. 194).
    holds_from: 2019-01-01
  - name: items
    default: 0
    unit: lines
    meaning: As many lines may differ.
    source: Return codes 1320 and 1322 name any difference.
    holds_from: 2019-01-01
  - name: grace_order
    default: 3
    unit: days
    meaning: An order is missing only after these days since the first document of the sale.
    source: Documents of one sale arrive in batches over some days.
    holds_from: 2019-01-01
  - name: grace_payment
    default: 3
    unit: days
    meaning: A payment is missing only after these days.
    source: Documents of one sale arrive in batches over some days.
    holds_from: 2019-01-01
  - name: grace_waybill
    default: 7
    unit: days
    meaning: A waybill is missing only after these days.
    source: Waybills of pre-sales follow the order by days.
    holds_from: 2019-01-01
  - name: grace_inventory
    default: 30
    unit: days
    meaning: A declaration is missing only after these days.
    source: A parcel from abroad (9610) may take weeks until it is declared.
    holds_from: 2019-01-01
*/
WITH feed AS (
    -- A kind of document that no sale has is not delivered here: nothing says that it is missing.
    SELECT
        coalesce(max(orders), 0) > 0 AS has_orders, coalesce(max(payments), 0) > 0 AS has_payments,
        coalesce(max(waybills), 0) > 0 AS has_waybills, coalesce(max(inventories), 0) > 0 AS has_inventories
    FROM all_sales
),
authenticated AS (
    SELECT DISTINCT coalesce(code_map.canonical, current_enterprises.code) AS code
    FROM current_enterprises
    LEFT JOIN code_map ON code_map.code = current_enterprises.code
    WHERE identityAuthenticated = 'yes'
),
told AS (
    SELECT
        sales.*,
        feed.*,
        authenticated.code IS NOT NULL AS buyer_authenticated,
        greatest(
            CAST($amount_floor AS DECIMAL(19, 5)),
            CAST(worth * CAST($amount_rate AS DECIMAL(9, 6)) AS DECIMAL(19, 5))
        ) AS tolerance,
        date_diff('day', first_date, CAST($until AS DATE)) AS age
    FROM sales
    CROSS JOIN feed
    LEFT JOIN authenticated ON authenticated.code = sales.platform
    WHERE is_asked(platform, merchant, agent)
),
judged AS (
    SELECT
        *,
        [
            CASE WHEN NOT coalesce(cancelled, false)
                    AND age > least($grace_order, $grace_payment, $grace_waybill, $grace_inventory)
                THEN 'missing' END,
            CASE WHEN orders > 0 AND (inventories > 0 OR payments > 0 AND NOT buyer_authenticated)
                THEN 'payer' END,
            CASE WHEN orders > 0 AND len(list_filter(unjudgeable, lambda name:
                    name IN ('amount_paid', 'order_arithmetic', 'line_total', 'declared_value'))) = 0
                THEN 'amount' END,
            CASE WHEN orders > 0 AND payments > 0 THEN 'payment_company' END,
            CASE WHEN orders > 0 AND inventories > 0 THEN 'items' END,
            CASE WHEN orders > 0 AND waybills > 0 THEN 'consignee' END,
            CASE WHEN inventories > 0 AND (payments > 0 OR waybills > 0) THEN 'order_of_time' END
        ] AS can_be_judged,
        [
            CASE WHEN list_contains(missing, 'order') AND has_orders AND age > $grace_order
                OR list_contains(missing, 'payment') AND has_payments AND age > $grace_payment
                OR list_contains(missing, 'waybill') AND has_waybills AND age > $grace_waybill
                OR list_contains(missing, 'inventory') AND has_inventories AND age > $grace_inventory
                THEN 'missing' END,
            CASE WHEN len(list_filter(differences, lambda d:
                    d.name IN ('buyer_id', 'buyer_name', 'buyer_phone')
                    OR d.name IN ('payer_id', 'payer_name') AND NOT buyer_authenticated)) > 0
                THEN 'payer' END,
            CASE WHEN len(list_filter(differences, lambda d:
                    d.name IN ('amount_paid', 'order_arithmetic', 'line_total', 'declared_value')
                    AND d.size > tolerance)) > 0
                THEN 'amount' END,
            CASE WHEN len(list_filter(differences, lambda d: d.name = 'payment_company')) > 0
                THEN 'payment_company' END,
            CASE WHEN len(list_filter(differences, lambda d:
                    d.name IN ('item_count', 'item_lines') AND d.size > $items)) > 0
                THEN 'items' END,
            CASE WHEN len(list_filter(differences, lambda d:
                    d.name IN ('consignee_name', 'consignee_phone', 'consignee_address'))) > 0
                THEN 'consignee' END,
            CASE WHEN len(list_filter(differences, lambda d:
                    -- When a waybill was submitted says nothing: warehouses push theirs in batches.
                    d.name IN ('payment_after_declaration', 'signed_before_declaration', 'signed_before_payment')
                    AND d.size > $days)) > 0
                THEN 'order_of_time' END
        ] AS told_apart
    FROM told
)
SELECT
    sale_id, platform, merchant, agent, company, carrier, warehouse, last_date,
    list_filter(can_be_judged, lambda name: name IS NOT NULL) AS judgeable,
    list_filter(told_apart, lambda name: name IS NOT NULL AND list_contains(can_be_judged, name)) AS differing
FROM judged
