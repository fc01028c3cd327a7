/*
id: consumer-invalid-identity
version: 1.0.0
title:
  en: Identity numbers that nobody can have
  zh: 订购人身份证号码不合规则的比例偏高
reason:
  en: >-
    {invalid_numbers} of the {people_judged} identity numbers of buyers on {name} ({share:.1%}) cannot be one: length, date of birth or check
    digit is wrong; peers {peers_share:.3%}, {lift:.1f} times as many (q = {q:.1e}).
  zh: >-
    {name} 的 {people_judged} 个订购人身份证号码中有 {invalid_numbers} 个（{share:.1%}）位数、出生日期或校验码有误；同类平台为 {peers_share:.3%}，相差 {lift:.1f} 倍（q = {q:.1e}）。
risk: consumer end
subject: Platform
severity:
  by: low
  steps: {0: low, 0.02: medium, 0.1: high}
maturity: live
window: 12
parameters:
  - name: minimum_people
    default: 20
    unit: people
    meaning: Buyers with a resident's identity number (type 1) below which a platform is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_found
    default: 2
    unit: people
    meaning: Numbers that cannot be one, below which there is no finding.
    source: One is somebody's typing mistake.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: platforms
    meaning: Platforms with enough buyers, below which there is nobody to compare with.
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
    meaning: False discovery rate (Benjamini-Hochberg) over all platforms with enough buyers.
    source: Design of rules, significance.
    holds_from: 2019-01-01
population: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p) AS n
judgeable: |
  MATCH (p:Platform) WHERE p.invalid_people >= $minimum_people
  WITH count(p) AS n
  RETURN CASE WHEN n >= $minimum_peers THEN n ELSE 0 END AS n
picture: |
  MATCH (p:Enterprise {code: $subject})
  OPTIONAL MATCH seen = (t:Transaction)-[e:EVIDENCE_ABOUT]->(p) WHERE e.invalid_identity IS NOT NULL
  WITH p, t, seen ORDER BY t.id LIMIT 50
  OPTIONAL MATCH buyer = (t)-[:BOUGHT_BY]->()
  RETURN p, seen, buyer
action: verification
silent_on:
  - one number with a typing mistake
  - passports and other documents of identity (not judged)
base: true
needs: [platform-activity, platform-identities]
scope: global
*/
// Each person counts once on a platform; the numbers themselves stay in the ledger.
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects)
  AND p.invalid_of >= $minimum_people AND p.invalid_found >= $minimum_found
  AND p.invalid_q <= $level AND p.invalid_low >= $minimum_lift * p.invalid_peers_share
CALL (p) {
    MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(p)
    WHERE e.invalid_identity IS NOT NULL
    WITH t.id AS id ORDER BY id
    RETURN collect(id) AS ids
}
WITH p, ids, toFloat(p.invalid_found) / p.invalid_of AS share
RETURN p.code AS subject, p.invalid_of AS people_judged, p.invalid_found AS invalid_numbers, share,
       p.invalid_low AS low, p.invalid_peers_share AS peers_share, share / p.invalid_peers_share AS lift,
       p.invalid_p AS p, p.invalid_q AS q,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(:Enterprise {code: $subject}) WHERE e.invalid_identity IS NOT NULL RETURN t.id ORDER BY t.id'
       } AS evidence,
       p.invalid_found - p.invalid_peers_share * p.invalid_of AS score
