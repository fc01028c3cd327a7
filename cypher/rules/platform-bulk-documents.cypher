/*
id: platform-bulk-documents
version: 1.0.0
title:
  en: Payments were made in bulk
  zh: 支付单批量生成
reason:
  en: >-
    {payments} payments of {name} show {signs} of three signs ({signs_shown}): {burst_share:.1%} in bursts (peers
    {burst_peers:.2%}), {running_share:.1%} with running numbers, evidence for people's hours {rhythm:+.2f} a payment.
  zh: >-
    {name} 的 {payments} 笔支付出现三项迹象中的 {signs} 项（{signs_shown_zh}）：{burst_share:.1%} 集中在同一分钟（同类 {burst_peers:.2%}），
    {running_share:.1%} 流水号连续，每笔支付符合作息规律的对数似然比 {rhythm:+.2f}。
risk: source control
subject: [Platform, Sender]
# Times and numbers of the payment documents themselves, not the graph's shape: three signs may say medium.
severity:
  by: signs
  steps: {0: low, 3: medium}
maturity: live
window: 12
parameters:
  - name: minimum_signs
    default: 2
    unit: signs
    meaning: Signs (bursts, hours, numbers) below which there is no finding.
    source: Each has an honest reason of its own; no honest reason gives two.
    holds_from: 2019-01-01
  - name: minimum_payments
    default: 30
    unit: payments
    meaning: Payments (occasions, for the hours) below which a sign is not judged.
    source: Fewer do not fill the hours of a day.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Platforms and senders that can be judged, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_share
    default: 0.1
    unit: share
    meaning: The lower end of the 95 % interval of a share (in bursts, with running numbers) below which it is no sign.
    source: What is made in bulk is made so throughout.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's interval over the peers' share.
    source: Honest subjects differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.05
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) of each sign, over all judged.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
      UNION ALL
      MATCH (:Platform)-[:PUSHED_BY {document: 'payment'}]->(s:Sender) RETURN count(DISTINCT s) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (p:Platform) WHERE p.bulk_payments IS NOT NULL RETURN count(p) AS n
      UNION ALL
      MATCH (s:Sender) WHERE s.bulk_payments IS NOT NULL RETURN count(s) AS n
  }
  RETURN sum(n) AS n
picture: |
  MATCH (p:Platform)
  WHERE p.code = $subject
     OR p.bulk_payments IS NULL AND EXISTS { (p)-[:PUSHED_BY {document: 'payment'}]->(:Sender {id: $subject}) }
  MATCH pushed = (p)-[:PUSHED_BY {document: 'payment'}]->(:Sender)
  MATCH sold = (t:Transaction)-[:ON]->(p)
  WITH p, pushed, t, sold ORDER BY t.pay_time_local, t.id LIMIT 100
  OPTIONAL MATCH paid = (t)-[:PAID_THROUGH]->()
  RETURN p, pushed, sold, paid
action: referral
silent_on:
  - live-stream drops and flash sales
  - pre-sale balances paid at 00:00
  - documents submitted in batches
  - a company that numbers its payments one after the other
base: false
needs: [platform-activity, payment-signs]
scope: global
*/
// A sender is judged on the payments of platforms that are too small to be judged by themselves.
CALL () {
    MATCH (node:Platform)
    WHERE size(node.bulk_signs) >= $minimum_signs
    RETURN 'Platform' AS kind, node, node.code AS subject, [node.code] AS platforms
    UNION ALL
    MATCH (node:Sender)
    WHERE size(node.bulk_signs) >= $minimum_signs
    MATCH (p:Platform)-[:PUSHED_BY {document: 'payment'}]->(node)
    WHERE p.bulk_payments IS NULL
    WITH node, p.code AS code ORDER BY code
    RETURN 'Sender' AS kind, node, node.id AS subject, collect(code) AS platforms
}
WITH kind, node, subject, platforms
WHERE $subjects IS NULL OR subject IN $subjects
CALL (kind, subject, platforms) {
    MATCH (p:Platform)<-[:ON]-(t:Transaction)
    WHERE p.code IN platforms AND (kind = 'Platform' OR t.payment_sender = subject) AND t.pay_time_local IS NOT NULL
      AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id, t.pay_time_local AS paid ORDER BY paid, id
    RETURN collect(id) AS ids
}
WITH *, {bursts: 'bursts', hours: 'no rhythm of the day', numbers: 'running numbers'} AS names,
     {bursts: '集中爆发', hours: '无昼夜规律', numbers: '流水号连续'} AS names_zh
RETURN kind, subject, node.bulk_payments AS payments, size(node.bulk_signs) AS signs,
       reduce(text = '', sign IN node.bulk_signs | text + CASE text WHEN '' THEN '' ELSE ', ' END + names[sign])
           AS signs_shown,
       reduce(text = '', sign IN node.bulk_signs | text + CASE text WHEN '' THEN '' ELSE '、' END + names_zh[sign])
           AS signs_shown_zh,
       coalesce(node.bulk_burst_share, 0.0) AS burst_share, coalesce(node.bulk_burst_peers, 0.0) AS burst_peers,
       coalesce(node.bulk_running_share, 0.0) AS running_share, coalesce(node.bulk_rhythm, 0.0) AS rhythm,
       CASE kind WHEN 'Sender' THEN [code IN platforms | {kind: 'Platform', key: code}] ELSE [] END AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (p:Platform) WHERE p.code = $subject OR p.bulk_payments IS NULL AND EXISTS { (p)-[:PUSHED_BY {document: "payment"}]->(:Sender {id: $subject}) } MATCH (t:Transaction)-[:ON]->(p) WHERE (p.code = $subject OR t.payment_sender = $subject) AND t.pay_time_local IS NOT NULL AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id AS id, t.pay_time_local AS paid ORDER BY paid, id'
       } AS evidence,
       toFloat(size(node.bulk_signs)) AS score
