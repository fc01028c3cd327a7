/*
id: declared-not-arrived
version: 1.0.0
title:
  en: Declared parcels that never reached the supervised store
  zh: 已申报包裹未进入监管场所
reason:
  en: >-
    Of {sales} directly mailed parcels (9610) of {name}, {differing} ({share:.1%}) have no store receipt (711);
    peers of the role: {peers_share:.2%} ({lift:.1f} times that, q = {q:.1e}).
  zh: >-
    {name} 的 {sales} 件直购进口（9610）包裹中，{differing} 件（{share:.1%}）无入库明细（711）；同类主体为 {peers_share:.2%}，相差 {lift:.1f} 倍（q = {q:.1e}）。
risk: movement
subject: [Merchant, BusinessSite]
severity:
  by: low
  steps: {0: low, 0.05: medium, 0.2: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Directly mailed parcels old enough below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 5
    unit: sales
    meaning: Parcels without store receipt below which there is no finding.
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
population: RETURN COUNT { (:Merchant) } + COUNT { (:BusinessSite) } AS n
judgeable: |
  CALL () {
      MATCH (s:Merchant) WHERE s.merchant_not_arrived_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:BusinessSite) WHERE s.site_not_arrived_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise|BusinessSite {code: $subject})
  OPTIONAL MATCH seen = (d:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.not_arrived IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:ON|SOLD_BY|DELIVERED_TO|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - a place of clearance or an office that delivers no 711 (not judgeable)
  - young declarations within the grace time
  - what was cancelled, returned, or stopped by customs
  - a parcel without waybill (document-missing)
base: false
needs: [movement-peers]
scope: global
*/
// Every merchant and place of clearance with its share of 9610 parcels without store receipt, and its peers'.
CALL () {
    MATCH (node:Merchant)
    WHERE node.merchant_not_arrived_q <= $level
    RETURN 'Merchant' AS kind, node,
           node.merchant_not_arrived_tested AS sales, node.merchant_not_arrived_tested_differing AS differing,
           node.merchant_not_arrived_low AS low, node.merchant_not_arrived_peers_share AS peers_share,
           node.merchant_not_arrived_p AS p, node.merchant_not_arrived_q AS q
    UNION ALL
    MATCH (node:BusinessSite)
    WHERE node.site_not_arrived_q <= $level
    RETURN 'BusinessSite' AS kind, node,
           node.site_not_arrived_tested AS sales, node.site_not_arrived_tested_differing AS differing,
           node.site_not_arrived_low AS low, node.site_not_arrived_peers_share AS peers_share,
           node.site_not_arrived_p AS p, node.site_not_arrived_q AS q
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.not_arrived = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales, differing, share, low, peers_share, share / peers_share AS lift, p, q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(s:Enterprise|BusinessSite {code: $subject}) WHERE e.not_arrived IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
