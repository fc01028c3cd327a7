/*
id: consumer-quota
version: 1.0.0
title:
  en: A person is over the limit
  zh: 个人交易额超过限值
reason:
  en: >-
    In the name of {name} {sales} declarations of {year} used CNY {used} of CNY {limit} ({use:.0%});
    {over_single} orders of several items were above the single limit. CNY {given_back} given back by cancels and
    returns are not counted.
  zh: >-
    {name} 名下 {year} 年共 {sales} 单申报占用额度 {used} 元，限值 {limit} 元（{use:.0%}）；其中 {over_single}
    单为多件商品且超过单次限值。退单、退货恢复的 {given_back} 元未计入。
risk: consumer end
subject: Consumer
severity:
  by: use
  steps: {0: low, 1: medium, 1.5: high}
maturity: live
window: null
parameters:
  - name: years
    default: 2
    unit: calendar years
    meaning: Calendar years that are looked at, the one of the last day included.
    source: Returns of December give back within the January after.
    holds_from: 2019-01-01
population: MATCH (c:Consumer) RETURN count(c) AS n
judgeable: MATCH (p:Platform) RETURN coalesce(sum(p.quota_people), 0) AS n
picture: |
  MATCH (c:Consumer {key: $subject})
  OPTIONAL MATCH counts = (t:Transaction)-[:COUNTS_TOWARDS]->(c)
  WITH c, t, counts ORDER BY t.id LIMIT 100
  OPTIONAL MATCH on = (t)-[:ON]->()
  RETURN c, counts, on
action: verification
silent_on:
  - goods that were cancelled
  - goods that were returned, in whole or in part
  - one item above the single limit
  - declarations that were rejected, closed or sent back
base: false
needs: [consumer-quota-use]
scope: local
*/
// The worst of the years looked at speaks for the person; evidence is the sales of all of them that count.
MATCH (c:Consumer)
WHERE ($subjects IS NULL OR c.key IN $subjects) AND c.quota_years IS NOT NULL AND $years > 0
WITH c, reduce(worst = 0, i IN range(1, size(c.quota_years) - 1) |
         CASE WHEN c.quota_used_e5[i] * 1.0 / c.quota_limit_e5[i]
                   > c.quota_used_e5[worst] * 1.0 / c.quota_limit_e5[worst] THEN i ELSE worst END) AS at
WITH c, at, [e5 IN [c.quota_used_e5[at], c.quota_limit_e5[at], c.quota_given_back_e5[at]] |
         toString(e5 / 100000) + '.' + substring(toString(100 + (e5 % 100000) / 1000), 1)] AS cny
CALL (c) {
    MATCH (t:Transaction)-[:COUNTS_TOWARDS]->(c)
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN c.key AS subject, c.quota_years[at] AS year, c.quota_sales[at] AS sales,
       cny[0] AS used, cny[1] AS limit, cny[2] AS given_back,
       c.quota_used_e5[at] * 1.0 / c.quota_limit_e5[at] AS use,
       reduce(n = 0, one IN c.quota_over_single | n + one) AS over_single,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[:COUNTS_TOWARDS]->(:Consumer {key: $subject}) RETURN t.id ORDER BY t.id'
       } AS evidence,
       c.quota_used_e5[at] * 1.0 / c.quota_limit_e5[at] AS score
