SELECT inspectionId AS start_key, sale.id AS end_key
FROM current_inspections
JOIN sale ON sale.id = ebpCode || '|' || orderNo
WHERE touched_Inspection(inspectionId)
UNION
SELECT inspectionId, sale.id
FROM current_inspections
JOIN sale ON sale.invt_no = invtNo
WHERE (ebpCode IS NULL OR orderNo IS NULL) AND touched_Inspection(inspectionId)
