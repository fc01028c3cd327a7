SELECT DISTINCT ipAddress AS key
FROM current_enterprises
WHERE ipAddress IS NOT NULL AND touched_IpAddress(ipAddress)
