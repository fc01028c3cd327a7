SELECT
    key,
    left(key, length(key) - length(split_part(key, ' ', -1)) - 1) AS dxp_id,
    split_part(key, ' ', -1) AS cop_code
FROM (
    SELECT order_sender AS key FROM sale WHERE touched_Sender(order_sender)
    UNION
    SELECT payment_sender FROM sale WHERE touched_Sender(payment_sender)
    UNION
    SELECT waybill_sender FROM sale WHERE touched_Sender(waybill_sender)
    UNION
    SELECT inventory_sender FROM sale WHERE touched_Sender(inventory_sender)
)
WHERE key IS NOT NULL
