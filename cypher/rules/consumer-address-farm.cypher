/*
id: consumer-address-farm
version: 1.0.0
title:
  en: Many identities behind one address
  zh: 同一收货地址背后聚集大量身份
reason:
  en: >-
    {identities} identities ({sales} sales, {platforms} platforms) have goods sent to the address {name}; {strange} of
    {known} buy on a phone that is not their own, where {usual:.1f} would be usual, and {met} of {of} times they come
    together on {meeting} (q = {q:.1e}). Identities that reported a sale: {reporting}.
  zh: >-
    收货地址 {name} 背后有 {identities} 个身份（{sales} 笔交易、{platforms} 家平台）；{known} 个身份中有 {strange} 个使用非本人的订购电话（通常仅 {usual:.1f} 个），且 {of} 次中有 {met} 次集中于{meeting_zh}（q = {q:.1e}）。其中 {reporting} 个身份曾举报。
risk: consumer end
subject: Address
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high}
maturity: live
window: 12
parameters:
  - name: least_identities
    default: 10
    unit: identities
    meaning: Identities below which a crowd is not judged.
    source: Above a family of five, as many as a probability can be told from.
    holds_from: 2019-01-01
  - name: report_level
    default: 0.05
    unit: probability
    meaning: Reports are grounds where chance would give as many among so many identities with this probability at most.
    source: Of a hundred people some report a sale anyway.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all crowds of the kind.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (f:Address) RETURN count(f) AS n
judgeable: MATCH (p:Platform) RETURN coalesce(sum(p.address_farm_judgeable), 0) AS n
picture: |
  MATCH sale = (:Address {key: $subject})<-[:DELIVERED_TO]-(t:Transaction)-[:BOUGHT_BY]->(:Consumer)
  WITH sale, t ORDER BY t.id LIMIT 50
  OPTIONAL MATCH contact = (t)-[:CONTACT]->(:Phone)
  RETURN sale, contact
action: clue
silent_on:
  - a family at one address (up to five)
  - lockers, stations and pick-up points
  - dormitories, offices and campuses
  - corporate gifts (each with their own phone)
base: false
needs: [crowds]
scope: global
*/
MATCH (f:Address)
WHERE f.farm_q <= $level AND f.farm_identities >= $least_identities AND ($subjects IS NULL OR f.key IN $subjects)
CALL (f) {
    MATCH (f)<-[:DELIVERED_TO]-(t:Transaction)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN f.key AS subject, f.farm_identities AS identities, f.farm_sales AS sales, f.farm_platforms AS platforms,
       f.farm_strange AS strange, f.farm_known AS known, f.farm_usual AS usual,
       CASE f.farm_mark
           WHEN 'platform' THEN 'platform ' WHEN 'goods' THEN 'chapter ' ELSE 'the two weeks from ' END + f.farm_value AS meeting,
       CASE f.farm_mark
           WHEN 'platform' THEN '平台 ' WHEN 'goods' THEN '商品章目 ' ELSE '两周内，自 ' END + f.farm_value AS meeting_zh,
       f.farm_met AS met, f.farm_of AS of, f.farm_reporting AS reporting,
       CASE WHEN f.farm_reporting_p <= $report_level THEN f.farm_reporting ELSE 0 END AS grounds,
       f.farm_p AS p, f.farm_q AS q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (:Address {key: $subject})<-[:DELIVERED_TO]-(t:Transaction) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       -log10(f.farm_p + 1e-300) AS score
