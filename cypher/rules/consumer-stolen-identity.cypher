/*
id: consumer-stolen-identity
version: 1.0.0
title:
  en: One identity, another buyer's phone on platform after platform
  zh: 同一身份在不同平台频繁更换订购人电话（疑似冒用）
reason:
  en: >-
    In the name of {name} {orders} orders were placed with {phones} different buyer's phones, begun on {phone_platforms}
    platforms; people change theirs {usual:.1f} times in as many orders (q = {q:.1e}). Reports of this person: {reports}.
  zh: >-
    以 {name} 的身份下单 {orders} 笔，使用了 {phones} 个不同的订购人电话，分布于 {phone_platforms} 家平台；同等订单数下通常仅更换 {usual:.1f} 次（q = {q:.1e}）。本人举报 {reports} 次。
risk: consumer end
subject: Consumer
severity:
  by: reports
  steps: {0: low, 1: medium, 2: high}
maturity: live
window: 12
parameters:
  - name: least_orders
    default: 4
    unit: orders
    meaning: Orders with a known phone below which an identity is not judged.
    source: As many phones need as many orders.
    holds_from: 2019-01-01
  - name: least_phones
    default: 4
    unit: phones
    meaning: Buyer's phones below which there is no finding.
    source: One's own, a second one and a new one after moving are everyday.
    holds_from: 2019-01-01
  - name: least_platforms
    default: 3
    unit: platforms
    meaning: Platforms on which phones were begun, below which there is no finding.
    source: Design of rules; phones that change on one platform are the platform's doing.
    holds_from: 2019-01-01
  - name: least_people
    default: 100
    unit: people
    meaning: Identities with enough orders, below which nobody knows how often people change their phones.
    source: The habit of a few people is no habit.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all candidates, and over those who reported a sale.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (c:Consumer) RETURN count(c) AS n
judgeable: MATCH (p:Platform) RETURN coalesce(sum(p.stolen_judgeable), 0) AS n
picture: |
  MATCH bought = (c:Consumer {key: $subject})<-[:BOUGHT_BY]-(t:Transaction)-[:ON]->(:Platform)
  WITH bought, t ORDER BY t.id LIMIT 50
  OPTIONAL MATCH contact = (t)-[r:CONTACT]->(:Phone) WHERE 'buyer' IN r.roles
  RETURN bought, contact
action: clue
silent_on:
  - people who moved (a new phone and address from a day on)
  - gifts (other consignees, one buyer's phone)
  - people with two addresses or two phones
  - privacy numbers
  - a family on one phone
base: false
needs: [phone-changes]
scope: global
*/
MATCH (c:Consumer)
WHERE c.stolen_q <= $level AND ($subjects IS NULL OR c.key IN $subjects)
  AND c.stolen_phones >= $least_phones AND c.stolen_phone_platforms >= $least_platforms
CALL (c) {
    MATCH (c)<-[:BOUGHT_BY]-(t:Transaction)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN c.key AS subject, c.stolen_orders AS orders, c.stolen_phones AS phones,
       c.stolen_phone_platforms AS phone_platforms, c.stolen_usual AS usual, c.stolen_reports AS reports,
       c.stolen_p AS p, c.stolen_q AS q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (:Consumer {key: $subject})<-[:BOUGHT_BY]-(t:Transaction) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       -log10(c.stolen_p + 1e-300) AS score
