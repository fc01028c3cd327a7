-- Every entity that any version of the documents of the wanted sales names. Waybills are taken by order number and by
-- the numbers that declarations name, payments also by the numbers that orders name: rather one too many than one too few.
WITH o AS (
    SELECT d.* FROM orders AS d SEMI JOIN wanted_sales AS s ON d.ebpCode || '|' || d.orderNo = s.sale_id
),
v AS (
    SELECT d.* FROM inventories AS d SEMI JOIN wanted_sales AS s ON d.ebpCode || '|' || d.orderNo = s.sale_id
),
p AS (
    SELECT d.* FROM payments AS d SEMI JOIN wanted_sales AS s ON d.ebpCode || '|' || d.orderNo = s.sale_id
    UNION ALL
    SELECT d.* FROM payments AS d
    SEMI JOIN o ON d.payCode = o.payCode AND d.payTransactionId = o.payTransactionId
),
order_numbers AS (
    SELECT DISTINCT substr(sale_id, instr(sale_id, '|') + 1) AS orderNo FROM wanted_sales
),
w AS (
    SELECT d.* FROM waybills AS d SEMI JOIN order_numbers AS n ON d.orderNo = n.orderNo
    UNION ALL
    SELECT d.* FROM waybills AS d
    SEMI JOIN v ON d.logisticsCode = v.logisticsCode AND d.logisticsNo = v.logisticsNo
),
t AS (
    SELECT d.* FROM deliveries AS d
    SEMI JOIN (SELECT logisticsCode, logisticsNo FROM w UNION SELECT logisticsCode, logisticsNo FROM v) AS k
        ON d.logisticsCode = k.logisticsCode AND d.logisticsNo = k.logisticsNo
),
r AS (
    SELECT d.* FROM raw_payments AS d
    SEMI JOIN (
        SELECT n.payCode, n.payTransactionId FROM raw_payment_orders AS n JOIN order_numbers AS s ON n.orderNo = s.orderNo
    ) AS k ON d.payCode = k.payCode AND d.payTransactionId = k.payTransactionId
),
named AS (
    SELECT unnest([
        {'entity': 'platform', 'key': ebpCode}, {'entity': 'merchant', 'key': ebcCode},
        {'entity': 'payment_company', 'key': payCode}, {'entity': 'consumer', 'key': buyerIdNumber_key},
        {'entity': 'phone', 'key': buyerTelephone_key}, {'entity': 'phone', 'key': consigneeTelephone_key},
        {'entity': 'address', 'key': consigneeAddress_key}, {'entity': 'account', 'key': buyerRegNo_key},
        {'entity': 'sender', 'key': dxpId || ' ' || copCode}
    ]) AS e FROM o
    UNION ALL
    SELECT unnest([
        {'entity': 'platform', 'key': ebpCode}, {'entity': 'payment_company', 'key': payCode},
        {'entity': 'consumer', 'key': payerIdNumber_key}, {'entity': 'phone', 'key': telephone_key},
        {'entity': 'sender', 'key': dxpId || ' ' || copCode}
    ]) AS e FROM p
    UNION ALL
    SELECT unnest([
        {'entity': 'logistics_company', 'key': logisticsCode}, {'entity': 'phone', 'key': consigneeTelephone_key},
        {'entity': 'address', 'key': consigneeAddress_key}, {'entity': 'sender', 'key': dxpId || ' ' || copCode}
    ]) AS e FROM w
    UNION ALL
    SELECT unnest([
        {'entity': 'platform', 'key': ebpCode}, {'entity': 'merchant', 'key': ebcCode},
        {'entity': 'logistics_company', 'key': logisticsCode}, {'entity': 'agent', 'key': agentCode},
        {'entity': 'warehouse', 'key': areaCode}, {'entity': 'guarantor', 'key': assureCode},
        {'entity': 'consumer', 'key': buyerIdNumber_key}, {'entity': 'phone', 'key': buyerTelephone_key},
        {'entity': 'address', 'key': consigneeAddress_key}, {'entity': 'sender', 'key': dxpId || ' ' || copCode},
        {'entity': 'site', 'key': customsCode || '-' || loctNo}, {'entity': 'site', 'key': customsCode || '-' || areaCode}
    ]) AS e FROM v
    UNION ALL
    SELECT unnest([
        {'entity': 'operator', 'key': operatorCode}, {'entity': 'site', 'key': customsCode || '-' || operatorCode}
    ]) AS e FROM t
    UNION ALL
    SELECT unnest([
        {'entity': 'bank', 'key': recpAccount_key}, {'entity': 'payment_company', 'key': payCode}
    ]) AS e FROM r
)
SELECT DISTINCT e.entity AS entity, e.key AS key FROM named WHERE e.key IS NOT NULL ORDER BY entity, key
