/*
id: enterprise-new-and-large
version: 1.0.0
title:
  en: Too large for its age and capital
  zh: 交易规模与成立时间、注册资本明显不符
reason:
  en: >-
    {name}: {sales} sales, {lift:.0f} times as many as peers sell that were registered {age} days ago with {capital} CNY
    ({expected_sales:.0f} sales, q = {q:.1e}); half of the peers are older than {peers_age} days and have more than
    {peers_capital} CNY. It carries {flags} kinds of base flags.
  zh: >-
    {name}：{sales} 笔交易，为成立 {age} 天、注册资本 {capital} 元的同类主体（{expected_sales:.0f} 笔）的 {lift:.0f} 倍（q = {q:.1e}）；同类主体半数成立逾 {peers_age} 天、注册资本逾 {peers_capital} 元。带 {flags} 类风险标记。
risk: enterprise
subject: [Platform, Merchant]
severity:
  by: flags
  steps: {0: low, 1: medium, 2: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Sales in the window below which an enterprise is not judged.
    source: Fewer say little of its volume.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 20
    unit: subjects
    meaning: Enterprises of a role that the register tells of, below which there is nobody to compare with.
    source: A line of three coefficients needs several observations for each.
    holds_from: 2019-01-01
  - name: relation
    default: 0.01
    unit: probability
    meaning: Volume is taken to grow with age, or with capital, where chance would show as much with this probability at most.
    source: Where it grows with neither, no volume is out of line with them.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all enterprises of a role.
    source: Design of rules, significance.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 5.0
    unit: times
    meaning: Sales over those of peers of its age and capital, below which there is no finding.
    source: A good year doubles a firm's sales, and another year doubles them again.
    holds_from: 2019-01-01
population: |
  MATCH (e:Platform|Merchant) RETURN count(e) AS n
judgeable: MATCH (e:Platform|Merchant) WHERE e.scale_q IS NOT NULL RETURN count(e) AS n
picture: |
  MATCH (e:Enterprise {code: $subject})
  OPTIONAL MATCH around = (e)-[:REPRESENTED_BY|REGISTERED_AT|RUNS|SETTLES_WITH|SHARES_CONTROL]-()
  RETURN e, around
  LIMIT 200
action: verification
silent_on:
  - old large firms
  - well-capitalised large firms
  - no register (not judgeable)
  - peers whose volume grows with neither (not judgeable)
base: false
needs: [enterprise-scale]
scope: global
*/
// Younger and smaller than half of its peers, and far larger than what peers of its age and capital sell.
MATCH (e:Platform|Merchant)
WHERE ($subjects IS NULL OR e.code IN $subjects)
  AND e.scale_q <= $level AND e.scale_young AND e.scale_small
  AND e.scale_sales >= $minimum_lift * e.scale_expected
WITH e, e.scale_role AS kind
RETURN kind, e.code AS subject, e.scale_sales AS sales, e.scale_age AS age,
       toString(e.scale_capital_e5 / 100000) AS capital, e.scale_expected AS expected_sales,
       e.scale_sales / e.scale_expected AS lift, e.scale_peers_age AS peers_age,
       toString(e.scale_peers_capital_e5 / 100000) AS peers_capital,
       size(coalesce(e.scale_flags, [])) AS flags, e.scale_p AS p, e.scale_q AS q,
       [] AS members,
       {
           ids: [e.code],
           count: 1,
           query: 'MATCH (e:Enterprise {code: $subject}) RETURN e.code'
       } AS evidence,
       log(e.scale_sales / e.scale_expected) AS score
