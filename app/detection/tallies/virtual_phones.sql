/*
id: virtual-phones
meaning: >-
  Keys of relayed (privacy) numbers: those with an extension, in any part of a sale. They stand for nobody.
reads: []
parameters: []
*/
WITH written AS (
    SELECT buyerTelephone_key AS phone, buyerTelephone AS raw FROM orders
    UNION ALL
    SELECT consigneeTelephone_key, consigneeTelephone FROM orders
    UNION ALL
    SELECT consigneeTelephone_key, consigneeTelephone FROM waybills
    UNION ALL
    SELECT buyerTelephone_key, buyerTelephone FROM inventories
)
SELECT DISTINCT phone
FROM written
WHERE length(raw) > 12
  AND phone IS NOT NULL
  -- As the normal form of a phone has it (loaders/contract/normal.py), blanks and dashes written for the eye apart.
  AND regexp_full_match(
      regexp_replace(regexp_replace(raw, '[\s()（）]', '', 'g'), '^((\+|00)?(86)?-?1[0-9]{2})[-.]([0-9]{4})[-.]([0-9]{4})', '\1\4\5'),
      '(\+|00)?(86)?-?(1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})([-,;#*/.:xX－＃＊，]|转|分机|[eE][xX][tT])+[0-9]{1,8}'
  )
ORDER BY phone
