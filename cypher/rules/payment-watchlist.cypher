/*
id: payment-watchlist
version: 1.1.0
title:
  en: More platforms depend on this payment company than on its peers
  zh: 依附该支付企业的平台数量明显多于同业
reason:
  en: >-
    {captives} platforms settle half or more of their sales with {name}; its {peers} peers have {peers_mean:.1f} on
    average (q = {q:.1e}). Checks say something of {captives_checked} of them so far.
  zh: >-
    有 {captives} 家平台半数以上交易由 {name} 结算；{peers} 家同业平均为 {peers_mean:.1f} 家（q = {q:.1e}）。其中仅 {captives_checked} 家已有核验结果。
risk: joint management
subject: PaymentCompany
severity: low
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
  - name: wallet_reach
    default: 0.25
    unit: share
    meaning: A company used on more of the platforms is everybody's wallet and has no peers here.
    source: The large wallets are on most platforms, others on few.
    holds_from: 2019-01-01
  - name: min_peers
    default: 5
    unit: companies
    meaning: Companies with captives, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all companies with captives.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: max_checked
    default: 0.5
    unit: share
    meaning: Share of its captives that were checked, from which base flags speak for or against the company.
    source: The list is for times when few flags exist; where most captives were checked they do.
    holds_from: 2019-01-01
population: MATCH (c:PaymentCompany) RETURN count(c) AS n
judgeable: MATCH (c:PaymentCompany) WHERE c.watch_q IS NOT NULL RETURN count(c) AS n
picture: |
  MATCH (c:Enterprise {code: $subject})
  OPTIONAL MATCH with = (p:Platform)-[:SETTLES_WITH]->(c) WHERE p.code IN c.watch_platforms
  RETURN c, with
  LIMIT 500
action: referral
silent_on:
  - big wallets
  - an aggregator of small shops
  - an honest small firm with a dozen niche shops
base: false
needs: [payment-peers, payment-captives, platform-checks]
scope: global
*/
// A company with more captives than its peers, of which few were checked (where most were, base flags speak); one
// that base flags already speak against is not watched besides.
MATCH (c:PaymentCompany)
WHERE ($subjects IS NULL OR c.code IN $subjects)
  AND c.watch_q <= $level AND NOT c.watch_wallet AND coalesce(c.captive_q, 1.0) > $level
CALL (c) {
    MATCH (p:Platform) WHERE p.code IN c.watch_platforms
    RETURN count(p.last_checked) AS captives_checked
}
WITH c, captives_checked WHERE captives_checked < $max_checked * c.watch_captives
CALL (c) {
    MATCH (p:Platform)<-[:ON]-(t:Transaction)-[:PAID_THROUGH]->(c)
    WHERE p.code IN c.watch_platforms
      AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    WITH collect(id) AS ids
    RETURN ids[..$evidence_limit] AS ids, size(ids) AS documents
}
RETURN c.code AS subject, c.watch_captives AS captives, captives_checked,
       c.watch_peers AS peers, c.watch_peers_mean AS peers_mean, c.watch_p AS p, c.watch_q AS q,
       [code IN c.watch_platforms | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids,
           count: documents,
           query: 'MATCH (p:Platform)<-[:ON]-(t:Transaction)-[:PAID_THROUGH]->(c:Enterprise {code: $subject}) WHERE p.code IN c.watch_platforms AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       c.watch_captives - c.watch_peers_mean AS score
