SELECT
    inspectionId AS key,
    kind,
    selection,
    result,
    discrepancy,
    local_time(inspectedAt) AS inspected_at_local,
    local_time(selectedAt) AS selected_at_local,
    instructionId AS instruction_id,
    siteCode AS site_code,
    invtNo AS invt_no
FROM current_inspections
WHERE touched_Inspection(inspectionId)
