/*
id: ring-identities
version: 1.0.0
title:
  en: People who are together on the same platforms far beyond chance
  zh: 身份团伙：一批身份在同一组平台上密集出现
reason:
  en: >-
    {consumers} identities are on {shared} of the pairs that they make with {platforms} platforms, where chance and their
    taste in goods would give {expected:.1f}, {lift:.1f} times as many (q = {q:.1e}); {flagged} of the platforms carry
    base flags.
  zh: >-
    {consumers} 个身份与 {platforms} 家平台之间有 {shared} 对购买关系，按偶然及商品偏好仅应有 {expected:.1f} 对，为其 {lift:.1f} 倍（q = {q:.1e}）；其中 {flagged} 家平台带风险标记。
risk: rings
subject: Community
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high, 5: critical}
maturity: live
window: 12
parameters:
  - name: resolution
    default: 5.0
    unit: number
    meaning: Resolution of Leiden on the graph of consumers and platforms.
    source: Design of rules, dense blocks.
    holds_from: 2019-01-01
  - name: iterations
    default: 3
    unit: rounds
    meaning: Iterations of Leiden; what it proposes is settled afterwards.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: seed
    default: 20240101
    unit: number
    meaning: Seed of Leiden; the same data gives the same blocks.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: least_platforms
    default: 3
    unit: platforms
    meaning: Platforms of a block, below which it is none.
    source: One niche shop has loyal customers, and two are often one owner's.
    holds_from: 2019-01-01
  - name: least_consumers
    default: 10
    unit: people
    meaning: Consumers of a block, below which it is none.
    source: Two families with one taste.
    holds_from: 2019-01-01
  - name: block_lift
    default: 3.0
    unit: times
    meaning: Pairs inside over those expected, below which a block is no finding.
    source: As for rings of platforms.
    holds_from: 2019-01-01
  - name: block_level
    default: 0.05
    unit: share
    meaning: False discovery rate over blocks, each tested against all blocks of its size.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: minimum_market
    default: 10
    unit: platforms
    meaning: Platforms with customers who buy on several, below which there is nobody outside a block.
    source: A block is dense against what is around it.
    holds_from: 2019-01-01
  - name: members_listed
    default: 500
    unit: people
    meaning: Consumers that are linked to their block, the weightiest first; all are counted.
    source: What an investigator can walk along.
    holds_from: 2019-01-01
  - name: flag_level
    default: 0.05
    unit: probability
    meaning: Base flags of platforms are grounds where chance would give as many with this probability at most.
    source: Of any twenty shops one or two have failed a check.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform) WHERE p.consumers_of_several > 0
  WITH count(p) AS n RETURN CASE WHEN n >= $minimum_market THEN n ELSE 0 END AS n
picture: |
  MATCH shop = (p:Platform)-[:MEMBER_OF]->(g:Community {id: $subject})
  WITH g, collect(shop) AS shops
  MATCH person = (c:Consumer)-[:MEMBER_OF]->(g)
  WITH g, shops, c, person LIMIT 50
  MATCH buys = (c)-[:BUYS_ON]->(:Platform)-[:MEMBER_OF]->(g)
  RETURN shops, person, buys
action: clue
silent_on:
  - loyal customers of one niche shop
  - people of one taste (shops for the same goods)
  - independent and heavy-tailed shopping
base: false
needs:
  - platform-activity
  - identity-blocks
scope: global
*/
MATCH (g:Community {kind: 'identities'})
WHERE ($subjects IS NULL OR g.id IN $subjects) AND g.q <= $block_level AND g.lift >= $block_lift
MATCH (p:Platform)-[:MEMBER_OF]->(g)
WITH g, p ORDER BY p.code
WITH g, collect({kind: 'Platform', key: p.code}) AS platforms
CALL (g) {
    MATCH (c:Consumer)-[m:MEMBER_OF]->(g)
    WITH c, m ORDER BY m.weight DESC, c.key
    RETURN collect({kind: 'Consumer', key: c.key}) AS people
}
// The sales of the listed consumers on the platforms of the block.
CALL (g) {
    MATCH (c:Consumer)-[:MEMBER_OF]->(g)
    MATCH (c)<-[:BOUGHT_BY]-(t:Transaction)-[:ON]->(:Platform)-[:MEMBER_OF]->(g)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    WITH collect(id) AS ids
    RETURN ids[..$evidence_limit] AS ids, size(ids) AS documents
}
RETURN g.id AS subject, g.consumers AS consumers, g.platforms AS platforms, g.shared AS shared,
       g.expected AS expected, g.lift AS lift, g.p AS p, g.q AS q, g.flagged AS flagged,
       CASE WHEN g.flagged_p <= $flag_level THEN g.flagged ELSE 0 END AS grounds,
       platforms + people AS members,
       {
           ids: ids,
           count: documents,
           query: 'MATCH (c:Consumer)-[:MEMBER_OF]->(g:Community {id: $subject}) MATCH (c)<-[:BOUGHT_BY]-(t:Transaction)-[:ON]->(:Platform)-[:MEMBER_OF]->(g) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       g.shared * log(g.lift) - (g.shared - g.expected) AS score
