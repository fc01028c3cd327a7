/*
id: platform-unverified
version: 1.0.0
title:
  en: The platform sells and was not checked in time
  zh: 平台在售但未按期核验
reason:
  en: >-
    {name} made {sales} sales in the window; no check has given a result for {days_unchecked} days ({since_when}).
  zh: >-
    {name} 在观察期内成交 {sales} 笔；已 {days_unchecked} 天没有核验结果（{since_when_zh}）。
risk: source control
subject: Platform
severity:
  by: sales
  steps: {0: low, 5000: medium}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 1
    unit: sales
    meaning: Sales in the window below which a platform need not be checked.
    source: Whoever sells is to be verified.
    holds_from: 2019-01-01
  - name: grace_days
    default: 30
    unit: days
    meaning: Time since the first sale within which a platform is checked for the first time.
    source: Set by the office; a month.
    holds_from: 2019-01-01
  - name: validity_days
    default: 730
    unit: days
    meaning: Time after which a check is too old to say anything.
    source: Set by the office; two years.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform)
  WHERE p.window_sales >= $minimum_sales AND EXISTS { MATCH (:Verification) }
    AND (p.last_checked IS NOT NULL
         OR date(p.first_sale) + duration({days: $grace_days}) < date($as_of))
  RETURN count(p) AS n
picture: |
  MATCH (p:Enterprise {code: $subject})
  OPTIONAL MATCH checked = (:Verification)-[:CHECKED]->(p)
  OPTIONAL MATCH with = (p)-[:SETTLES_WITH|SHIPS_WITH|DECLARES_WITH]->(:Enterprise)
  RETURN p, checked, with
action: verification
silent_on:
  - one that began within the grace time
  - an office that keeps no checks here (not judgeable)
base: false
needs: [platform-activity, platform-checks]
scope: local
*/
// Where the ledger holds no check at all, nothing says who was checked.
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects) AND p.window_sales >= $minimum_sales
  AND EXISTS { MATCH (:Verification) }
WITH p, date(coalesce(p.last_checked, p.first_sale)) AS since,
     CASE WHEN p.last_checked IS NULL THEN $grace_days ELSE $validity_days END AS allowed
WHERE since + duration({days: allowed}) < date($as_of)
CALL (p) {
    MATCH (t:Transaction)-[:ON]->(p)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id LIMIT $evidence_limit
    RETURN collect(id) AS ids
}
RETURN p.code AS subject, p.window_sales AS sales, duration.inDays(since, date($as_of)).days AS days_unchecked,
       CASE WHEN p.last_checked IS NULL THEN 'since its first sale' ELSE 'since its last check' END AS since_when,
       CASE WHEN p.last_checked IS NULL THEN '自首笔交易起' ELSE '自上次核验起' END AS since_when_zh,
       [] AS members,
       {
           ids: ids,
           count: p.window_sales,
           query: 'MATCH (t:Transaction)-[:ON]->(:Enterprise {code: $subject}) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       toFloat(p.window_sales) AS score
