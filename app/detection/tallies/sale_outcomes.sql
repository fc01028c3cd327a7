/*
id: sale-outcomes
meaning: >-
  Each sale of the window with the firms that took part and what became of it: whether it fell into the later half of the
  window and into which of its months, what was paid, whether the declaration was refused, taken back or detained, and
  whether the parcel was signed for (each null where that cannot be said).
reads: []
parameters:
  - name: refused
    default: ["100", "399"]
    unit: receipt statuses
    meaning: Answers of customs to a declaration that never cleared; negative ones (errors of processing) are as well.
    source: Interface specification 202205, returnStatus.
    holds_from: 2019-01-01
  - name: detained
    default: ["501", "502", "503", "599"]
    unit: receipt statuses
    meaning: Answers of customs that say that the goods were detained or handed on.
    source: Interface specification 202205, returnStatus.
    holds_from: 2019-01-01
  - name: sent_back
    default: ["700"]
    unit: receipt statuses
    meaning: Answers of customs that say that the goods went back out of the country.
    source: Interface specification 202205, returnStatus.
    holds_from: 2019-01-01
  - name: no_answer
    default: ["1", "2", "3", "4"]
    unit: receipt statuses
    meaning: Receipts of the way to customs, which are no answer yet.
    source: Interface specification 202205, returnStatus.
    holds_from: 2019-01-01
  - name: delivery_days
    default: 30
    unit: days
    meaning: A parcel need not be signed for within so many days after its declaration.
    source: Set above the usual time of delivery; to be tuned by the office.
    holds_from: 2019-01-01
*/
WITH feed AS (
    -- Where nobody sends signatures, nothing says that a parcel was not signed for.
    SELECT count(sign_time) > 0 AS has_signatures FROM window_sales
)
SELECT
    sale_id, platform, merchant, agent, company, carrier, warehouse, last_date,
    CASE WHEN coalesce(currency, '142') = '142' THEN coalesce(amount_paid, actural_paid) END AS amount,
    last_date > $since + CAST(date_diff('day', CAST($since AS DATE), CAST($until AS DATE)) // 2 AS INTEGER) AS later,
    CAST(date_diff('month', CAST($since AS DATE) + 1, last_date) AS INTEGER) AS month,
    CASE WHEN receipt_status NOT IN (SELECT unnest($no_answer))
        THEN receipt_status IN (SELECT unnest($refused)) OR receipt_status[1] = '-' END AS refused,
    CASE WHEN inventories > 0
        THEN cancelled OR refunded OR coalesce(receipt_status IN (SELECT unnest($sent_back)), false) END AS returned,
    CASE WHEN receipt_status NOT IN (SELECT unnest($no_answer))
        THEN receipt_status IN (SELECT unnest($detained)) END AS detained,
    CASE WHEN has_signatures AND waybills > 0 AND cleared
            AND date_diff('day', decl_date, CAST($until AS DATE)) > $delivery_days
        THEN sign_time IS NOT NULL END AS delivered
FROM window_sales
CROSS JOIN feed
WHERE is_asked(platform, merchant, agent)
