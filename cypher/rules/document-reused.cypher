/*
id: document-reused
version: 1.0.0
title:
  en: One number stands behind several sales
  zh: 同一单证号对应多笔交易
reason:
  en: >-
    {sales} sales on {platforms} platforms, the first of them {name}, stand behind one {documents}.
  zh: >-
    {platforms} 家平台的 {sales} 笔交易（首笔为 {name}）使用同一{documents_zh}。
risk: documents
subject: Transaction
# A number is a fact of the document; two sales may be a slip, three are none.
severity:
  by: sales
  steps: {0: low, 3: medium}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 2
    unit: sales
    meaning: Sales behind one number below which there is no finding.
    source: A payment is for one sale (411), a waybill number for one parcel.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN sum(p.window_sales) AS n
judgeable: MATCH (p:Platform) WHERE p.numbered_sales > 0 RETURN sum(p.numbered_sales) AS n
picture: |
  MATCH shares = (t:Transaction)-[:SHARES_NUMBER]->(first:Transaction {id: $subject})
  WITH first, t, shares ORDER BY t.id LIMIT 50
  OPTIONAL MATCH around = (t)-[:ON|PAID_THROUGH|BOUGHT_BY|DELIVERED_TO]->()
  OPTIONAL MATCH of_first = (first)-[:ON|PAID_THROUGH|BOUGHT_BY|DELIVERED_TO]->()
  RETURN first, shares, around, of_first
action: referral
silent_on:
  - one payment for several orders (179)
  - a waybill number used again after six months
  - a number of a sale that was taken back or refused
base: false
needs: [platform-activity, reused-numbers]
scope: global
*/
// The first sale behind a number stands for all of them.
MATCH (t:Transaction)-[r:SHARES_NUMBER]->(first:Transaction)
WHERE $subjects IS NULL OR first.id IN $subjects
WITH first, t.id AS other, r ORDER BY other
WITH first, split(first.id, '|')[0] AS own, collect(other) AS others, count(r.payment) AS by_payment,
     count(r.waybill) AS by_waybill, collect(DISTINCT split(other, '|')[0]) AS elsewhere
WHERE size(others) + 1 >= $minimum_sales
WITH *, (CASE WHEN by_payment > 0 THEN ['payment number'] ELSE [] END)
     + (CASE WHEN by_waybill > 0 THEN ['waybill number'] ELSE [] END) AS kinds
RETURN first.id AS subject, size(others) + 1 AS sales,
       size(elsewhere) + CASE WHEN own IN elsewhere THEN 0 ELSE 1 END AS platforms,
       CASE size(kinds) WHEN 2 THEN kinds[0] + ' and ' + kinds[1] ELSE kinds[0] END AS documents,
       CASE size(kinds) WHEN 2 THEN '支付流水号和运单号' ELSE {`payment number`: '支付流水号', `waybill number`: '运单号'}[kinds[0]] END
           AS documents_zh,
       [id IN others[..$evidence_limit] | {kind: 'Transaction', key: id}] AS members,
       {
           ids: (others + first.id)[..$evidence_limit],
           count: size(others) + 1,
           query: 'MATCH (first:Transaction {id: $subject}) OPTIONAL MATCH (t:Transaction)-[:SHARES_NUMBER]->(first) WITH first, collect(t.id) AS others UNWIND others + first.id AS id RETURN id ORDER BY id'
       } AS evidence,
       toFloat(size(others) + 1) AS score
