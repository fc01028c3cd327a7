/*
id: document-one-sender
version: 1.0.0
title:
  en: Documents were pushed by one who did not issue them
  zh: 单证由非签发方推送
reason:
  en: >-
    {name}: {differing} of {sales} payments ({share:.1%}) were pushed by somebody who is not the payment company, {three}
    of them with order and waybill by one sender, on {platforms} platforms; peers {peers_share:.2%} (q = {q:.1e}).
  zh: >-
    {name}：{sales} 笔支付中有 {differing} 笔（{share:.1%}）并非由支付企业推送，其中 {three} 笔的订单、支付单、运单由同一方推送，
    涉及 {platforms} 家平台；同类为 {peers_share:.2%}（q = {q:.1e}）。
risk: documents
subject: [Platform, Sender]
# Who transmits is a fact of the message itself and has to be who issues the document: not the graph's shape.
severity:
  by: low
  steps: {0: low, 0.2: medium}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Sales with a payment whose sender is known, below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 5
    unit: sales
    meaning: Sales pushed so, below which there is no finding.
    source: A few are a test or a mistake in transmitting.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Platforms (senders) that can be judged, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: Where others push payments as a matter of course it is no sign.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all candidates of a role.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (p:Platform) WHERE p.pushed_judgeable IS NOT NULL RETURN count(p) AS n
      UNION ALL
      MATCH (s:Sender) WHERE s.pushed_judgeable IS NOT NULL RETURN count(s) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (p:Platform) WHERE p.pushed_judgeable >= $minimum_sales RETURN count(p) AS n
      UNION ALL
      MATCH (s:Sender) WHERE s.pushed_judgeable >= $minimum_sales RETURN count(s) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (p:Platform)-[pushed:PUSHED_BY]->(s:Sender)
  WHERE p.code = $subject OR s.id = $subject
  OPTIONAL MATCH settles = (p)-[:SETTLES_WITH]->(:PaymentCompany)
  RETURN p, pushed, s, settles
  LIMIT 500
action: referral
silent_on:
  - port and software gateways that push orders of many platforms
  - a payment company that has delegated the pushing of its payments
  - a carrier that has delegated the pushing of its waybills
base: false
needs: [platform-activity, pushed-documents]
scope: global
*/
// A platform or a sender with its share of payments pushed by somebody else, on what no other finding explains.
CALL () {
    MATCH (node:Platform)
    WHERE node.pushed_q <= $level
    RETURN 'Platform' AS kind, node, node.code AS subject
    UNION ALL
    MATCH (node:Sender)
    WHERE node.pushed_q <= $level
    RETURN 'Sender' AS kind, node, node.id AS subject
}
WITH kind, node, subject
WHERE ($subjects IS NULL OR subject IN $subjects)
  AND node.pushed_tested >= $minimum_sales AND node.pushed_tested_differing >= $minimum_differing
  AND node.pushed_low >= $minimum_lift * node.pushed_peers_share
CALL (node) {
    MATCH (p:Platform)<-[:ON]-(t:Transaction)
    WHERE p.code IN node.pushed_platforms AND t.payment_sender IN node.pushed_senders
      AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(node.pushed_tested_differing) / node.pushed_tested AS share
RETURN kind, subject, node.pushed_tested AS sales, node.pushed_tested_differing AS differing, share,
       node.pushed_low AS low, node.pushed_three AS three, size(node.pushed_platforms) AS platforms,
       node.pushed_peers_share AS peers_share, node.pushed_p AS p, node.pushed_q AS q,
       CASE kind
           WHEN 'Sender' THEN [code IN node.pushed_platforms | {kind: 'Platform', key: code}]
           ELSE [id IN node.pushed_senders | {kind: 'Sender', key: id}]
       END AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (node:Platform|Sender) WHERE coalesce(node.code, node.id) = $subject MATCH (p:Platform)<-[:ON]-(t:Transaction) WHERE p.code IN node.pushed_platforms AND t.payment_sender IN node.pushed_senders AND ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) RETURN t.id ORDER BY t.id'
       } AS evidence,
       node.pushed_tested_differing - node.pushed_peers_share * node.pushed_tested AS score
