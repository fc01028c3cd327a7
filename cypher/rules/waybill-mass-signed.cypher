/*
id: waybill-mass-signed
version: 1.0.0
title:
  en: Many parcels signed for within one minute
  zh: 多件包裹同一分钟内集中签收
reason:
  en: >-
    Of {sales} signed parcels of {name}, {differing} ({share:.1%}) were signed for at many different addresses within one
    minute; peers of the role: {peers_share:.2%} ({lift:.1f} times that, q = {q:.1e}).
  zh: >-
    {name} 已签收的 {sales} 件包裹中，{differing} 件（{share:.1%}）与其他多个不同地址的包裹在同一分钟内签收；同类主体为 {peers_share:.2%}，相差 {lift:.1f} 倍（q = {q:.1e}）。
risk: movement
subject: [Platform, LogisticsCompany]
severity:
  by: low
  steps: {0: low, 0.05: medium, 0.2: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Signed parcels below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 10
    unit: sales
    meaning: Parcels signed for in a burst below which there is no finding.
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
  - name: minimum_share
    default: 0.05
    unit: share
    meaning: Share of the signed parcels below which there is no finding.
    source: Of a very large platform's parcels some happen to be signed for in the same minute; whoever makes statuses makes most of them so.
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
      MATCH (s:Platform) WHERE s.platform_mass_signed_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:LogisticsCompany) WHERE s.carrier_mass_signed_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (d:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.mass_signed IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:ON|SOLD_BY|DELIVERED_TO|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - a locker or station that signs for many parcels at one address
  - a carrier's batch of statuses that holds everybody's parcels
  - the rhythm of a very large platform
base: false
needs: [movement-peers]
scope: global
*/
// Every platform and carrier with its share of parcels signed for in bursts, and its peers'.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_mass_signed_q <= $level
    RETURN 'Platform' AS kind, node,
           node.platform_mass_signed_tested AS sales, node.platform_mass_signed_tested_differing AS differing,
           node.platform_mass_signed_low AS low, node.platform_mass_signed_peers_share AS peers_share,
           node.platform_mass_signed_p AS p, node.platform_mass_signed_q AS q
    UNION ALL
    MATCH (node:LogisticsCompany)
    WHERE node.carrier_mass_signed_q <= $level
    RETURN 'LogisticsCompany' AS kind, node,
           node.carrier_mass_signed_tested AS sales, node.carrier_mass_signed_tested_differing AS differing,
           node.carrier_mass_signed_low AS low, node.carrier_mass_signed_peers_share AS peers_share,
           node.carrier_mass_signed_p AS p, node.carrier_mass_signed_q AS q
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
  AND differing >= $minimum_share * sales
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.mass_signed = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales, differing, share, low, peers_share, share / peers_share AS lift, p, q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Transaction)-[e:EVIDENCE_ABOUT]->(s:Enterprise {code: $subject}) WHERE e.mass_signed IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
