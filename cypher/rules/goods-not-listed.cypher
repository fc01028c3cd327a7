/*
id: goods-not-listed
version: 1.0.0
title:
  en: Goods are not on the positive list
  zh: 商品不在跨境电商零售进口商品清单内
reason:
  en: >-
    {name}: {affected} of {lines} declared lines ({share:.1%}), worth {value} CNY, have a code that was not on the positive list of their day ({codes}); peers {peers_share:.2%}, {lift:.0f} times as many (q = {q:.1e}).
  zh: >-
    {name}：{lines} 项申报商品中有 {affected} 项（{share:.1%}，货值 {value} 元）的税号不在申报当日的正面清单内（{codes}）；同类主体为 {peers_share:.2%}，相差 {lift:.0f} 倍（q = {q:.1e}）。
risk: goods
subject: [Merchant, Agent]
# Above low without base flags: that a declared code is not on the list is a fact of the declaration, not of the graph's shape.
severity:
  by: low
  steps: {0: low, 0.05: medium, 0.2: high}
maturity: live
window: 12
parameters:
  - name: minimum_lines
    default: 20
    unit: lines
    meaning: Judgeable lines below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 3
    unit: lines
    meaning: Unlisted lines below which there is no finding.
    source: One or two are somebody's mistake.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Subjects of a role with enough lines, below which there is nobody to compare with.
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
population: |
  CALL () {
      MATCH (s:Merchant) RETURN count(s) AS n
      UNION ALL
      MATCH (s:Agent) RETURN count(s) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (s:Merchant) WHERE s.merchant_not_listed_judgeable >= $minimum_lines RETURN count(s) AS n
      UNION ALL
      MATCH (s:Agent) WHERE s.agent_not_listed_judgeable >= $minimum_lines RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (t:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.not_listed IS NOT NULL
  WITH s, t, seen ORDER BY t.id LIMIT 50
  OPTIONAL MATCH around = (t)-[:ON|SOLD_BY|BOUGHT_BY|DELIVERED_TO]->()
  RETURN s, seen, around
action: instruction
silent_on:
  - no list loaded (not judgeable)
  - days that no list covers
  - a code listed at its time and taken off later
  - a prefix of the code on the list
  - a mistyped code or two
  - one subject's guilt seen through its partners
base: false
needs: [goods-peers]
scope: global
*/
// Merchants and agents whose declared codes were not on the positive list of their day, more often than those of their peers.
MATCH (node:Merchant|Agent)
UNWIND ['Merchant', 'Agent'] AS kind
WITH node, kind, toLower(kind) + '_not_listed_' AS of
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND node[of + 'q'] <= $level AND node[of + 'affected'] >= $minimum_differing
  AND node[of + 'lines'] >= $minimum_lines AND node[of + 'low'] >= $minimum_lift * node[of + 'peers_share']
// Only sales that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.not_listed = kind
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH node, kind, ids, node[of + 'lines'] AS lines, node[of + 'affected'] AS affected, node[of + 'low'] AS low,
     node[of + 'peers_share'] AS peers_share, node[of + 'p'] AS p, node[of + 'q'] AS q,
     node[of + 'codes'] AS codes, node[of + 'merchants'] AS merchants,
     node[of + 'value_e5'] AS value, node[of + 'tax_e5'] AS tax
WITH *, toFloat(affected) / lines AS share
RETURN kind, node.code AS subject, lines, affected, share, low, peers_share, share / peers_share AS lift, p, q,
       reduce(text = '', code IN codes | text + CASE text WHEN '' THEN '' ELSE ', ' END + code) AS codes,
       toString(value / 100000) + '.' + right('0' + toString(value % 100000 / 1000), 2) AS value,
       CASE kind WHEN 'Agent' THEN [code IN merchants | {kind: 'Merchant', key: code}] ELSE [] END AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(:Enterprise {code: $subject}) WHERE e.not_listed IS NOT NULL RETURN t.id ORDER BY t.id'
       } AS evidence,
       affected - peers_share * lines AS score
