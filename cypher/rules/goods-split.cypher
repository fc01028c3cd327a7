/*
id: goods-split
version: 1.0.0
title:
  en: One destination, many names, the same goods
  zh: 同一收货目的地、多人名义、相同商品（化整为零）
reason:
  en: >-
    Within {days} days from {first_day} on, {identities} people had the same goods ({goods}) worth {value} CNY sent to {destination};
    {share:.0%} of what arrived there in those days, {market_share:.2%} of what arrived elsewhere (q = {q:.1e}). {flagged_share:.0%}
    of these sales were made on platforms with base flags.
  zh: >-
    自 {first_day} 起 {days} 天内，有 {identities} 人名义将相同商品（{goods}，货值 {value} 元）寄往 {destination}；占同期该处收货的 {share:.0%}，他处为 {market_share:.2%}（q = {q:.1e}）；其中 {flagged_share:.0%} 的交易发生在带风险标记的平台。
risk: goods
subject: [Address, Phone]
severity:
  by: flagged_share
  steps: {0: low, 0.5: medium}
maturity: live
window: 12
parameters:
  - name: identities
    default: 6
    unit: people
    meaning: People with the same goods at one destination below which there is no finding.
    source: A family has five at most (design of rules, farms).
    holds_from: 2019-01-01
  - name: days
    default: 7
    unit: days
    meaning: Time within which they must be declared.
    source: A trader's parcel is broken up and declared at once; a week bridges weekends and inspections.
    holds_from: 2019-01-01
  - name: single_limit
    default: "5000"
    unit: CNY
    meaning: What one person may have in one order; the goods must be worth more together.
    source: Announcement of the Ministry of Finance, customs and the tax administration, 2018 no. 49 (2,000 before).
    holds_from: 2019-01-01
  - name: minimum_share
    default: 0.5
    unit: share
    meaning: Share of what arrives there in those days, below which the destination has mixed goods.
    source: Whoever collects one trader's goods gets little else; a station gets everything.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all lines that arrived at busy destinations.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (d:Address) RETURN count(d) AS n
      UNION ALL
      MATCH (d:Phone) RETURN count(d) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (d:Address) WHERE d.place IS NULL AND COUNT { (d)<-[:RECEIVES_AT]-() } >= $identities RETURN count(d) AS n
      UNION ALL
      MATCH (d:Phone) WHERE COUNT { (d)<-[:USES]-() } >= $identities RETURN count(d) AS n
  }
  RETURN sum(n) AS n
picture: |
  MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(d:Address|Phone {key: $subject}) WHERE e.split IS NOT NULL
  WITH t, e, d ORDER BY t.id LIMIT 50
  OPTIONAL MATCH around = (t)-[:ON|BOUGHT_BY]->()
  RETURN d, e, around
action: clue
silent_on:
  - lockers, stations, dormitories, offices
  - relayed (virtual) numbers
  - destinations with mixed goods
  - goods that everybody buys in those days
  - families
base: false
needs: [goods-destinations]
scope: global
*/
// Phones and addresses to which the same goods went in many names within days, beyond demand and chance.
CALL () {
    MATCH (d:Address) WHERE d.split_q <= $level RETURN 'Address' AS kind, d
    UNION ALL
    MATCH (d:Phone) WHERE d.split_q <= $level RETURN 'Phone' AS kind, d
}
WITH kind, d
WHERE ($subjects IS NULL OR d.key IN $subjects)
  AND d.split_identities >= $identities AND d.split_share >= $minimum_share
CALL (d, kind) {
    MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(d)
    WHERE e.split = kind
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN kind, d.key AS subject, d.masked_text AS destination, d.split_identities AS identities, d.split_days AS days,
       d.split_first_day AS first_day, d.split_goods AS goods, d.split_bursts AS bursts, size(ids) AS sales,
       toString(d.split_value_e5 / 100000) + '.' + right('0' + toString(d.split_value_e5 % 100000 / 1000), 2) AS value,
       d.split_share AS share, d.split_market_share AS market_share, d.split_flagged_share AS flagged_share,
       d.split_p AS p, d.split_q AS q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(d:Address|Phone {key: $subject}) WHERE e.split IS NOT NULL RETURN t.id ORDER BY t.id'
       } AS evidence,
       toFloat(d.split_identities) AS score
