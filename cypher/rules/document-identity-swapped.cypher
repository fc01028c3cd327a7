/*
id: document-identity-swapped
version: 1.0.0
title:
  en: Declared again with another person after a refusal
  zh: 退单后更换身份再次申报
reason:
  en: >-
    {name} {what} (return code {code}).
  zh: >-
    {name} {what_zh}（回执代码 {code}）。
risk: documents
subject: [Transaction, Merchant]
# Customs' own answer and the versions of a document: facts. Another order of a family for the same goods stays low.
severity:
  by: plain
  steps: {0: low, 1: medium}
maturity: live
window: 12
parameters:
  - name: minimum_refused
    default: 3
    unit: sales
    meaning: Sales refused over the buyer below which a merchant is not judged.
    source: Refusals are rare; two say nothing about a merchant.
    holds_from: 2019-01-01
  - name: minimum_swapped
    default: 3
    unit: sales
    meaning: Sales declared again with another person below which a merchant is no finding; its sales then are.
    source: One or two may be a family's own doing.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: merchants
    meaning: Merchants with enough refusals, below which there is nobody to compare with.
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
    meaning: False discovery rate (Benjamini-Hochberg) over all merchants judged.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN sum(p.window_sales) AS n
judgeable: MATCH (m:Enterprise) WHERE m.identity_refused > 0 RETURN sum(m.identity_refused) AS n
picture: |
  MATCH swapped = (t:Transaction)-[s:SWAPPED_FOR]->(m:Enterprise)
  WHERE t.id = $subject OR m.code = $subject
  WITH t, s, m, swapped ORDER BY t.id LIMIT 50
  OPTIONAL MATCH was = (:Transaction {id: s.refused})-[:BOUGHT_BY|DELIVERED_TO]->()
  OPTIONAL MATCH now = (t)-[:BOUGHT_BY|DELIVERED_TO]->()
  RETURN swapped, was, now
action: clue
silent_on:
  - a corrected digit of the same person
  - a refused sale that was given up, or declared again for the same person
  - another order at a locker or a station
base: false
needs: [platform-activity, refused-identities]
scope: global
*/
// A merchant whose refusals are answered so more often than its peers' is one finding with all its sales.
MATCH (t:Transaction)-[s:SWAPPED_FOR]->(m:Enterprise)
WITH t, s, m, coalesce(
    m.identity_q <= $level AND m.identity_differing >= $minimum_swapped
    AND m.identity_low >= $minimum_lift * m.identity_peers_share, false
) AS found
WITH CASE WHEN found THEN 'Merchant' ELSE 'Transaction' END AS kind,
     CASE WHEN found THEN m.code ELSE t.id END AS subject, m, t, s
WHERE $subjects IS NULL OR subject IN $subjects
WITH kind, subject, m, t, s ORDER BY t.id
WITH kind, subject, m, count(t) AS swapped, sum(CASE WHEN s.same_order THEN 1 ELSE 0 END) AS same_order,
     min(s.code) AS code, collect(t.id) AS again, collect(s.refused) AS refused
CALL (again, refused) {
    UNWIND again + refused AS id
    MATCH (t:Transaction {id: id})
    WITH DISTINCT t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, kind = 'Merchant' AS many, CASE kind WHEN 'Merchant' THEN m.identity_refused ELSE 1 END AS refusals
RETURN kind, subject, swapped, refusals, same_order, code,
       CASE WHEN many OR same_order > 0 THEN 1 ELSE 0 END AS plain,
       CASE
           WHEN many THEN 'declared ' + swapped + ' of ' + refusals
               + ' sales that were refused over the buyer again with another person'
           WHEN same_order > 0 THEN 'was declared again with another person after its refusal'
           ELSE 'has the goods and the destination of ' + refused[0] + ', which had been refused for another person'
       END AS what,
       CASE
           WHEN many THEN '在因订购人原因被退单的 ' + refusals + ' 笔交易中，有 ' + swapped + ' 笔更换身份再次申报'
           WHEN same_order > 0 THEN '被退单后更换订购人再次申报'
           ELSE '与此前因他人身份被退单的 ' + refused[0] + ' 商品和收货地相同'
       END AS what_zh,
       [id IN [id IN ids WHERE id <> subject][..$evidence_limit] | {kind: 'Transaction', key: id}] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[s:SWAPPED_FOR]->(m:Enterprise) WHERE t.id = $subject OR m.code = $subject UNWIND [t.id, s.refused] AS id MATCH (:Transaction {id: id}) RETURN DISTINCT id ORDER BY id'
       } AS evidence,
       toFloat(swapped) AS score
