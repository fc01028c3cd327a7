SELECT
    seen.key,
    site.name,
    site.class,
    CAST(site.machineCapacity AS BIGINT) AS machine_capacity,
    CAST(site.physicalCapacity AS BIGINT) AS physical_capacity,
    site.validFrom AS valid_from,
    site.validTo AS valid_to
FROM (
    SELECT site AS key FROM sale WHERE touched_BusinessSite(site)
    UNION
    SELECT siteCode FROM current_business_sites WHERE touched_BusinessSite(siteCode)
    UNION
    SELECT siteCode FROM current_inspections WHERE touched_BusinessSite(siteCode)
) AS seen
LEFT JOIN current_business_sites AS site ON site.siteCode = seen.key
WHERE seen.key IS NOT NULL
