/*
id: consumer-quota-exhausted
version: 1.0.0
title:
  en: Limits of many people are used up here
  zh: 大量个人额度被用尽
reason:
  en: >-
    {name}: {what} (q = {q:.1e}).
  zh: >-
    {name}：{what_zh}（q = {q:.1e}）。
risk: consumer end
subject: [Platform, Consumer]
severity:
  by: grounds
  steps: {0: low, 1: medium, 3: high}
maturity: live
window: null
parameters:
  - name: years
    default: 2
    unit: calendar years
    meaning: Calendar years that are looked at, the one of the last day included.
    source: Design of rules, quota; a year's use ends with the returns of the January after.
    holds_from: 2019-01-01
  - name: near
    default: 0.9
    unit: share of the annual limit
    meaning: Use from which a person is driven to the limit.
    source: An order more is refused (1313); few honest buyers come so near.
    holds_from: 2019-01-01
  - name: minimum_identities
    default: 20
    unit: people
    meaning: People of a platform below which it is not judged.
    source: Below it an interval of a share says nothing.
    holds_from: 2019-01-01
  - name: minimum_exhausted
    default: 5
    unit: people
    meaning: People at their limit below which there is no finding about a platform.
    source: A few heavy buyers are on every platform.
    holds_from: 2019-01-01
  - name: minimum_peers
    default: 5
    unit: subjects
    meaning: Platforms with enough people, or people who were refused, below which there is nobody to compare with.
    source: Fewer peers do not tell what is usual.
    holds_from: 2019-01-01
  - name: minimum_lift
    default: 3.0
    unit: times
    meaning: The lower end of the share's 95 % interval over the peers' share.
    source: Honest platforms differ by a factor of about three, by the price of their goods.
    holds_from: 2019-01-01
  - name: minimum_platforms
    default: 3
    unit: platforms
    meaning: Platforms that are nothing to each other below which there is no finding about a person.
    source: Who is refused tries again in the same shop, perhaps in a second one.
    holds_from: 2019-01-01
  - name: level
    default: 0.01
    unit: share
    meaning: False discovery rate (Benjamini-Hochberg) over all platforms, and over all people who were refused.
    source: Design of rules, significance, has 5 %; at 1 % all roles of all such rules together make few wrong findings a run.
    holds_from: 2019-01-01
population: |
  CALL () {
      MATCH (p:Platform) WHERE p.quota_identities IS NOT NULL RETURN count(p) AS n
      UNION ALL
      MATCH (p:Platform) RETURN coalesce(sum(p.quota_refused_people), 0) AS n
  }
  RETURN sum(n) AS n
judgeable: |
  CALL () {
      MATCH (p:Platform) WHERE p.quota_identities >= $minimum_identities RETURN count(p) AS n
      UNION ALL
      MATCH (p:Platform) RETURN coalesce(sum(p.quota_refused_people), 0) AS n
  }
  RETURN sum(CASE WHEN n >= $minimum_peers THEN n ELSE 0 END) AS n
picture: |
  MATCH (s:Platform|Consumer) WHERE s.code = $subject OR s.key = $subject
  OPTIONAL MATCH seen = (t:Transaction)-[e:EVIDENCE_ABOUT|QUOTA_REFUSED]->(s) WHERE e:QUOTA_REFUSED OR e.quota IS NOT NULL
  WITH s, t, seen ORDER BY t.id LIMIT 50
  OPTIONAL MATCH around = (t)-[:ON|BOUGHT_BY]->()
  RETURN s, seen, around
action: verification
silent_on:
  - goods that were cancelled or returned
  - a person who tries again in the same shop
  - shops of one merchant
  - heavy buyers, of whom every platform has a few
base: false
needs: [consumer-quota-exhausted-shares, platform-activity]
scope: global
*/
// Platforms by the share of their people at the limit; people by the platforms that refused them because of it.
CALL () {
    MATCH (p:Platform)
    WHERE p.quota_q <= $level AND p.quota_exhausted >= $minimum_exhausted
    CALL (p) {
        MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(p)
        WHERE e.quota = 'Platform'
        WITH t.id AS id ORDER BY id
        RETURN collect(id) AS ids
    }
    WITH p, ids, toFloat(p.quota_exhausted) / p.quota_identities AS share
    WITH *, toString(round(100 * share, 1)) + ' %' AS percent,
         toString(round(100 * p.quota_peers_share, 2)) + ' %' AS usual
    RETURN 'Platform' AS kind, p.code AS subject,
           p.quota_exhausted AS exhausted, p.quota_identities AS identities, share, p.quota_low AS low,
           p.quota_peers_share AS peers_share, p.quota_refused AS refused, null AS platforms, null AS refusals,
           p.quota_q AS q, p.quota_grounds AS grounds, ids,
           p.quota_exhausted + ' of ' + p.quota_identities + ' people (' + percent + ') were at their yearly limit or '
               + 'refused because of it (' + p.quota_refused + '), elsewhere ' + usual AS what,
           p.quota_identities + ' 人中 ' + p.quota_exhausted + ' 人（' + percent + '）年度额度将尽或因超限被退单（'
               + p.quota_refused + ' 人），其他平台为 ' + usual AS what_zh,
           'MATCH (t:Transaction)-[e:EVIDENCE_ABOUT]->(:Enterprise {code: $subject}) WHERE e.quota IS NOT NULL RETURN t.id ORDER BY t.id' AS query
    UNION ALL
    MATCH (t:Transaction)-[:QUOTA_REFUSED]->(c:Consumer)
    WITH c, t.id AS id ORDER BY id
    WITH c, collect(id) AS ids
    WHERE c.quota_q <= $level AND c.quota_refused_platforms >= $minimum_platforms
    RETURN 'Consumer' AS kind, c.key AS subject,
           null AS exhausted, null AS identities, null AS share, null AS low, null AS peers_share, null AS refused,
           c.quota_refused_platforms AS platforms, c.quota_refusals AS refusals,
           c.quota_q AS q, c.quota_grounds AS grounds, ids,
           c.quota_refusals + ' sales were refused because the yearly limit was used up, on '
               + c.quota_refused_platforms + ' platforms that are nothing to each other; usual are '
               + toString(round(c.quota_peers_mean, 1)) AS what,
           '因年度额度用尽被退单 ' + c.quota_refusals + ' 单，分布于 ' + c.quota_refused_platforms
               + ' 家互不相关的平台，通常为 ' + toString(round(c.quota_peers_mean, 1)) + ' 家' AS what_zh,
           'MATCH (t:Transaction)-[:QUOTA_REFUSED]->(:Consumer {key: $subject}) RETURN t.id ORDER BY t.id' AS query
}
WITH * WHERE $subjects IS NULL OR subject IN $subjects
RETURN kind, subject, exhausted, identities, share, low, peers_share, refused, platforms, refusals, q, grounds,
       what, what_zh,
       [] AS members,
       {ids: ids[..$evidence_limit], count: size(ids), query: query} AS evidence,
       toFloat(coalesce(exhausted, refusals)) AS score
