-- What was declared on a day and was not refused: who has a part in each sale, where it clears, and in which groups its
-- documents differ by more than the tolerance (judged_sales). Statuses of refusal: interface specification 202205.
SELECT
    sale.sale_id, sale.platform, sale.merchant, sale.agent, sale.company, sale.carrier, sale.warehouse,
    sale.site_code AS site, sale.consumer_key, sale.declared_consumer_key, sale.payer_key,
    sale.buyer_phone_key, sale.payer_phone_key, sale.consignee_phone_key, sale.address_key,
    sale.order_sender, sale.payment_sender, sale.waybill_sender, sale.inventory_sender,
    judged.differing
FROM every_sale AS sale
LEFT JOIN judged_sales AS judged ON judged.sale_id = sale.sale_id
WHERE sale.decl_date = $day AND sale.inventories > 0
  AND coalesce(sale.receipt_status NOT IN ('100', '399') AND sale.receipt_status[1] <> '-', true)
ORDER BY sale.sale_id
