// A platform and everything that it settles, ships and declares with
:param code => '4401968001'

MATCH (p:Platform {code: $code})
OPTIONAL MATCH with = (p)-[:SETTLES_WITH|SHIPS_WITH|DECLARES_WITH|STORES_IN|GUARANTEED_BY|CLEARS_AT|PUSHED_BY|PAID_INTO
                          |SHARES_CONSUMERS|CHECKED|MEMBER_OF|REPRESENTED_BY|HOSTED_AT]-()
RETURN p, with
LIMIT 200
