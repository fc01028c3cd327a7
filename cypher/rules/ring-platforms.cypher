/*
id: ring-platforms
version: 1.1.0
title:
  en: Platforms that share their consumers far beyond chance
  zh: 平台团伙：共享消费者远超偶然
reason:
  en: >-
    {size} platforms share {shared} consumers, phones and addresses where chance and goods alike would give
    {expected:.1f}, {lift:.1f} times as many; {company_name} ({company}) settles for {company_members} of them
    (companies: {companies}); {flagged} of them carry base flags.
  zh: >-
    {size} 家平台共有 {shared} 个共同的消费者、电话和地址，按偶然及商品相似仅应有 {expected:.1f} 个，为其 {lift:.1f} 倍；其中 {company_members} 家由 {company_name}（{company}）结算（支付企业：{companies}）；{flagged} 家带风险标记。
risk: rings
subject: Community
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high, 5: critical}
maturity: live
window: 12
parameters:
  - name: hub_quantile
    default: 0.999
    unit: quantile
    meaning: Phones and addresses with more people than this quantile of their kind join nobody.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: hub_floor
    default: 5
    unit: people
    meaning: A phone or address with no more people is never a hub.
    source: A family.
    holds_from: 2019-01-01
  - name: edge_level
    default: 0.01
    unit: share
    meaning: False discovery rate of edges, over all pairs of platforms.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: min_shared
    default: 5
    unit: pieces
    meaning: Evidence of a pair below which it is no edge.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: min_lift
    default: 2.0
    unit: times
    meaning: Evidence over expectation below which a pair is no edge.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: trim
    default: 0.03
    unit: share
    meaning: Pairs that stand out most, left out of the scale of links.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: resolution
    default: 1.0
    unit: number
    meaning: Resolution of Leiden.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: iterations
    default: 10
    unit: rounds
    meaning: Iterations of Leiden.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: seed
    default: 20240101
    unit: number
    meaning: Seed of Leiden; the same data gives the same communities.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: merge_ratio
    default: 0.5
    unit: ratio
    meaning: Pooled lift between two communities over the geometric mean inside, from which they join.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: merge_lift
    default: 2.0
    unit: times
    meaning: Pooled lift between two communities above which they may join.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: merge_p
    default: 0.001
    unit: probability
    meaning: Poisson probability below which they may join.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: likeness
    default: [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    unit: likeness of goods
    meaning: Bounds of the classes of likeness of the goods of two platforms.
    source: Design of rules, rings of platforms.
    holds_from: 2019-01-01
  - name: finding_lift
    default: 3.0
    unit: times
    meaning: Lift inside, adjusted for goods alike, from which a community is a finding.
    source: Design of rules; themes 0.5 to 2.0, rings 5.6 to 672.
    holds_from: 2019-01-01
  - name: finding_level
    default: 0.05
    unit: share
    meaning: False discovery rate over communities, each tested against all groups of its size.
    source: Design of rules, Significance; a pair with six shared people is no ring.
    holds_from: 2019-01-01
  - name: flag_level
    default: 0.05
    unit: probability
    meaning: Base flags of members are grounds where chance would give as many with this probability at most.
    source: Of a mall's twenty shops one or two have failed a check, as of any twenty.
    holds_from: 2019-01-01
  - name: outside_weight
    default: 3
    unit: flags
    meaning: How many base flags captivity to a company counts that is itself significant outside the community.
    source: As many as make a company significant.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform) WHERE p.window_sales >= $min_shared
  WITH count(p) AS n RETURN CASE WHEN n >= 2 THEN n ELSE 0 END AS n
picture: |
  MATCH member = (p:Platform)-[:MEMBER_OF]->(g:Community {id: $subject})
  OPTIONAL MATCH shares = (p)-[:SHARES_CONSUMERS]-(:Platform)-[:MEMBER_OF]->(g)
  OPTIONAL MATCH settled = (g)-[:SETTLED_BY]->(:PaymentCompany)
  RETURN member, shares, settled
  LIMIT 500
action: clue
silent_on:
  - shops for the same goods (a theme)
  - shops of one bonded park
  - a mall's shops
  - independent and heavy-tailed shopping
base: false
needs:
  - platform-activity
  - platform-communities
  - payment-captive-platforms
  - platform-failed-checks
  - document-missing
  - document-payer
  - document-amount
  - document-payment-company
  - document-items
  - document-consignee
  - document-order-of-time
scope: global
*/
MATCH (g:Community {kind: 'platforms'})
WHERE ($subjects IS NULL OR g.id IN $subjects) AND g.adjusted_lift >= $finding_lift
  AND g.q <= $finding_level
MATCH (p:Platform)-[:MEMBER_OF]->(g)
WITH g, p ORDER BY p.code
WITH g, collect(p.code) AS platforms
// The company for which the members are least likely by chance comes first: the small one, not the wallet.
OPTIONAL MATCH (g)-[by:SETTLED_BY]->(c:Enterprise)
WITH g, platforms, by, c ORDER BY by.place
WITH g, platforms, collect({code: c.code, name: c.name, members: by.members}) AS companies
// The sales of the people who bought on more than one member.
CALL (g) {
    MATCH (who:Consumer)-[:BUYS_ON]->(:Platform)-[:MEMBER_OF]->(g)
    WITH g, who, count(*) AS on_platforms WHERE on_platforms > 1
    MATCH (who)<-[:BOUGHT_BY]-(t:Transaction)-[:ON]->(:Platform)-[:MEMBER_OF]->(g)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    WITH collect(id) AS ids
    RETURN ids[..$evidence_limit] AS ids, size(ids) AS documents
}
RETURN g.id AS subject, size(platforms) AS size, g.shared AS shared, g.consumers AS consumers, g.links AS links,
       g.adjusted_expected AS expected, g.adjusted_lift AS lift, g.p AS p, g.q AS q, g.flagged AS flagged,
       size(coalesce(g.companies_outside, [])) AS companies_significant_outside,
       CASE WHEN g.flagged_p <= $flag_level THEN g.flagged ELSE 0 END
           + CASE WHEN g.companies_outside IS NULL THEN 0 ELSE $outside_weight END AS grounds,
       coalesce(companies[0].code, '') AS company, coalesce(companies[0].name, '') AS company_name,
       coalesce(companies[0].members, 0) AS company_members,
       reduce(text = '', c IN [c IN companies WHERE c.code IS NOT NULL] |
              text + CASE text WHEN '' THEN '' ELSE ', ' END + c.code + ' × ' + c.members) AS companies,
       [code IN platforms | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids,
           count: documents,
           query: 'MATCH (who:Consumer)-[:BUYS_ON]->(:Platform)-[:MEMBER_OF]->(g:Community {id: $subject}) WITH g, who, count(*) AS on_platforms WHERE on_platforms > 1 MATCH (who)<-[:BOUGHT_BY]-(t:Transaction)-[:ON]->(:Platform)-[:MEMBER_OF]->(g) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       g.shared * log(g.adjusted_lift) - (g.shared - g.adjusted_expected) AS score
