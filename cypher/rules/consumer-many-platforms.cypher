/*
id: consumer-many-platforms
version: 1.0.0
title:
  en: One identity on more platforms than its orders explain
  zh: 同一身份出现的平台数远超其订单数所能解释
reason:
  en: >-
    {name} bought on {platforms} platforms with {sales} orders; as many orders placed as everybody's are lead to
    {usual:.1f} platforms (q = {q:.1e}), and 99.9 % of people are on at most {beyond}.
  zh: >-
    {name} 的 {sales} 笔订单分布于 {platforms} 家平台；按全体订单的分布，同等订单数仅应涉及 {usual:.1f} 家（q = {q:.1e}），且 99.9% 的消费者不超过 {beyond} 家。
risk: consumer end
subject: Consumer
severity: low
maturity: live
window: 12
parameters:
  - name: least_platforms
    default: 10
    unit: platforms
    meaning: Platforms, and orders, below which there is no finding.
    source: Whoever compares prices buys on several platforms within a year.
    holds_from: 2019-01-01
  - name: quantile
    default: 0.999
    unit: quantile
    meaning: A finding is on more platforms than this quantile of all consumers.
    source: Design of rules, consumer end. The reason names it.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all consumers with enough orders.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (c:Consumer) RETURN count(c) AS n
judgeable: MATCH (p:Platform) RETURN coalesce(sum(p.many_platforms_judgeable), 0) AS n
picture: |
  MATCH bought = (:Consumer {key: $subject})-[:BUYS_ON]->(:Platform)
  RETURN bought
  LIMIT 200
action: clue
silent_on:
  - heavy buyers (as many platforms as so many orders lead to)
  - a loyal customer of one shop
  - heavy-tailed and independent shopping
base: false
needs: [many-platforms]
scope: global
*/
MATCH (c:Consumer)
WHERE c.many_platforms_q <= $level AND ($subjects IS NULL OR c.key IN $subjects)
CALL (c) {
    MATCH (c)<-[:BOUGHT_BY]-(t:Transaction)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN c.key AS subject, c.many_platforms_sales AS sales, c.many_platforms_platforms AS platforms,
       c.many_platforms_usual AS usual, c.many_platforms_beyond AS beyond,
       c.many_platforms_p AS p, c.many_platforms_q AS q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (:Consumer {key: $subject})<-[:BOUGHT_BY]-(t:Transaction) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       -log10(c.many_platforms_p + 1e-300) AS score
