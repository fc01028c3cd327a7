/*
id: payment-payee-shared
version: 1.0.0
title:
  en: One payee account behind many sellers
  zh: 多家平台的货款汇入同一收款账户
reason:
  en: >-
    The payments of {platforms} platforms ({sales} sales with payment data) end in one account ({account}), which is no payment
    company's settlement account; other accounts stand behind {sellers_mean:.1f} sellers at most on average (q = {q:.1e}).
    {flagged} of the platforms have base flags.
  zh: >-
    {platforms} 家平台（{sales} 笔有原始支付数据的交易）的货款汇入同一账户（{account}），且该账户并非支付企业的结算账户；其他账户平均至多对应 {sellers_mean:.1f} 家（q = {q:.1e}）。其中 {flagged} 家平台带风险标记。
risk: joint management
subject: BankAccount
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high}
maturity: live
window: 12
parameters:
  - name: minimum_sellers
    default: 4
    unit: sellers
    meaning: Platforms and merchants, whichever are fewer, below which a shared account is no finding.
    source: Two or three shops of one owner may share an account.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 20
    unit: accounts
    meaning: Accounts below which there is nobody to compare with.
    source: Nearly every account stands behind one seller; fewer do not show that.
    holds_from: 2019-01-01
  - name: most
    default: 0.5
    unit: share
    meaning: >-
      An account into which more than this share of a payment company's platforms are paid, and whose own platforms are
      mostly paid through it, is that company's settlement account.
    source: A company settles all its platforms into its own account, and no other company does.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all accounts.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
  - name: flag_level
    default: 0.05
    unit: probability
    meaning: Base flags of the platforms are grounds where chance would give as many with this probability at most.
    source: Design of rules, base flags.
    holds_from: 2019-01-01
population: |
  MATCH (a:BankAccount) WHERE EXISTS { (:Platform)-[:PAID_INTO]->(a) } RETURN count(a) AS n
judgeable: MATCH (a:BankAccount) WHERE a.payee_q IS NOT NULL RETURN count(a) AS n
picture: |
  MATCH paid = (p:Platform)-[:PAID_INTO]->(a:BankAccount {key: $subject})
  OPTIONAL MATCH settles = (p)-[:SETTLES_WITH]->(:PaymentCompany)
  OPTIONAL MATCH holds = (:Enterprise)-[:BANKS_WITH]->(a)
  RETURN paid, settles, holds
  LIMIT 500
action: referral
silent_on:
  - a payment company's own settlement account
  - a merchant's own account on the markets where it sells
  - a market that collects for its merchants
base: false
needs: [payee-accounts]
scope: global
*/
// An account behind more sellers than other accounts. That alone is low: it takes base flags of the platforms.
MATCH (a:BankAccount)
WHERE ($subjects IS NULL OR a.key IN $subjects)
  AND a.payee_q <= $level AND a.payee_sellers >= $minimum_sellers
CALL (a) {
    MATCH (t:Transaction)-[paid:EVIDENCE_ABOUT]->(a)
    WITH t.id AS id, paid.platform AS platform ORDER BY id
    WITH collect(id) AS ids, collect(DISTINCT platform) AS codes
    UNWIND codes AS code
    WITH ids, code ORDER BY code
    RETURN ids, collect(code) AS codes
}
RETURN a.key AS subject, a.payee_platforms AS platforms, a.payee_sellers AS sellers, a.payee_sales AS sales,
       coalesce(a.masked_text, '***') AS account, a.payee_flagged AS flagged,
       CASE WHEN a.payee_flagged_p <= $flag_level THEN a.payee_flagged ELSE 0 END AS grounds,
       a.payee_peers AS accounts, a.payee_peers_mean AS sellers_mean, a.payee_p AS p, a.payee_q AS q,
       [code IN codes | {kind: 'Platform', key: code}] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[:EVIDENCE_ABOUT]->(:BankAccount {key: $subject}) RETURN t.id ORDER BY t.id'
       } AS evidence,
       a.payee_sellers - a.payee_peers_mean AS score
