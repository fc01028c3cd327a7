/*
id: refused-identities
meaning: >-
  Sales whose order or declaration customs refused over the buyer (his quota, buyer and payer apart), when, with which
  code, and the sale under which the same was declared again with another person: the same order in a later version, or
  another order of the merchant for the same goods to the same phone or home. A corrected number of one person
  (the same name, at most `digits` characters apart, or another kind of paper) is not another person.
reads: []
parameters:
  - name: codes
    default: ["1313", "1327", "-621018"]
    unit: return codes
    meaning: Codes in an answer of customs that refuse a sale over its buyer.
    source: Return codes as seen in answers; annual limit exceeded (1313, -621018), buyer is not payer (1327).
    holds_from: 2019-01-01
  - name: digits
    default: 2
    unit: characters
    meaning: Numbers of one name that are no further apart (changed, missing, swapped characters) are one person's.
    source: A slip of the pen changes one or two characters.
    holds_from: 2019-01-01
  - name: days
    default: 30
    unit: days
    meaning: Within so many days after the refusal another order for the same goods counts as the same again.
    source: Goods that were refused wait in the warehouse for a month at most.
    holds_from: 2019-01-01
  - name: household
    default: 5
    unit: people
    meaning: An address with more buyers is a locker, a station or an office and links no two orders.
    source: Design of rules, a family has at most five.
    holds_from: 2019-01-01
*/
WITH codes AS (SELECT unnest(CAST($codes AS VARCHAR[])) AS code),
answers AS (
    SELECT kind, ebpCode, orderNo, agentCode, copNo, preNo, returnTime, code
    FROM receipts
    JOIN codes
        ON returnStatus = code
        OR regexp_matches(returnInfo, '(^|[^0-9])' || ltrim(code, '-') || '([^0-9]|$)')
    WHERE kind IN ('CEB312', 'CEB622') AND (returnStatus = '100' OR returnStatus LIKE '-%')
),
named AS (
    SELECT ebpCode || '|' || orderNo AS sale_id, returnTime, code FROM answers WHERE kind = 'CEB312'
    UNION
    SELECT v.ebpCode || '|' || v.orderNo, a.returnTime, a.code
    FROM answers AS a
    JOIN inventories AS v ON a.copNo = v.copNo AND coalesce(a.agentCode, v.agentCode) = v.agentCode
    WHERE a.kind = 'CEB622'
    UNION
    SELECT v.ebpCode || '|' || v.orderNo, a.returnTime, a.code
    FROM answers AS a
    JOIN inventories AS v ON a.preNo = v.preNo
    WHERE a.kind = 'CEB622'
),
refused AS (
    SELECT sale_id, min(returnTime) AS refused_at, min(code) AS code
    FROM named
    GROUP BY sale_id
    HAVING ($since IS NULL OR local_day(min(returnTime)) > $since) AND local_day(min(returnTime)) <= $until
),
-- Who and where, in every version of the documents of what was refused.
versions AS (
    SELECT
        r.sale_id, d.appTime, d.ebcCode, d.buyerIdType AS paper, d.buyerIdNumber AS person_number,
        d.buyerIdNumber_key AS identity, d.buyerName_key AS name,
        d.consigneeTelephone_key AS phone, d.consigneeAddress_key AS address
    FROM orders AS d
    JOIN refused AS r ON d.ebpCode || '|' || d.orderNo = r.sale_id
    WHERE d.appStatus IS DISTINCT FROM '1'
    UNION ALL
    SELECT
        r.sale_id, d.appTime, d.ebcCode, d.buyerIdType, d.buyerIdNumber, d.buyerIdNumber_key, d.buyerName_key,
        NULL, d.consigneeAddress_key
    FROM inventories AS d
    JOIN refused AS r ON d.ebpCode || '|' || d.orderNo = r.sale_id
    WHERE d.appStatus IS DISTINCT FROM '1'
),
was AS (
    SELECT v.*, r.refused_at
    FROM versions AS v
    JOIN refused AS r ON v.sale_id = r.sale_id
    WHERE v.identity IS NOT NULL AND (v.appTime IS NULL OR v.appTime <= r.refused_at)
),
homes AS (SELECT DISTINCT address FROM was WHERE address IS NOT NULL),
hubs AS (
    SELECT s.address_key AS address
    FROM window_sales AS s
    JOIN homes AS h ON s.address_key = h.address
    GROUP BY s.address_key
    HAVING count(DISTINCT s.consumer_key) > $household
),
places AS (
    SELECT DISTINCT sale_id, refused_at, merchant, place
    FROM (
        SELECT sale_id, refused_at, coalesce(code_map.canonical, ebcCode) AS merchant, unnest([phone, address]) AS place
        FROM was
        LEFT JOIN code_map ON code_map.code = ebcCode
    ) AS spots
    WHERE place IS NOT NULL AND place NOT IN (SELECT address FROM hubs)
),
here AS (
    SELECT
        sale_id, merchant, consumer_key, unnest([consignee_phone_key, address_key]) AS place,
        coalesce(local_day(order_time), decl_date) AS submitted
    FROM window_sales
),
near AS (
    SELECT DISTINCT p.sale_id, h.sale_id AS again
    FROM places AS p
    JOIN here AS h ON p.place = h.place AND p.merchant = h.merchant
    WHERE p.sale_id <> h.sale_id
        AND h.submitted BETWEEN local_day(p.refused_at) AND local_day(p.refused_at) + CAST($days AS INTEGER)
),
goods AS (
    SELECT sale_id, string_agg(DISTINCT line, ' ' ORDER BY line) AS lines
    FROM (
        SELECT
            n.sale_id, coalesce(d.barCode, d.itemNo, d.itemName) || ' x ' || CAST(d.qty AS VARCHAR) AS line
        FROM order_items AS d
        JOIN (SELECT sale_id FROM near UNION SELECT again FROM near) AS n ON d.ebpCode || '|' || d.orderNo = n.sale_id
    ) AS lines
    GROUP BY sale_id
),
later AS (
    -- The same order named somebody else after the refusal; or another order did, for the same goods.
    SELECT v.sale_id, v.sale_id AS again, true AS same_order, v.identity, v.name, v.paper, v.person_number
    FROM versions AS v
    JOIN refused AS r ON v.sale_id = r.sale_id
    WHERE v.identity IS NOT NULL AND v.appTime > r.refused_at
    UNION ALL
    SELECT n.sale_id, n.again, false, d.buyerIdNumber_key, d.buyerName_key, d.buyerIdType, d.buyerIdNumber
    FROM near AS n
    JOIN goods AS a ON n.sale_id = a.sale_id
    JOIN goods AS b ON n.again = b.sale_id AND a.lines = b.lines
    JOIN orders AS d ON d.ebpCode || '|' || d.orderNo = n.again AND d.appStatus IS DISTINCT FROM '1'
),
swapped AS (
    SELECT l.sale_id, l.again, l.same_order
    FROM later AS l
    JOIN was AS w ON l.sale_id = w.sale_id
    GROUP BY l.sale_id, l.again, l.same_order, l.identity
    HAVING bool_and(
        l.identity <> w.identity
        AND NOT (
            coalesce(l.name = w.name, false)
            AND (l.paper <> w.paper OR damerau_levenshtein(upper(l.person_number), upper(w.person_number)) <= $digits)
        )
    )
),
known AS (SELECT sale_id, platform, merchant FROM every_sale),
first_again AS (
    -- Of several the same order before another one, then the smallest.
    SELECT s.sale_id, s.again, s.same_order
    FROM swapped AS s
    SEMI JOIN window_sales AS k ON s.again = k.sale_id
    QUALIFY row_number() OVER (PARTITION BY s.sale_id ORDER BY s.same_order DESC, s.again) = 1
)
SELECT
    r.sale_id, k.platform, k.merchant, local_day(r.refused_at) AS refused_on, r.code, f.again, f.same_order
FROM refused AS r
JOIN known AS k ON r.sale_id = k.sale_id
LEFT JOIN first_again AS f ON r.sale_id = f.sale_id
ORDER BY r.sale_id
