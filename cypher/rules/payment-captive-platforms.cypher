/*
id: payment-captive-platforms
version: 1.0.0
title:
  en: Platforms that depend on one payment company, and base flags among them
  zh: 平台集中于同一支付企业且风险标记偏多
reason:
  en: >-
    {captives} platforms settle half or more of their sales with {name}; of {judgeable_captives} that could be
    judged ({flag}) {flagged} are flagged where {expected:.1f} would be expected among all judgeable platforms,
    {lift:.1f} times as many (q = {q:.1e}).
  zh: >-
    有 {captives} 家平台半数以上交易由 {name} 结算；其中可判定的 {judgeable_captives} 家（{flag}）有 {flagged} 家带风险标记，按全部可判定平台推算仅应有 {expected:.1f} 家，为其 {lift:.1f} 倍（q = {q:.1e}）。
risk: joint management
subject: PaymentCompany
severity:
  by: flagged
  steps: {0: high, 5: critical}
maturity: live
window: 12
parameters:
  - name: min_transactions
    default: 20
    unit: sales
    meaning: Sales of a platform in the window below which it is nobody's captive.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: min_share
    default: 0.5
    unit: share
    meaning: Share of its sales that one company settles.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: min_flagged
    default: 3
    unit: platforms
    meaning: Flagged captives below which there is no finding.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all companies that could have been found.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (c:PaymentCompany) RETURN count(c) AS n
judgeable: MATCH (c:PaymentCompany) WHERE c.captive_q IS NOT NULL RETURN count(c) AS n
picture: |
  MATCH captive = (p:Platform)-[:CAPTIVE_TO]->(c:Enterprise {code: $subject})
  OPTIONAL MATCH checked = (v:Verification {result: 'fail'})-[:CHECKED]->(p)
  OPTIONAL MATCH shares = (p)-[:SHARES_CONSUMERS]-(:Platform)-[:CAPTIVE_TO]->(c)
  RETURN captive, checked, shares
  LIMIT 500
action: referral
silent_on:
  - big wallets
  - an aggregator of small shops
  - an honest small firm with a dozen niche shops
  - an honest platform with one failed check
base: false
needs:
  - payment-captives
  - platform-failed-checks
  - document-missing
  - document-payer
  - document-amount
  - document-payment-company
  - document-items
  - document-consignee
  - document-order-of-time
scope: global
*/
// A company whose captives have more base flags than judgeable platforms have.
MATCH (c:PaymentCompany)
WHERE ($subjects IS NULL OR c.code IN $subjects)
  AND c.captive_q <= $level AND c.captive_flagged >= $min_flagged
MATCH (p:Platform)-[captive:CAPTIVE_TO]->(c)
WHERE captive.transactions >= $min_transactions AND captive.share >= $min_share
WITH c, p, captive ORDER BY p.code
WITH c, collect(p.code) AS platforms, sum(captive.settled) AS sales
// The sales of the captives that the company settled, within the window.
CALL (c) {
    MATCH (c)<-[:CAPTIVE_TO]-(p:Platform)<-[:ON]-(t:Transaction)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
      AND EXISTS { (t)-[:PAID_THROUGH]->(c) }
    WITH t.id AS id ORDER BY id
    WITH collect(id) AS ids
    RETURN ids[..$evidence_limit] AS ids, size(ids) AS documents
}
RETURN c.code AS subject, size(platforms) AS captives, sales, c.captive_kind AS flag,
       c.captive_judgeable AS judgeable_captives, c.captive_flagged AS flagged,
       c.captive_expected AS expected, c.captive_lift AS lift, c.captive_p AS p, c.captive_q AS q,
       [code IN platforms | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids,
           count: documents,
           query: 'MATCH (c:Enterprise {code: $subject})<-[:CAPTIVE_TO]-(:Platform)<-[:ON]-(t:Transaction) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) AND EXISTS { (t)-[:PAID_THROUGH]->(c) } RETURN t.id ORDER BY t.id'
       } AS evidence,
       c.captive_flagged - c.captive_expected AS score
