-- Places of clearance as they are described on a day: of each the latest state that holds on it.
SELECT siteCode AS site, class, machineCapacity AS machine, physicalCapacity AS physical
FROM business_sites
WHERE validFrom <= $day AND (validTo IS NULL OR validTo >= $day)
QUALIFY row_number() OVER (PARTITION BY siteCode ORDER BY validFrom DESC, load_seq DESC, content_hash DESC, "position") = 1
ORDER BY site
