/*
id: reported-sales
meaning: >-
  Each report of a consumer in the window with the firms of the sale that it names, or the platform alone where it names no
  sale that we have, and whether it is of a kind that counts.
reads: []
parameters:
  - name: kinds
    default: [not_my_order, quota_used, not_delivered]
    unit: kinds of reports
    meaning: Reports that speak against an enterprise; others are kept and count for nothing.
    source: Kinds of consumer_reports; 'other' may be anything.
    holds_from: 2019-01-01
*/
WITH report AS (
    SELECT *, local_day(reportedAt) AS day
    FROM current_consumer_reports
    WHERE local_day(reportedAt) <= $until AND ($since IS NULL OR local_day(reportedAt) > $since)
),
sale AS (
    SELECT sale_id, platform, merchant, agent, company, carrier, warehouse
    FROM every_sale
    WHERE sale_id IN (SELECT ebpCode || '|' || orderNo FROM report)
)
SELECT
    reportId AS report, sale.sale_id, coalesce(sale.platform, code_map.canonical, ebpCode) AS platform,
    merchant, agent, company, carrier, warehouse, day,
    list_contains($kinds, kind) AS counted
FROM report
LEFT JOIN code_map ON code_map.code = ebpCode
LEFT JOIN sale ON sale.sale_id = ebpCode || '|' || orderNo
WHERE is_asked(coalesce(sale.platform, code_map.canonical, ebpCode), merchant, agent)
