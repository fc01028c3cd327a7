/*
id: enterprise-shared-control
version: 1.0.0
title:
  en: Enterprises under one control, with base flags among them
  zh: 企业受同一控制且其中有风险标记
reason:
  en: >-
    {enterprises} enterprises share {attributes} entries of the register ({shared_kinds}), any two that are joined at least
    {minimum_shared} kinds of them; {flagged_members} of them carry base flags ({flagged_names}).
  zh: >-
    {enterprises} 家企业在登记信息中共有 {attributes} 项相同（{shared_kinds}），相连的两家至少有 {minimum_shared} 类相同；其中 {flagged_members} 家带风险标记（{flagged_names}）。
risk: enterprise
subject: Community
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high}
maturity: live
window: 12
parameters:
  - name: hub_cap
    default: 10
    unit: enterprises
    meaning: An entry of the register that more enterprises have joins nobody.
    source: An agent's address, a park's cluster registration and a host's IP address serve dozens; few families of firms are larger.
    holds_from: 2019-01-01
  - name: minimum_shared
    default: 2
    unit: kinds of entries
    meaning: Kinds of entries that two enterprises must share to be joined.
    source: Design of rules, significance; any one kind puts nearly all enterprises into one group.
    holds_from: 2019-01-01
  - name: places
    default: [address, ip address]
    unit: kinds of entries
    meaning: Kinds that landlords and hosts hand out; these alone join nobody.
    source: The firms of a small park have its address, and the address of its server.
    holds_from: 2019-01-01
  - name: flag_level
    default: 0.05
    unit: probability
    meaning: Base flags of members are grounds where chance would give as many with this probability at most.
    source: As for rings; of any ten enterprises one has failed a check.
    holds_from: 2019-01-01
population: MATCH (e:Enterprise) RETURN count(e) AS n
judgeable: |
  MATCH (e:Enterprise)
  WITH e, [EXISTS { (e)-[:REPRESENTED_BY]->() }, EXISTS { (e)-[:BANKS_WITH]->() }, EXISTS { (e)-[:REACHED_AT]->() },
           EXISTS { (e)-[:REGISTERED_AT]->() }, EXISTS { (e)-[:RUNS]->() }, EXISTS { (e)-[:HOSTED_AT]->() },
           EXISTS { (e)-[:LICENSED_UNDER]->() }] AS has
  WHERE size([one IN has WHERE one]) >= $minimum_shared
  WITH count(e) AS n RETURN CASE WHEN n >= 2 THEN n ELSE 0 END AS n
picture: |
  MATCH member = (e:Enterprise)-[:MEMBER_OF]->(g:Community {id: $subject})
  OPTIONAL MATCH has = (e)-[:REPRESENTED_BY|BANKS_WITH|REACHED_AT|REGISTERED_AT|RUNS|HOSTED_AT|LICENSED_UNDER]->()
  RETURN member, has
  LIMIT 500
action: clue
silent_on:
  - agents' addresses and telephones
  - a park's cluster registration
  - hosting companies' IP addresses
  - namesakes (a legal person without a number)
  - groups without a base flag
base: false
needs: [enterprise-control]
scope: global
*/
// Groups of enterprises that the register ties together, with at least one member that carries a base flag.
MATCH (g:Community {kind: 'enterprises'})
WHERE ($subjects IS NULL OR g.id IN $subjects) AND g.flagged >= 1
MATCH (e:Enterprise)-[in:MEMBER_OF]->(g)
WITH g, e, in ORDER BY e.code
WITH g, collect(e) AS enterprises, [one IN collect({code: e.code, flags: in.flags}) WHERE one.flags IS NOT NULL] AS flagged
RETURN g.id AS subject, size(enterprises) AS enterprises, g.attributes AS attributes, $minimum_shared AS minimum_shared,
       reduce(text = '', at IN range(0, size(g.attribute_kinds) - 1) |
              text + CASE text WHEN '' THEN '' ELSE ', ' END + g.attribute_kinds[at] + ' × ' + g.attribute_counts[at])
           AS shared_kinds,
       g.flagged AS flagged_members, g.flagged_p AS flagged_p,
       CASE WHEN g.flagged_p <= $flag_level THEN g.flagged ELSE 0 END AS grounds,
       reduce(text = '', one IN flagged | text + CASE text WHEN '' THEN '' ELSE ', ' END + one.code) AS flagged_names,
       [e IN enterprises | {kind: [role IN labels(e) WHERE role <> 'Enterprise' | role][0], key: e.code}] AS members,
       {
           ids: [e IN enterprises | e.code][..$evidence_limit],
           count: size(enterprises),
           query: 'MATCH (e:Enterprise)-[:MEMBER_OF]->(:Community {id: $subject}) RETURN e.code ORDER BY e.code'
       } AS evidence,
       toFloat(g.attributes) AS score
