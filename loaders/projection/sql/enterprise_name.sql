-- (code as declared, name) as the current documents and the register have it. A document's parties come together,
-- so that each table is read once; few combinations of them differ.
WITH ordered AS (
    SELECT DISTINCT ebpCode, ebpName, ebcCode, ebcName, payCode, payName FROM current_orders
),
paid AS (
    SELECT DISTINCT payCode, payName, ebpCode, ebpName FROM current_payments
),
declared AS (
    SELECT DISTINCT
        ebpCode, ebpName, ebcCode, ebcName, logisticsCode, logisticsName, agentCode, agentName, areaCode, areaName
    FROM current_inventories
),
named AS (
    SELECT unnest([
        {'code': ebpCode, 'name': ebpName}, {'code': ebcCode, 'name': ebcName}, {'code': payCode, 'name': payName}
    ]) AS e FROM ordered
    UNION ALL
    SELECT unnest([{'code': payCode, 'name': payName}, {'code': ebpCode, 'name': ebpName}]) AS e FROM paid
    UNION ALL
    SELECT unnest([
        {'code': ebpCode, 'name': ebpName}, {'code': ebcCode, 'name': ebcName},
        {'code': logisticsCode, 'name': logisticsName}, {'code': agentCode, 'name': agentName},
        {'code': areaCode, 'name': areaName}
    ]) AS e FROM declared
    UNION ALL
    SELECT unnest([{'code': code, 'name': name}, {'code': uscc, 'name': NULL}]) AS e FROM current_enterprises
)
SELECT DISTINCT e.code AS code, e.name AS name FROM named WHERE e.code IS NOT NULL
