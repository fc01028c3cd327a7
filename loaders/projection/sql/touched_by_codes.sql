-- External rows that name a code which the register now gives to another firm (`moved_code`).
SELECT 'Verification' AS label, verificationId AS key
FROM platform_verifications
WHERE ebpCode IN (SELECT code FROM moved_code)
UNION
SELECT 'PaymentReply', verificationId
FROM payment_verifications
WHERE payCode IN (SELECT code FROM moved_code) OR ebpCode IN (SELECT code FROM moved_code)
UNION
SELECT 'ConsumerReport', reportId FROM consumer_reports WHERE ebpCode IN (SELECT code FROM moved_code)
UNION
SELECT 'Inspection', inspectionId FROM inspections WHERE ebpCode IN (SELECT code FROM moved_code)
UNION
SELECT 'Enterprise', canonical(code) FROM enterprises WHERE domesticAgent IN (SELECT code FROM moved_code)
UNION
SELECT 'Enterprise', unnest([code, before, now]) FROM moved_code
