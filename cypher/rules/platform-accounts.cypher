/*
id: platform-accounts
version: 1.0.0
title:
  en: Accounts of the platform are not those of people
  zh: 平台账号与真实用户不符
reason:
  en: >-
    {name}: {differing} of {sales} orders ({share:.1%}) {pattern}; peers {peers_share:.2%} (q = {q:.1e}).
  zh: >-
    {name}：{sales} 笔订单中有 {differing} 笔（{share:.1%}）{pattern_zh}；同类平台为 {peers_share:.2%}（q = {q:.1e}）。
risk: source control
subject: Platform
# Never above low: guest checkout of a shop that nobody else's software runs looks the same.
severity: low
maturity: live
window: 12
parameters:
  - name: minimum_again
    default: 10
    unit: orders
    meaning: Orders of buyers who had ordered there before, below which fresh accounts are not judged.
    source: Below it an interval of a share says little; people seldom come back to a small shop.
    holds_from: 2019-01-01
  - name: minimum_sales
    default: 20
    unit: orders
    meaning: Orders that name an account, below which shared accounts are not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_differing
    default: 5
    unit: orders
    meaning: Such orders below which there is no finding.
    source: One person with a second account makes one or two.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: platforms
    meaning: Platforms that can be judged, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_builder
    default: 2
    unit: platforms
    meaning: Other shops whose orders the same sender pushes, from which their way of checkout is known.
    source: Two others show that it is not the shop's own doing.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the share of peers and of the builder's other shops.
    source: Honest platforms differ among themselves by a factor of about three.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all platforms judged.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform)
  WHERE p.accounts_fresh_judgeable IS NOT NULL OR p.accounts_shared_judgeable IS NOT NULL
  RETURN count(p) AS n
picture: |
  MATCH (p:Enterprise {code: $subject})<-[:ON]-(t:Transaction)
  WITH p, t ORDER BY t.id LIMIT 50
  MATCH bought = (t)-[:BOUGHT_BY]->(:Consumer)
  OPTIONAL MATCH pushed = (p)-[:PUSHED_BY {document: 'order'}]->(:Sender)
  RETURN p, bought, pushed
action: verification
silent_on:
  - guest checkout that all of a builder's shops have
  - people with a second account
  - a family on one account
base: false
needs: [platform-activity, order-accounts]
scope: global
*/
// Two patterns: a returning buyer comes from a fresh account, or one account orders for more people than a family has.
MATCH (p:Platform)
WHERE $subjects IS NULL OR p.code IN $subjects
UNWIND [
    {
        pattern: 'came from a fresh account though the buyer had ordered there before',
        pattern_zh: '的订购人曾在该平台下单却使用新账号', fresh: true,
        sales: p.accounts_fresh_judgeable, differing: p.accounts_fresh_differing, share: p.accounts_fresh_share,
        low: p.accounts_fresh_low, peers_share: p.accounts_fresh_peers_share, p: p.accounts_fresh_p,
        q: p.accounts_fresh_q
    },
    {
        pattern: 'came from accounts that order for more people than a family has',
        pattern_zh: '来自一个账号对应众多身份的账号', fresh: false,
        sales: p.accounts_shared_judgeable, differing: p.accounts_shared_differing, share: p.accounts_shared_share,
        low: p.accounts_shared_low, peers_share: p.accounts_shared_peers_share, p: p.accounts_shared_p,
        q: p.accounts_shared_q
    }
] AS one
WITH p, one
WHERE one.q <= $level AND one.differing >= $minimum_differing AND one.low >= $minimum_lift * one.peers_share
WITH p, one ORDER BY one.p, one.fresh
// Where a platform shows both, the one that chance gives less often is told.
WITH p, collect(one)[0] AS one
CALL (p, one) {
    MATCH (t:Transaction)-[:ON]->(p)
    WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of)
    MATCH (t)-[b:BOUGHT_BY]->(c:Consumer)
    WHERE b.account IS NOT NULL
    WITH one, p, CASE WHEN one.fresh THEN split(t.id, '|')[0] + c.key ELSE b.account END AS holder,
         collect(t.id) AS sales, count(DISTINCT b.account) AS accounts, count(DISTINCT c) AS people
    WHERE CASE WHEN one.fresh THEN accounts > 1 ELSE people > p.accounts_shared_family END
    UNWIND sales AS id
    WITH id ORDER BY id
    RETURN collect(id) AS ids
}
RETURN p.code AS subject, one.sales AS sales, one.differing AS differing, one.share AS share, one.low AS low,
       one.peers_share AS peers_share, one.p AS p, one.q AS q, one.pattern AS pattern, one.pattern_zh AS pattern_zh,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: CASE WHEN one.fresh
               THEN 'MATCH (t:Transaction)-[:ON]->(:Enterprise {code: $subject}) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) MATCH (t)-[b:BOUGHT_BY]->(c:Consumer) WHERE b.account IS NOT NULL WITH split(t.id, "|")[0] AS code, c, collect(t.id) AS sales, count(DISTINCT b.account) AS accounts WHERE accounts > 1 UNWIND sales AS id RETURN id ORDER BY id'
               ELSE 'MATCH (t:Transaction)-[:ON]->(p:Enterprise {code: $subject}) WHERE ($since IS NULL OR t.last_date > date($since)) AND t.last_date <= date($as_of) MATCH (t)-[b:BOUGHT_BY]->(c:Consumer) WHERE b.account IS NOT NULL WITH p, b.account AS account, collect(t.id) AS sales, count(DISTINCT c) AS people WHERE people > p.accounts_shared_family UNWIND sales AS id RETURN id ORDER BY id'
           END
       } AS evidence,
       one.differing - one.peers_share * one.sales AS score
