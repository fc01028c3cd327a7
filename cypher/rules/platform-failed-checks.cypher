/*
id: platform-failed-checks
version: 1.0.0
title:
  en: Checks of the platform failed
  zh: 平台核验未通过
reason:
  en: >-
    {name} failed {failed} of {checked} checks ({failed_checks}), and no later check passed.
  zh: >-
    {name} 在 {checked} 项核验中有 {failed} 项未通过（{failed_checks}），其后亦未通过。
risk: source control
subject: Platform
severity:
  by: failed
  steps: {0: low, 2: medium, 4: high}
maturity: live
window: null
parameters:
  - name: minimum_failed
    default: 1
    unit: checks
    meaning: Failed checks below which there is no finding.
    source: Design of rules, one or more of the seven checks.
    holds_from: 2019-01-01
population: MATCH (p:Platform) RETURN count(p) AS n
judgeable: MATCH (p:Platform) WHERE p.last_checked IS NOT NULL RETURN count(p) AS n
picture: |
  MATCH (p:Enterprise {code: $subject})
  OPTIONAL MATCH checked = (:Verification)-[:CHECKED]->(p)
  OPTIONAL MATCH settles = (p)-[:SETTLES_WITH]->(:PaymentCompany)
  RETURN p, checked, settles
action: verification
silent_on:
  - failed once, passed later
  - a check whose result is unknown
  - a check that is not applicable
base: true
needs: [platform-checks]
scope: local
*/
// Of each check the latest result counts; unknown and not applicable are no result.
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects) AND size(p.checks_failed) >= $minimum_failed
WITH p, size(p.checks_failed) AS failed
RETURN p.code AS subject, failed, failed + size(coalesce(p.checks_passed, [])) AS checked,
       reduce(text = '', name IN p.checks_failed | text + CASE text WHEN '' THEN '' ELSE ', ' END + name)
           AS failed_checks,
       [] AS members,
       {
           ids: p.checks_failed_verifications[..$evidence_limit],
           count: failed,
           query: 'MATCH (v:Verification)-[:CHECKED]->(p:Enterprise {code: $subject}) WHERE v.id IN p.checks_failed_verifications RETURN v.id ORDER BY v.id'
       } AS evidence,
       toFloat(failed) AS score
