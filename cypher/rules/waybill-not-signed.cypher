/*
id: waybill-not-signed
version: 1.0.0
title:
  en: Parcels that nobody ever signed for
  zh: 运单长期未签收
reason:
  en: >-
    Of {sales} parcels of {name} that should long have arrived, {differing} ({share:.1%}) were never signed for;
    peers of the role: {peers_share:.2%} ({lift:.1f} times that, q = {q:.1e}).
  zh: >-
    {name} 应已送达的 {sales} 件包裹中，{differing} 件（{share:.1%}）始终无签收；同类主体为 {peers_share:.2%}，相差 {lift:.1f} 倍（q = {q:.1e}）。
risk: movement
subject: [Platform, LogisticsCompany]
severity:
  by: low
  steps: {0: low, 0.1: medium, 0.3: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Parcels old enough below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 5
    unit: sales
    meaning: Parcels never signed for below which there is no finding.
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
population: RETURN COUNT { (:Platform) } + COUNT { (:LogisticsCompany) } AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_not_signed_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:LogisticsCompany) WHERE s.carrier_not_signed_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (d:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.not_signed IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:ON|SOLD_BY|DELIVERED_TO|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - young parcels within the grace time
  - a carrier that delivers no status of signing (not judgeable)
  - what was cancelled, returned, or stopped by customs
base: false
needs: [movement-peers]
scope: global
*/
// Every platform and carrier with its share of parcels that were never signed for, and its peers'.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_not_signed_q <= $level
    RETURN 'Platform' AS kind, node,
           node.platform_not_signed_tested AS sales, node.platform_not_signed_tested_differing AS differing,
           node.platform_not_signed_low AS low, node.platform_not_signed_peers_share AS peers_share,
           node.platform_not_signed_p AS p, node.platform_not_signed_q AS q
    UNION ALL
    MATCH (node:LogisticsCompany)
    WHERE node.carrier_not_signed_q <= $level
    RETURN 'LogisticsCompany' AS kind, node,
           node.carrier_not_signed_tested AS sales, node.carrier_not_signed_tested_differing AS differing,
           node.carrier_not_signed_low AS low, node.carrier_not_signed_peers_share AS peers_share,
           node.carrier_not_signed_p AS p, node.carrier_not_signed_q AS q
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.not_signed = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales, differing, share, low, peers_share, share / peers_share AS lift, p, q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(s:Enterprise {code: $subject}) WHERE e.not_signed IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
