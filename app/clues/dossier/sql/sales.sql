-- The sales of a dossier (`wanted_sales`: id), one row each. Times are those of Asia/Shanghai; amounts are in the sale's
-- own currency (142: CNY), tax bills in CNY; a void bill (status 3) is none.
WITH mine AS (SELECT t.* FROM transactions AS t SEMI JOIN wanted_sales AS w ON t.sale_id = w.id),
billed AS (
    SELECT bill.invtNo AS invt_no, sum(bill.customsTax + bill.valueAddedTax + bill.consumptionTax) AS tax
    FROM current_taxes AS bill
    WHERE bill.status IS DISTINCT FROM '3' AND bill.invtNo IN (SELECT invt_no FROM mine)
    GROUP BY bill.invtNo
),
-- Several sales may be declared together: their bill then stands beside the first of them alone.
first_of AS (SELECT invt_no, min(sale_id) AS sale_id FROM mine WHERE invt_no IS NOT NULL GROUP BY invt_no)
SELECT
    mine.sale_id AS sale, mine.ebp_code AS platform, mine.order_no, mine.ebc_code AS merchant,
    mine.pay_code AS payment_company, mine.logistics_code AS logistics_company, mine.agent_code AS agent,
    local_time(mine.order_time) AS ordered_at, local_time(mine.pay_time) AS paid_at, mine.decl_date AS declared_on,
    local_time(mine.sign_time) AS signed_at, mine.last_date AS last_day,
    mine.currency, mine.goods_value, mine.freight, mine.discount, mine.tax_total AS tax_declared,
    mine.actural_paid AS order_paid, mine.amount_paid AS payment_amount, mine.dutiable_value,
    CASE WHEN first_of.sale_id = mine.sale_id THEN CAST(billed.tax AS DECIMAL(19, 5)) END AS tax_billed,
    mine.trade_mode, mine.invt_no AS declaration_number, mine.pay_transaction_id AS payment_number,
    mine.logistics_no AS waybill_number, mine.receipt_status, mine.cancelled, mine.refunded,
    mine.consumer_key AS buyer_key, mine.payer_key, mine.declared_consumer_key AS declared_person_key,
    mine.address_key,
    list_sort(mine.missing) AS missing_documents,
    list_sort([
        one.name || ' ' || regexp_replace(CAST(one.size AS VARCHAR), '[.]?0+$', '') FOR one IN mine.differences
    ]) AS differences
FROM mine
LEFT JOIN billed ON billed.invt_no = mine.invt_no
LEFT JOIN first_of ON first_of.invt_no = mine.invt_no
ORDER BY mine.sale_id
