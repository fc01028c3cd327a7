/*
id: platform-traffic
version: 1.0.0
title:
  en: Visits are far below what cleared orders need
  zh: 平台访问量与放行订单量明显不符
reason:
  en: >-
    {name} was visited {visits} times in the month up to {seen_on}; the {cleared_orders} orders placed in that time and
    cleared need about {visits_needed:.0f} visits, and at least {visits_needed_low:.0f}.
  zh: >-
    {name} 截至 {seen_on} 的一个月内访问量为 {visits} 次；同期放行的 {cleared_orders} 笔订单约需 {visits_needed:.0f} 次访问，至少 {visits_needed_low:.0f} 次。
risk: source control
subject: Platform
severity:
  by: visits_shortfall
  steps: {0: low, 2: medium, 10: high}
maturity: live
window: null
parameters:
  - name: visits_per_order
    default: 40.0
    unit: visits
    meaning: Visits that one order needs on average.
    source: Shops report that one visit in 25 to 100 ends in an order; to be set by the office from platforms that passed.
    holds_from: 2019-01-01
  - name: visits_per_order_low
    default: 10.0
    unit: visits
    meaning: Visits that one order needs at the very least, the lower end of the ratio's interval.
    source: No shop that is open to all is known to sell to more than one visit in ten.
    holds_from: 2019-01-01
  - name: confidence
    default: 0.95
    unit: probability
    meaning: Level of the intervals of orders and visits (Poisson, Jeffreys).
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: minimum_orders
    default: 5
    unit: orders
    meaning: Cleared orders in the time that the visits are told of, below which nobody is judged.
    source: A handful of orders may come from a handful of regular customers.
    holds_from: 2019-01-01
population: MATCH (p:Platform) RETURN count(p) AS n
judgeable: MATCH (p:Platform) WHERE p.traffic_orders >= $minimum_orders RETURN count(p) AS n
picture: |
  MATCH (p:Enterprise {code: $subject})
  OPTIONAL MATCH checked = (v:Verification)-[:CHECKED]->(p) WHERE v.check = 'traffic_match'
  OPTIONAL MATCH settles = (p)-[:SETTLES_WITH]->(:PaymentCompany)
  RETURN p, checked, settles
action: verification
silent_on:
  - no visits on record (not judgeable)
  - low visits once, and a later check that passes or saw enough
  - few visits and few orders
base: true
needs: [platform-traffic-seen]
scope: local
*/
// The upper end of what was seen against the lower end of what was needed: both errors speak for the platform.
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects) AND p.traffic_orders >= $minimum_orders
WITH p, p.traffic_orders * $visits_per_order AS visits_needed, p.traffic_orders_low * $visits_per_order_low AS visits_needed_low
WHERE p.traffic_visits_high < visits_needed_low
RETURN p.code AS subject, p.traffic_visits AS visits, p.traffic_visits_high AS visits_high,
       p.traffic_orders AS cleared_orders, visits_needed, visits_needed_low, p.traffic_seen_on AS seen_on,
       visits_needed_low / p.traffic_visits_high AS visits_shortfall,
       [] AS members,
       {
           ids: [p.traffic_verification],
           count: 1,
           query: 'MATCH (v:Verification)-[:CHECKED]->(p:Enterprise {code: $subject}) WHERE v.id = p.traffic_verification RETURN v.id'
       } AS evidence,
       visits_needed_low / p.traffic_visits_high AS score
