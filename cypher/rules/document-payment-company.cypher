/*
id: document-payment-company
version: 1.0.0
title:
  en: Order and payment name different payment companies
  zh: 订单与支付单的支付企业不一致
reason:
  en: >-
    {name}: in {differing} of {sales} sales ({share:.1%}) order and payment name different payment companies; peers {peers_share:.2%}, {lift:.1f} times as many (q = {q:.1e}).
  zh: >-
    {name}：{sales} 笔交易中有 {differing} 笔（{share:.1%}）订单与支付单的支付企业不一致；同类主体为 {peers_share:.2%}，相差 {lift:.1f} 倍（q = {q:.1e}）。
risk: documents
subject: [Platform, Merchant, Agent]
severity:
  by: low
  steps: {0: low, 0.05: medium, 0.2: high}
maturity: live
window: 12
parameters:
  - name: minimum_sales
    default: 20
    unit: sales
    meaning: Judgeable sales below which a subject is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 3
    unit: sales
    meaning: Differing sales below which there is no finding.
    source: One or two differing sales are somebody's mistake.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Subjects of a role with enough sales, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: Honest subjects differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all candidates of a role.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (s:Platform) WHERE s.window_sales > 0 RETURN count(s) AS n
      UNION ALL
      MATCH (s:Merchant) WHERE s.merchant_payment_company_judgeable IS NOT NULL RETURN count(s) AS n
      UNION ALL
      MATCH (:Agent)-[pair:DECLARES_FOR]->(:Merchant) WHERE pair.payment_company_judgeable IS NOT NULL RETURN count(pair) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (s:Platform) WHERE s.platform_payment_company_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (s:Merchant) WHERE s.merchant_payment_company_judgeable >= $minimum_sales RETURN count(s) AS n
      UNION ALL
      MATCH (:Agent)-[pair:DECLARES_FOR]->(:Merchant) WHERE pair.payment_company_judgeable >= $minimum_sales
      RETURN count(pair) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (t:Transaction)-[e:EVIDENCE_ABOUT]->(s) WHERE e.payment_company IS NOT NULL
  WITH s, t, seen ORDER BY t.id LIMIT 50
  OPTIONAL MATCH around = (t)-[:ON|SOLD_BY|PAID_THROUGH|BOUGHT_BY|PAID_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - merged payment companies (payment_aliases)
base: true
needs: [platform-activity, document-differences, document-peers]
scope: global
*/
// Every platform, merchant and agent (for one merchant) with its share of differing sales and its peers'.
CALL () {
    MATCH (node:Platform)
    WHERE node.platform_payment_company_q <= $level
    RETURN 'Platform' AS kind, node, null AS merchant,
           node.platform_payment_company_tested AS sales, node.platform_payment_company_tested_differing AS differing,
           node.platform_payment_company_low AS low, node.platform_payment_company_peers_share AS peers_share,
           node.platform_payment_company_p AS p, node.platform_payment_company_q AS q
    UNION ALL
    MATCH (node:Merchant)
    WHERE node.merchant_payment_company_q <= $level
    RETURN 'Merchant' AS kind, node, null AS merchant,
           node.merchant_payment_company_tested AS sales, node.merchant_payment_company_tested_differing AS differing,
           node.merchant_payment_company_low AS low, node.merchant_payment_company_peers_share AS peers_share,
           node.merchant_payment_company_p AS p, node.merchant_payment_company_q AS q
    UNION ALL
    MATCH (node:Agent)-[pair:DECLARES_FOR]->(partner:Merchant)
    WHERE pair.payment_company_q <= $level
    RETURN 'Agent' AS kind, node, partner.code AS merchant,
           pair.payment_company_tested AS sales, pair.payment_company_tested_differing AS differing,
           pair.payment_company_low AS low, pair.payment_company_peers_share AS peers_share,
           pair.payment_company_p AS p, pair.payment_company_q AS q
}
WITH kind, node, merchant, sales, differing, low, peers_share, p, q
WHERE ($subjects IS NULL OR node.code IN $subjects)
  AND sales >= $minimum_sales AND differing >= $minimum_differing AND low >= $minimum_lift * peers_share
ORDER BY merchant
// An agent is one finding with all the merchants for whom it shows.
WITH kind, node, collect(merchant) AS merchants, sum(sales) AS sales, sum(differing) AS differing,
     max(low) AS low, max(peers_share) AS peers_share, min(p) AS p, min(q) AS q
// Only sales that no other finding of this rule explains are linked to the subject.
CALL (node, kind) {
    MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(node)
    WHERE e.payment_company = kind
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH *, toFloat(differing) / sales AS share
RETURN kind, node.code AS subject, sales, differing, share, low, peers_share, share / peers_share AS lift, p, q,
       [code IN merchants | {kind: 'Merchant', key: code}] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(:Enterprise {code: $subject}) WHERE e.payment_company IS NOT NULL RETURN t.id ORDER BY t.id'
       } AS evidence,
       differing - peers_share * sales AS score
