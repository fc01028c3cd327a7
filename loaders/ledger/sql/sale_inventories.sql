-- Current declarations with what customs answered: the number it gave (invtNo) and the latest status.
-- A receipt answers by invtNo, else by preNo, else by (agentCode, copNo); without agentCode by copNo where only one
-- declaration has it.
WITH answers AS (
    SELECT agentCode, copNo, preNo, invtNo, returnStatus, returnTime, returnInfo
    FROM current_receipts
    WHERE kind = 'CEB622'
),
numbered AS (
    SELECT document_id, invtNo FROM current_inventories WHERE invtNo IS NOT NULL
),
without_number AS (
    SELECT a.* FROM answers AS a ANTI JOIN numbered AS n ON a.invtNo = n.invtNo
),
registered AS (
    SELECT document_id, preNo FROM current_inventories WHERE preNo IS NOT NULL
),
by_own_number AS (
    SELECT a.* FROM without_number AS a ANTI JOIN registered AS n ON a.preNo = n.preNo
),
one_owner AS (
    SELECT copNo, min(document_id) AS document_id
    FROM current_inventories
    WHERE copNo IN (SELECT copNo FROM answers WHERE agentCode IS NULL)
    GROUP BY copNo
    HAVING count(*) = 1
),
links AS (
    SELECT n.document_id, a.* FROM answers AS a JOIN numbered AS n ON a.invtNo = n.invtNo
    UNION ALL
    SELECT n.document_id, a.* FROM without_number AS a JOIN registered AS n ON a.preNo = n.preNo
    UNION ALL
    SELECT v.document_id, a.*
    FROM by_own_number AS a JOIN current_inventories AS v ON a.agentCode = v.agentCode AND a.copNo = v.copNo
    UNION ALL
    SELECT o.document_id, a.* FROM by_own_number AS a JOIN one_owner AS o ON a.copNo = o.copNo
    WHERE a.agentCode IS NULL
),
latest AS (
    SELECT document_id, returnStatus
    FROM links
    QUALIFY row_number() OVER (
        PARTITION BY document_id ORDER BY returnTime DESC NULLS LAST, returnStatus DESC, returnInfo DESC
    ) = 1
),
numbers AS (
    SELECT document_id, invtNo
    FROM links
    WHERE invtNo IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY document_id ORDER BY returnTime DESC NULLS LAST, invtNo DESC
    ) = 1
)
SELECT
    v.ebpCode || '|' || v.orderNo AS sale_id,
    coalesce(v.invtNo, n.invtNo) AS invt_no,
    l.returnStatus AS receipt_status,
    v.document_id, v.content_hash, v.appTime, v.appType, v.copCode, v.dxpId,
    v.ebpCode, v.orderNo, v.ebcCode, v.logisticsCode, v.logisticsNo, v.agentCode, v.copNo, v.areaCode, v.assureCode,
    v.customsCode, v.loctNo, v.tradeMode, v.declTime, v.freight, v.insuredFee, v.currency,
    v.buyerIdNumber_key, v.buyerName_key, v.buyerTelephone_key, v.consigneeAddress_key
FROM current_inventories AS v
LEFT JOIN latest AS l ON v.document_id = l.document_id
LEFT JOIN numbers AS n ON v.document_id = n.document_id
