SELECT DISTINCT lower(siteDomain) AS key
FROM current_enterprises
WHERE siteDomain IS NOT NULL AND touched_WebSite(lower(siteDomain))
