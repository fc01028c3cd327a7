-- Numbers of the rows of `batch` that are in `stored`, or earlier in `batch`. A row that leaves its time or its sender
-- open says nothing new beside one that gives them. Few documents come twice: only those are compared.
WITH repeated AS (
    SELECT document_id FROM batch GROUP BY document_id HAVING count(*) > 1
),
numbered AS (
    SELECT
        "row", row_number() OVER (
            PARTITION BY document_id, content_hash, appType, appStatus, appTime, dxpId, copCode
            ORDER BY file_id, message_guid, "position", "row"
        ) AS place
    FROM batch SEMI JOIN repeated USING (document_id)
)
SELECT "row" FROM numbered WHERE place > 1
UNION
SELECT b."row"
FROM batch AS b
JOIN stored AS s ON b.document_id = s.document_id AND b.content_hash = s.content_hash
WHERE coalesce(b.appType, 1) = coalesce(s.appType, 1)
  AND coalesce(b.appStatus, '2') = coalesce(s.appStatus, '2')
  AND (b.appTime IS NULL OR b.appTime = s.appTime)
  AND (b.dxpId IS NULL OR b.dxpId = s.dxpId)
  AND (b.copCode IS NULL OR b.copCode = s.copCode)
