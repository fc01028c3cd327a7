/*
id: payment-captive-platforms
version: 2.0.0
title:
  en: Platforms that depend on one payment company, and base flags among them
  zh: 平台集中于同一支付企业且风险标记偏多
reason:
  en: >-
    {captives} platforms settle half or more of their sales with {name}; of {judgeable_captives} that could be
    judged ({flag}) {flagged} are flagged where {expected:.1f} would be expected among all judgeable platforms,
    {lift:.1f} times as many (q = {q:.1e}). Of {replies} payments of the captives that the payment authority spoke about it
    refutes {refuted}; {genuine} are genuine.
  zh: >-
    有 {captives} 家平台半数以上交易由 {name} 结算；其中可判定的 {judgeable_captives} 家（{flag}）有 {flagged} 家带风险标记，按全部可判定平台推算仅应有 {expected:.1f} 家，为其 {lift:.1f} 倍（q = {q:.1e}）。支付主管部门已答复这些平台的 {replies} 笔支付，其中 {refuted} 笔不属实，{genuine} 笔属实。
risk: joint management
subject: PaymentCompany
severity:
  by: gravity
  steps: {0: low, 1: medium, 2: high, 3: critical}
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
  - name: many_flagged
    default: 5
    unit: platforms
    meaning: Flagged captives from which a company is graver by a step.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: refuted_raises
    default: 0.2
    unit: share
    meaning: >-
      Lower end of the interval of the refuted share of the captives' payments, from which a company that other flags than
      replies show is graver by a step.
    source: Four times what mistakes of honest subjects explain at most.
    holds_from: 2026-01-01
  - name: refuted_lowers
    default: 0.1
    unit: share
    meaning: Upper end of that interval up to which a company is less grave by a step.
    source: Its payments are nearly all genuine; it takes some 25 genuine replies to know that.
    holds_from: 2026-01-01
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
  - a company whose payments the authority finds genuine (a step less grave)
base: false
needs:
  - payment-captives
  - platform-failed-checks
  - payment-refuted
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
// What the authority replied about payments of the captives that the company settled. Replies raise nothing twice: not
// where they are the flags that show the company. Without a reply the interval is 0 to 1 and changes nothing.
WITH *, coalesce(c.captive_replies, 0) AS replies, coalesce(c.captive_refuted, 0) AS refuted,
     coalesce(c.captive_refuted_low, 0.0) AS low, coalesce(c.captive_refuted_high, 1.0) AS high
RETURN c.code AS subject, size(platforms) AS captives, sales, c.captive_kind AS flag,
       c.captive_judgeable AS judgeable_captives, c.captive_flagged AS flagged,
       c.captive_expected AS expected, c.captive_lift AS lift, c.captive_p AS p, c.captive_q AS q,
       replies, refuted, replies - refuted AS genuine, low, high,
       CASE WHEN c.captive_flagged >= $many_flagged THEN 3 ELSE 2 END
           + CASE WHEN low >= $refuted_raises AND c.captive_kind <> 'joint management' THEN 1 ELSE 0 END
           - CASE WHEN high <= $refuted_lowers THEN 1 ELSE 0 END AS gravity,
       [code IN platforms | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids,
           count: documents,
           query: 'MATCH (c:Enterprise {code: $subject})<-[:CAPTIVE_TO]-(:Platform)<-[:ON]-(t:Transaction) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) AND EXISTS { (t)-[:PAID_THROUGH]->(c) } RETURN t.id ORDER BY t.id'
       } AS evidence,
       (c.captive_flagged - c.captive_expected) * (low + high) AS score
