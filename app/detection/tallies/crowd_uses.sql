/*
id: crowd-uses
meaning: >-
  Every sale that went to a crowd: a consignee's phone, or an address, behind which more identities bought in the
  window than a family has. The buyer's phone is null where it is a privacy number, which is no crowd either.
reads: [virtual_phones]
parameters:
  - name: family
    default: 5
    unit: people
    meaning: A phone or an address with no more identities is a family's.
    source: Design of rules, consumer end.
    holds_from: 2019-01-01
*/
WITH contacts AS (
    SELECT 'Phone' AS label, consignee_phone_key AS key, sale_id FROM sales WHERE consumer_key IS NOT NULL
    UNION ALL
    SELECT 'Address', address_key, sale_id FROM sales WHERE consumer_key IS NOT NULL
),
busy AS (
    -- As many sales are needed for as many identities: this leaves little to count exactly.
    SELECT label, key FROM contacts WHERE key IS NOT NULL GROUP BY label, key HAVING count(*) > $family
),
uses AS (
    SELECT
        contacts.label, contacts.key, sale_id, consumer_key AS consumer, platform, first_date, chapters,
        CASE WHEN buyer.phone IS NULL THEN buyer_phone_key END AS phone
    FROM busy
    JOIN contacts ON contacts.label = busy.label AND contacts.key = busy.key
    JOIN sales USING (sale_id)
    LEFT JOIN virtual_phones AS buyer ON buyer.phone = buyer_phone_key
    LEFT JOIN virtual_phones AS relayed ON relayed.phone = contacts.key
    WHERE relayed.phone IS NULL
),
crowds AS (
    SELECT label, key FROM uses GROUP BY label, key HAVING count(DISTINCT consumer) > $family
)
SELECT uses.*
FROM uses
JOIN crowds ON crowds.label = uses.label AND crowds.key = uses.key
ORDER BY uses.label, uses.key, uses.sale_id
