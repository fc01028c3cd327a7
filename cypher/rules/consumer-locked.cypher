/*
id: consumer-locked
version: 1.0.0
title:
  en: Something was declared in a locked name
  zh: 已锁定身份名下出现申报
reason:
  en: >-
    {name} is locked by its owner's wish since {since_when}; {declared} sales on {platforms} platforms were declared in
    this name meanwhile, the last on {last_day}.
  zh: >-
    {name} 已应本人要求自 {since_when} 起锁定；其间仍有 {platforms} 家平台以该身份申报 {declared} 单，最近一单为 {last_day}。
risk: consumer end
subject: Consumer
severity: high
maturity: live
window: null
parameters: []
population: MATCH (c:Consumer) WHERE c.locked_from IS NOT NULL RETURN count(c) AS n
judgeable: MATCH (c:Consumer) WHERE c.locked_from IS NOT NULL RETURN count(c) AS n
picture: |
  MATCH declared = (t:Transaction)-[:DECLARED_WHILE_LOCKED]->(c:Consumer {key: $subject})
  WITH c, t, declared ORDER BY t.id LIMIT 100
  OPTIONAL MATCH around = (t)-[:ON|PAID_THROUGH|DELIVERED_TO|CONTACT]->()
  RETURN c, declared, around
action: verification
silent_on:
  - an identity that is only watched
  - what was declared before the lock, or after it was lifted
base: false
needs: [consumer-locks]
scope: local
*/
// A lock is a hard fact: whatever was declared under it is told, whatever became of the declaration.
MATCH (t:Transaction)-[d:DECLARED_WHILE_LOCKED]->(c:Consumer)
WHERE $subjects IS NULL OR c.key IN $subjects
MATCH (t)-[:ON]->(p:Enterprise)
WITH c, t, d, p ORDER BY t.id
WITH c, collect(t.id) AS ids, count(DISTINCT p) AS platforms, min(d.locked_since) AS since_when,
     max(d.declared) AS last_day
RETURN c.key AS subject, size(ids) AS declared, platforms, since_when, last_day,
       [] AS members,
       {
           ids: ids[..$evidence_limit],
           count: size(ids),
           query: 'MATCH (t:Transaction)-[:DECLARED_WHILE_LOCKED]->(:Consumer {key: $subject}) RETURN t.id ORDER BY t.id'
       } AS evidence,
       toFloat(size(ids)) AS score
