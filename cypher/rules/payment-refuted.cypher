/*
id: payment-refuted
version: 1.0.0
title:
  en: The payment authority refutes payments
  zh: 支付主管部门核验否认支付
reason:
  en: >-
    {name}: of {replies} payments that the payment authority spoke about it refutes {refuted}, and {genuine} are genuine. Of
    all its payments that makes {share:.0%} (95 % interval {low:.0%} to {high:.0%}) where {usual_share:.1%} would be usual
    (q = {q:.1e}).
  zh: >-
    {name}：支付主管部门已答复的 {replies} 笔支付中有 {refuted} 笔不属实、{genuine} 笔属实；推算其全部支付中不属实占 {share:.0%}（95 % 区间 {low:.0%} 至 {high:.0%}），通常仅为 {usual_share:.1%}（q = {q:.1e}）。
risk: joint management
subject: [Platform, PaymentCompany]
severity:
  by: low
  steps: {0: low, 0.1: medium, 0.5: high, 0.8: critical}
maturity: live
window: 12
parameters:
  - name: minimum_replies
    default: 2
    unit: payments
    meaning: Payments that the authority spoke about, below which a subject is not judged.
    source: One reply may be about a mistyped number.
    holds_from: 2019-01-01
  - name: minimum_refuted
    default: 2
    unit: payments
    meaning: Refuted payments below which there is no finding.
    source: One refuted payment is somebody's mistake.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: platforms
    meaning: Platforms with replies, below which `mistakes` stands for what is usual.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: mistakes
    default: 0.05
    unit: share
    meaning: Share of replies that mistakes of honest subjects explain at most; what peers show counts up to it.
    source: Set by the office; those asked about are suspects, so peers alone may show guilt as usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the usual share.
    source: Honest subjects differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all judged subjects of a role.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (s:Platform) WHERE s.window_sales > 0 RETURN count(s) AS n
      UNION ALL
      MATCH (s:PaymentCompany) RETURN count(s) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_refuted_q IS NOT NULL RETURN count(s) AS n
      UNION ALL
      MATCH (s:PaymentCompany) WHERE s.company_refuted_q IS NOT NULL RETURN count(s) AS n
  }
  RETURN sum(n) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH refutes = (r:PaymentReply)-[:REFUTES]->(s)
  WITH s, r, refutes ORDER BY r.id LIMIT 50
  OPTIONAL MATCH about = (r)-[:ABOUT]->(t:Transaction)
  OPTIONAL MATCH around = (t)-[:ON|PAID_THROUGH]->(:Enterprise)
  RETURN s, refutes, about, around
action: referral
silent_on:
  - one mistyped number
  - wrong number sent
  - a wallet in whose name a few platforms forge
  - a reply that a later one supersedes
base: true
needs: [platform-activity, payment-replies]
scope: global
*/
// Platforms and payment companies of which the authority refutes more payments than is usual.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_refuted_q <= $level
    RETURN 'Platform' AS kind, node, node.platform_replies AS replies, node.platform_refuted AS refuted,
           node.platform_refuted_share AS share, node.platform_refuted_low AS low, node.platform_refuted_high AS high,
           node.platform_refuted_usual AS usual, node.platform_refuted_p AS p, node.platform_refuted_q AS q
    UNION ALL
    MATCH (node:PaymentCompany)
    WHERE node.company_refuted_q <= $level
    RETURN 'PaymentCompany' AS kind, node, node.company_replies AS replies, node.company_refuted AS refuted,
           node.company_refuted_share AS share, node.company_refuted_low AS low, node.company_refuted_high AS high,
           node.company_refuted_usual AS usual, node.company_refuted_p AS p, node.company_refuted_q AS q
}
WITH kind, node, replies, refuted, share, low, high, usual, p, q
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND refuted >= $minimum_refuted AND low >= $minimum_lift * usual
CALL (node, kind) {
    MATCH (reply:PaymentReply)-[refutes:REFUTES]->(node)
    WHERE CASE kind WHEN 'Platform' THEN refutes.platform ELSE refutes.company END
    OPTIONAL MATCH (reply)-[at:REFUTES]->(platform:Platform) WHERE at.platform AND kind = 'PaymentCompany'
    WITH reply.id AS id, platform.code AS code ORDER BY id
    WITH collect(DISTINCT id) AS ids, collect(DISTINCT code) AS codes
    RETURN ids, codes
}
RETURN kind, node.code AS subject, replies, refuted, replies - refuted AS genuine,
       share, low, high, usual AS usual_share, p, q,
       [code IN codes | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (r:PaymentReply)-[:REFUTES]->(:Enterprise {code: $subject}) RETURN DISTINCT r.id ORDER BY r.id'
       } AS evidence,
       (share - usual) * replies AS score
