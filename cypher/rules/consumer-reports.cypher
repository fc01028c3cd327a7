/*
id: consumer-reports
version: 1.0.0
title:
  en: Consumers report sales that were not theirs
  zh: 消费者举报被冒用身份的比例偏高
reason:
  en: >-
    {people_reporting} people reported that sales of {name} in their name were not theirs or had used their quota: {share:.2%} of
    {sales} sales; peers {peers_share:.3%}, {lift:.1f} times as many (q = {q:.1e}). {other_reports} other reports are counted apart.
  zh: >-
    {people_reporting} 人举报 {name} 的交易非本人购买或额度被占用，占 {sales} 笔交易的 {share:.2%}；同类平台为 {peers_share:.3%}，相差 {lift:.1f} 倍（q = {q:.1e}）。另有其他举报 {other_reports} 件，不计入。
risk: consumer end
subject: Platform
severity:
  by: low
  steps: {0: low, 0.005: medium, 0.05: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Sales in the window below which a platform is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_found
    default: 2
    unit: people
    meaning: People who report below which there is no finding; one who reports ten times is one.
    source: One report may be a mistake, or a member of the family who bought.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: platforms
    meaning: Platforms with enough sales, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: Honest subjects differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all platforms with enough sales.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform) WHERE p.reports_sales >= $minimum_sales
  WITH count(p) AS n
  RETURN CASE WHEN n >= $minimum_peers THEN n ELSE 0 END AS n
picture: |
  MATCH (p:Enterprise {code: $subject})
  UNWIND p.reports_ids[..50] AS id
  MATCH told = (:ConsumerReport {id: id})-[:ABOUT]->(about)
  OPTIONAL MATCH of = (about)-[:ON|BOUGHT_BY]->()
  RETURN p, told, of
action: verification
silent_on:
  - one report
  - one person who reports again and again
  - reports of another kind (not delivered)
base: true
needs: [platform-activity, platform-reports]
scope: global
*/
// Few people ever find out and report: what counts is how many more do so here than on the other platforms.
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects)
  AND p.reports_of >= $minimum_sales AND p.reports_found >= $minimum_found
  AND p.reports_q <= $level AND p.reports_low >= $minimum_lift * p.reports_peers_share
WITH p, toFloat(p.reports_found) / p.reports_of AS share
RETURN p.code AS subject, p.reports_of AS sales, p.reports_found AS people_reporting,
       coalesce(p.reports_other, 0) AS other_reports, share, p.reports_low AS low, p.reports_peers_share AS peers_share,
       share / p.reports_peers_share AS lift, p.reports_p AS p, p.reports_q AS q,
       [] AS members,
       {
           ids: p.reports_ids[..$evidence_limit],
           count: size(p.reports_ids),
           query: 'MATCH (p:Enterprise {code: $subject}) UNWIND p.reports_ids AS id RETURN id ORDER BY id'
       } AS evidence,
       p.reports_found - p.reports_peers_share * p.reports_of AS score
