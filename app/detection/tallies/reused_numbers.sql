/*
id: reused-numbers
meaning: >-
  Sales that stand (neither taken back nor refused) behind one payment number, or behind one waybill number within
  `reused_after` days of each other, with the first of them; not where the 179 data says that one payment covers them.
reads: []
parameters:
  - name: reused_after
    default: 183
    unit: days
    meaning: A carrier may give a waybill number to another parcel when it was not in use for more days.
    source: Standard of the messages, a number may be used again after six months.
    holds_from: 2019-01-01
*/
WITH standing AS (
    SELECT
        sale_id, platform, company, carrier, pay_transaction_id, logistics_no, payments, first_date,
        coalesce(local_day(waybill_time), decl_date, first_date) AS sent_on
    FROM window_sales
    WHERE NOT coalesce(cancelled, false) AND NOT coalesce(receipt_status IN ('100', '399') OR receipt_status LIKE '-%', false)
),
payment_numbers AS (
    SELECT company, pay_transaction_id AS number
    FROM standing
    WHERE payments > 0 AND company IS NOT NULL AND pay_transaction_id IS NOT NULL
    GROUP BY company, pay_transaction_id
    HAVING count(*) > 1
),
covered AS (
    -- The 179 data of one payment, whatever number it has there.
    SELECT coalesce(n.ebpCode, r.ebpCode) || '|' || n.orderNo AS sale_id, min(r.document_id) AS payment
    FROM current_raw_payments AS r
    JOIN current_raw_payment_orders AS n ON r.payCode = n.payCode AND r.payTransactionId = n.payTransactionId
    GROUP BY coalesce(n.ebpCode, r.ebpCode) || '|' || n.orderNo
),
paid AS (
    SELECT
        'payment' AS document, s.company || ' ' || s.pay_transaction_id AS number, 0 AS use, s.sale_id, s.first_date,
        coalesce(covered.payment, s.sale_id) AS paid_by
    FROM standing AS s
    JOIN payment_numbers AS n ON s.company = n.company AND s.pay_transaction_id = n.number
    LEFT JOIN covered ON s.sale_id = covered.sale_id
    WHERE s.payments > 0
),
waybill_numbers AS (
    SELECT carrier, logistics_no AS number
    FROM standing
    WHERE carrier IS NOT NULL AND logistics_no IS NOT NULL
    GROUP BY carrier, logistics_no
    HAVING count(*) > 1
),
sent AS (
    SELECT
        s.carrier || ' ' || s.logistics_no AS number, s.sale_id, s.first_date, s.sent_on,
        lag(s.sent_on) OVER (PARTITION BY s.carrier, s.logistics_no ORDER BY s.sent_on, s.sale_id) AS before
    FROM standing AS s
    JOIN waybill_numbers AS n ON s.carrier = n.carrier AND s.logistics_no = n.number
),
shipped AS (
    SELECT
        'waybill' AS document, number,
        sum(CASE WHEN date_diff('day', before, sent_on) <= $reused_after THEN 0 ELSE 1 END) OVER (
            PARTITION BY number ORDER BY sent_on, sale_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS use,
        sale_id, first_date, sale_id AS paid_by
    FROM sent
),
uses AS (
    SELECT document, number, CAST(use AS BIGINT) AS use, sale_id, first_date, paid_by FROM paid
    UNION ALL
    SELECT document, number, CAST(use AS BIGINT) AS use, sale_id, first_date, paid_by FROM shipped
)
SELECT
    document, sale_id,
    min_by(sale_id, struct_pack(day := first_date, id := sale_id)) OVER of_use AS first_sale,
    count(*) OVER of_use AS sales
FROM uses
WINDOW of_use AS (PARTITION BY document, number, use)
QUALIFY min(paid_by) OVER of_use <> max(paid_by) OVER of_use
ORDER BY document, first_sale, sale_id
