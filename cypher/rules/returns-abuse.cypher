/*
id: returns-abuse
version: 1.0.0
title:
  en: Sales taken back far over peers, and the quota used again
  zh: 撤单退货远超同业且额度被再次使用
reason:
  en: >-
    Of {sales} declared sales of {name}, {back} were cancelled or returned: {share:.1%} of what its weeks would make ordinary,
    against {peers_share:.2%} among peers (q = {q:.1e}). After {reused} of them the same consumer soon declared again
    ({reuse_share:.0%}; elsewhere {reuse_base:.0%}).
  zh: >-
    {name} 申报 {sales} 笔，其中 {back} 笔撤单或退货：按所在周次折算占 {share:.1%}，同类主体为 {peers_share:.2%}（q = {q:.1e}）。其中 {reused} 笔之后同一消费者随即再次申报（{reuse_share:.0%}；其他主体为 {reuse_base:.0%}）。
risk: movement
subject: [Platform, Merchant]
severity:
  by: low
  steps: {0: low, 0.1: medium, 0.3: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Declared sales (of an ordinary week) below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 10
    unit: sales
    meaning: Sales taken back below which there is no finding.
    source: A few are chance.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Subjects of a role with enough sales, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: Honest subjects differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all candidates of a role.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
  - name: reuse_lift
    default: 2.0
    unit: times
    meaning: The lower end of the share of freed quota that is used again over everybody else's.
    source: Whoever returns goods often buys others; twice as often is no habit.
    holds_from: 2019-01-01
  - name: minimum_others
    default: 20
    unit: sales
    meaning: Sales that others had taken back, below which nothing says how often quota is used again.
    source: Fewer do not tell what is usual.
    holds_from: 2019-01-01
population: RETURN COUNT { (:Platform) } + COUNT { (:Merchant) } AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_returned_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:Merchant) WHERE s.merchant_returned_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (d:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.returned IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:ON|SOLD_BY|DELIVERED_TO|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - the season after a sale day
  - a shop whose goods are often returned, by buyers who do not declare again
base: false
needs: [movement-peers, quota-reuse]
scope: global
*/
// Every platform and merchant with its share of sales taken back (season taken out), and how often the quota that they
// gave back was used again soon.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_returned_q <= $level
    RETURN 'Platform' AS kind, node,
           node.platform_returned_tested AS sales, node.platform_returned_tested_differing AS differing,
           node.platform_returned_low AS low, node.platform_returned_peers_share AS peers_share,
           node.platform_returned_p AS p, node.platform_returned_q AS q,
           node.platform_returns_sales AS declared, node.platform_returns_back AS back,
           node.platform_returns_reused AS reused, node.platform_returns_reuse_low AS reuse_low,
           node.platform_returns_reuse_base AS reuse_base, node.platform_returns_others_back AS others_back
    UNION ALL
    MATCH (node:Merchant)
    WHERE node.merchant_returned_q <= $level
    RETURN 'Merchant' AS kind, node,
           node.merchant_returned_tested AS sales, node.merchant_returned_tested_differing AS differing,
           node.merchant_returned_low AS low, node.merchant_returned_peers_share AS peers_share,
           node.merchant_returned_p AS p, node.merchant_returned_q AS q,
           node.merchant_returns_sales AS declared, node.merchant_returns_back AS back,
           node.merchant_returns_reused AS reused, node.merchant_returns_reuse_low AS reuse_low,
           node.merchant_returns_reuse_base AS reuse_base, node.merchant_returns_others_back AS others_back
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
  AND others_back >= $minimum_others AND reuse_low >= $reuse_lift * reuse_base
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.returned = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, declared AS sales, back, share, low, peers_share, share / peers_share AS lift, p, q,
       reused, toFloat(reused) / back AS reuse_share, reuse_base,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(s:Enterprise {code: $subject}) WHERE e.returned IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
