/*
id: movement-sales
meaning: >-
  How each parcel moved: whether it was never signed for, was signed for in a burst, weighs what unlike goods weigh, had
  its waybill before it was paid, and never arrived in the supervised store. NULL where that cannot be judged.
reads: [signing_bursts, one_weights]
parameters:
  - name: signing_days
    default: 30
    unit: days
    meaning: A parcel that nobody signed for is judged only after these days since waybill and declaration.
    source: Parcels are delivered within two weeks; statuses may follow late.
    holds_from: 2019-01-01
  - name: arrival_days
    default: 10
    unit: days
    meaning: A directly mailed parcel (9610) without store receipt is judged only after these days since its declaration.
    source: Parcels arrive within days of their declaration, or before it.
    holds_from: 2019-01-01
  - name: early_minutes
    default: 60
    unit: minutes
    meaning: A waybill submitted so long before the payment was made before anybody had paid.
    source: Clocks of two senders differ by minutes.
    holds_from: 2019-01-01
  - name: stopped
    default: ['100', '399', '501', '502', '503', '599', '700']
    unit: receipt status
    meaning: What customs rejected, closed, seized or sent back reaches nobody.
    source: Receipt statuses of the standard (202205).
    holds_from: 2019-01-01
*/
WITH feed AS (
    -- A carrier that signs for nothing, or a place where nothing is received, delivers no such document.
    SELECT
        carrier, customs_code, site_code,
        bool_or(sign_time IS NOT NULL) AS signs,
        bool_or(store_operator IS NOT NULL) AS receives
    FROM every_sale
    GROUP BY carrier, customs_code, site_code
),
signing AS (SELECT carrier FROM feed WHERE signs GROUP BY carrier),
receiving AS (
    SELECT coalesce(site_code, '') AS site, '' AS customs FROM feed WHERE receives GROUP BY site_code
    UNION
    -- Where only the store receipt names the site, a parcel without one belongs to the office.
    SELECT '', customs_code FROM feed WHERE receives GROUP BY customs_code
),
told AS (
    SELECT
        sale_id, platform, merchant, carrier, site_code AS site, trade_mode, waybills, inventories, weight, pieces,
        sign_time, waybill_time, pay_time, decl_date, store_operator, address_key,
        coalesce(cancelled, false) OR coalesce(refunded, false)
            OR coalesce(list_contains($stopped, receipt_status), false) AS taken_back,
        date_diff('day', greatest(local_day(waybill_time), decl_date), CAST($until AS DATE)) AS parcel_age,
        date_diff('day', decl_date, CAST($until AS DATE)) AS declared_age,
        coalesce(site_code, '') AS place, CASE WHEN site_code IS NULL THEN customs_code ELSE '' END AS office
    FROM window_sales
    WHERE platform IN (SELECT key FROM keys)
       OR merchant IN (SELECT key FROM keys)
       OR carrier IN (SELECT key FROM keys)
       OR site_code IN (SELECT key FROM keys)
)
SELECT
    told.sale_id AS id, told.platform, told.merchant, told.carrier, told.site,
    CASE WHEN waybills > 0 AND NOT taken_back AND parcel_age >= $signing_days AND signing.carrier IS NOT NULL
        THEN sign_time IS NULL END AS not_signed,
    CASE WHEN sign_time IS NOT NULL AND told.carrier IS NOT NULL
        THEN signing_bursts.minute IS NOT NULL END AS mass_signed,
    CASE WHEN weight > 0 AND pieces > 0 AND one_weights.platform IS NOT NULL
        THEN coalesce(list_contains(one_weights.grams, CAST(weight * 1000 AS BIGINT)), false) END AS one_weight,
    -- A payment after the declaration is a difference between documents, not a waybill that was early.
    CASE WHEN waybill_time IS NOT NULL AND pay_time IS NOT NULL AND coalesce(local_day(pay_time) <= decl_date, true)
        THEN date_diff('minute', waybill_time, pay_time) >= $early_minutes END AS early,
    CASE WHEN trade_mode = '9610' AND waybills > 0 AND NOT taken_back AND declared_age >= $arrival_days
            AND receiving.site IS NOT NULL
        THEN store_operator IS NULL END AS not_arrived
FROM told
LEFT JOIN signing ON signing.carrier = told.carrier
LEFT JOIN receiving ON receiving.site = told.place AND receiving.customs = told.office
LEFT JOIN signing_bursts
    ON signing_bursts.platform = told.platform AND signing_bursts.carrier = told.carrier
    AND signing_bursts.minute = epoch_ms(told.sign_time) // 60000
LEFT JOIN one_weights ON one_weights.platform = told.platform AND one_weights.carrier = told.carrier
