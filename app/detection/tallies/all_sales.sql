-- What most tallies read of every sale, held as a table.
SELECT
    sale_id, platform, merchant, agent, pay_code, company, carrier, warehouse,
    consumer_key, buyer_phone_key, payer_phone_key, consignee_phone_key, address_key,
    first_date, last_date, orders, payments, waybills, inventories, cancelled,
    coalesce(actural_paid, goods_value, amount_paid, 0) AS worth,
    missing, differences, unjudgeable, chapters
FROM every_sale
