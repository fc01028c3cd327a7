/*
id: waybill-uniform
version: 1.0.0
title:
  en: One weight on the waybills of different goods
  zh: 不同商品的运单重量雷同
reason:
  en: >-
    Of {sales} parcels of {name}, {differing} ({share:.1%}) have a weight that its waybills give to different goods;
    peers of the role: {peers_share:.2%} (q = {q:.1e}). {early} of its waybills were submitted before the order was paid.
  zh: >-
    {name} 的 {sales} 件包裹中，{differing} 件（{share:.1%}）的运单重量与其他不同商品雷同；同类主体为 {peers_share:.2%}（q = {q:.1e}）。其中 {early} 份运单在订单支付之前已申报。
risk: movement
subject: [Platform, LogisticsCompany]
severity:
  by: signs
  steps: {0: low, 1: medium, 2: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Weighed parcels below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 10
    unit: sales
    meaning: Parcels of a weight that unlike goods share below which there is no finding.
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
  - name: material
    default: 0.3
    unit: share
    meaning: Lower end of the share of such parcels, from which it is a sign that counts.
    source: A third of the parcels is no slip of a scale.
    holds_from: 2019-01-01
population: RETURN COUNT { (:Platform) } + COUNT { (:LogisticsCompany) } AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_one_weight_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:LogisticsCompany) WHERE s.carrier_one_weight_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (d:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.one_weight IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:ON|SOLD_BY|DELIVERED_TO|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - a shop of one product
  - a carrier that rounds weights coarsely (not judgeable)
  - waybill numbers drawn ahead for a pre-sale, by themselves
base: false
needs: [movement-peers]
scope: global
*/
// Every platform and carrier with its share of parcels of one weight for unlike goods; waybills from before the payment
// are a second sign, where they are more frequent than among peers.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_one_weight_q <= $level
    RETURN 'Platform' AS kind, node,
           node.platform_one_weight_tested AS sales, node.platform_one_weight_tested_differing AS differing,
           node.platform_one_weight_low AS low, node.platform_one_weight_peers_share AS peers_share,
           node.platform_one_weight_p AS p, node.platform_one_weight_q AS q,
           coalesce(node.platform_early_differing, 0) AS early,
           CASE WHEN node.platform_early_q <= $level AND node.platform_early_low >= $minimum_lift * node.platform_early_peers_share
                THEN 1 ELSE 0 END AS early_sign
    UNION ALL
    MATCH (node:LogisticsCompany)
    WHERE node.carrier_one_weight_q <= $level
    RETURN 'LogisticsCompany' AS kind, node,
           node.carrier_one_weight_tested AS sales, node.carrier_one_weight_tested_differing AS differing,
           node.carrier_one_weight_low AS low, node.carrier_one_weight_peers_share AS peers_share,
           node.carrier_one_weight_p AS p, node.carrier_one_weight_q AS q,
           coalesce(node.carrier_early_differing, 0) AS early,
           CASE WHEN node.carrier_early_q <= $level AND node.carrier_early_low >= $minimum_lift * node.carrier_early_peers_share
                THEN 1 ELSE 0 END AS early_sign
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.one_weight = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales, differing, share, low, peers_share, share / peers_share AS lift, p, q, early,
       early_sign + CASE WHEN low >= $material THEN 1 ELSE 0 END AS signs,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(s:Enterprise {code: $subject}) WHERE e.one_weight IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
