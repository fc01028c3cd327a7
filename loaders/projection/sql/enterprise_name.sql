-- (code as declared, name) as the current documents and the register have it.
SELECT DISTINCT ebpCode AS code, ebpName AS name FROM current_orders
UNION
SELECT DISTINCT ebcCode, ebcName FROM current_orders
UNION
SELECT DISTINCT payCode, payName FROM current_orders WHERE payCode IS NOT NULL
UNION
SELECT DISTINCT payCode, payName FROM current_payments
UNION
SELECT DISTINCT ebpCode, ebpName FROM current_payments
UNION
SELECT DISTINCT ebpCode, ebpName FROM current_inventories
UNION
SELECT DISTINCT ebcCode, ebcName FROM current_inventories
UNION
SELECT DISTINCT logisticsCode, logisticsName FROM current_inventories
UNION
SELECT DISTINCT agentCode, agentName FROM current_inventories
UNION
SELECT DISTINCT areaCode, areaName FROM current_inventories WHERE areaCode IS NOT NULL
UNION
SELECT code, name FROM current_enterprises
UNION
SELECT uscc, NULL FROM current_enterprises WHERE uscc IS NOT NULL
