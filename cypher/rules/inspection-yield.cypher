/*
id: inspection-yield
version: 1.0.0
title:
  en: Random inspections find discrepancies far more often
  zh: 随机查验异常率明显偏高
reason:
  en: >-
    Of {inspections} random inspections of sales of {name}, {discrepant} ({share:.0%}, at least {low:.0%}) found a discrepancy;
    usual among all: {peers_share:.1%} (q = {q:.1e}).
  zh: >-
    对 {name} 的 {inspections} 次随机查验中有 {discrepant} 次查获异常（{share:.0%}，至少 {low:.0%}）；全部主体通常为 {peers_share:.1%}（q = {q:.1e}）。
risk: clearance
subject: [Platform, Merchant, Agent]
severity:
  by: low
  steps: {0: low, 0.1: medium, 0.3: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 10
    unit: inspections
    meaning: Random inspections below which a subject is not judged.
    source: Two or three inspections say nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 3
    unit: inspections
    meaning: Discrepancies below which there is no finding.
    source: One or two may be chance.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 1
    unit: subjects
    meaning: Subjects of a role with enough inspections, below which none is judged; the base rate is everybody's.
    source: Few subjects have many random inspections.
    holds_from: 2019-01-01
  - name: minimum_others
    default: 50
    unit: inspections
    meaning: Random inspections of all others, below which there is no base rate.
    source: Below it the base rate may be off by a factor of three.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 2.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: The base rate rests on few discrepancies itself.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all candidates of a role.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: RETURN COUNT { (:Platform) } + COUNT { (:Merchant) } + COUNT { (:Agent) } AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_discrepancy_judgeable >= $minimum_sales AND s.platform_discrepancy_others >= $minimum_others RETURN count(s) AS n
      UNION ALL
      MATCH (s:Merchant) WHERE s.merchant_discrepancy_judgeable >= $minimum_sales AND s.merchant_discrepancy_others >= $minimum_others RETURN count(s) AS n
      UNION ALL
      MATCH (s:Agent) WHERE s.agent_discrepancy_judgeable >= $minimum_sales AND s.agent_discrepancy_others >= $minimum_others RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (d:Inspection)-[e:EVIDENCE_ABOUT]->(s) WHERE e.discrepancy IS NOT NULL
  WITH s, d, seen ORDER BY d.id LIMIT 50
  OPTIONAL MATCH around = (d)-[:INSPECTED]->()
  RETURN s, seen, around
action: instruction
silent_on:
  - two inspections
  - inspections drawn for a reason (class, instruction, clue, system)
  - inspections whose selection is unknown (not judgeable)
base: true
needs: [inspection-yield-peers]
scope: global
*/
// Every platform, merchant and agent with what random inspections found, against those of all others.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_discrepancy_q <= $level
    RETURN 'Platform' AS kind, node,
           node.platform_discrepancy_tested AS sales, node.platform_discrepancy_tested_differing AS differing,
           node.platform_discrepancy_low AS low, node.platform_discrepancy_peers_share AS peers_share,
           node.platform_discrepancy_p AS p, node.platform_discrepancy_q AS q, node.platform_discrepancy_others AS others
    UNION ALL
    MATCH (node:Merchant)
    WHERE node.merchant_discrepancy_q <= $level
    RETURN 'Merchant' AS kind, node,
           node.merchant_discrepancy_tested AS sales, node.merchant_discrepancy_tested_differing AS differing,
           node.merchant_discrepancy_low AS low, node.merchant_discrepancy_peers_share AS peers_share,
           node.merchant_discrepancy_p AS p, node.merchant_discrepancy_q AS q, node.merchant_discrepancy_others AS others
    UNION ALL
    MATCH (node:Agent)
    WHERE node.agent_discrepancy_q <= $level
    RETURN 'Agent' AS kind, node,
           node.agent_discrepancy_tested AS sales, node.agent_discrepancy_tested_differing AS differing,
           node.agent_discrepancy_low AS low, node.agent_discrepancy_peers_share AS peers_share,
           node.agent_discrepancy_p AS p, node.agent_discrepancy_q AS q, node.agent_discrepancy_others AS others
}
WITH *
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share AND others >= $minimum_others
// Only documents that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (d:Inspection)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.discrepancy = kind
    WITH d.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales AS inspections, differing AS discrepant, share, low, peers_share,
       share / peers_share AS lift, p, q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (d:Inspection)-[e:EVIDENCE_ABOUT]->(s:Enterprise {code: $subject}) WHERE e.discrepancy IS NOT NULL RETURN d.id ORDER BY d.id'
       } AS evidence,
       differing - peers_share * sales AS score
