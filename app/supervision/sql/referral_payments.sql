-- Payments that a company settled and that were paid within some days ($since to $until), one row a payment: the sale
-- that stands for it, how many sales it covers, and both its numbers. What no document gives a number has none.
WITH settled AS (
    SELECT
        sold.sale_id, sold.platform, sold.pay_code, sold.pay_transaction_id AS pay_number,
        sold.amount_paid, sold.actural_paid, sold.currency, coalesce(sold.pay_time, sold.trading_time) AS paid_at,
        sold.company, min(final.into_company) AS into_company
    FROM every_sale AS sold
    LEFT JOIN payment_mergers AS final
        ON final.pay_code = sold.pay_code AND sold.last_date BETWEEN final.since AND final.until
    WHERE coalesce(local_day(sold.pay_time), local_day(sold.trading_time), sold.first_date) BETWEEN $since AND $until
      AND (
          sold.company = $company
          OR sold.pay_code IN (SELECT pay_code FROM payment_mergers WHERE into_company = $company)
      )
    GROUP BY ALL
),
mine AS (SELECT * FROM settled WHERE coalesce(into_company, company) = $company),
raw AS (
    SELECT
        mine.sale_id, min(payment.payTransactionId) AS clearing_number,
        min_by(payment.verDept, payment.payTransactionId) AS ver_dept
    FROM current_raw_payments AS payment
    JOIN current_raw_payment_orders AS part USING (payCode, payTransactionId)
    JOIN mine ON mine.sale_id = coalesce(part.ebpCode, payment.ebpCode) || '|' || part.orderNo
    GROUP BY mine.sale_id
),
ranked AS (
    SELECT
        mine.*, clearing_number, ver_dept,
        coalesce(pay_number, clearing_number) AS number,
        row_number() OVER (
            PARTITION BY mine.pay_code, coalesce(pay_number, clearing_number, mine.sale_id) ORDER BY mine.sale_id
        ) AS place,
        count(*) OVER (PARTITION BY mine.pay_code, coalesce(pay_number, clearing_number, mine.sale_id)) AS sales
    FROM mine
    LEFT JOIN raw ON raw.sale_id = mine.sale_id
)
SELECT
    sale_id, platform, pay_code, pay_number, clearing_number, ver_dept, sales,
    CAST(coalesce(amount_paid, actural_paid) AS VARCHAR) AS amount, currency,
    CASE WHEN paid_at IS NOT NULL
        THEN strftime(make_timestamp(epoch_us(paid_at) + 28800000000), '%Y-%m-%dT%H:%M:%S+08:00')
    END AS paid_at,
    number
FROM ranked
WHERE place = 1
ORDER BY sale_id
