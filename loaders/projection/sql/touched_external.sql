-- What external rows that came after load $since name, in any version: label and key.
WITH register AS (
    SELECT d.*
    FROM enterprises AS d
    SEMI JOIN (SELECT code FROM enterprises WHERE load_seq > $since) AS new ON d.code = new.code
),
checks AS (
    SELECT d.* FROM platform_verifications AS d
    SEMI JOIN (SELECT verificationId FROM platform_verifications WHERE load_seq > $since) AS new
        ON d.verificationId = new.verificationId
),
replies AS (
    SELECT d.* FROM payment_verifications AS d
    SEMI JOIN (SELECT verificationId FROM payment_verifications WHERE load_seq > $since) AS new
        ON d.verificationId = new.verificationId
),
reports AS (
    SELECT d.* FROM consumer_reports AS d
    SEMI JOIN (SELECT reportId FROM consumer_reports WHERE load_seq > $since) AS new ON d.reportId = new.reportId
),
results AS (
    SELECT d.* FROM inspections AS d
    SEMI JOIN (SELECT inspectionId FROM inspections WHERE load_seq > $since) AS new
        ON d.inspectionId = new.inspectionId
),
aliases AS (
    SELECT d.* FROM payment_aliases AS d
    SEMI JOIN (SELECT payCode FROM payment_aliases WHERE load_seq > $since) AS new ON d.payCode = new.payCode
),
named AS (
    SELECT unnest([
        {'label': 'Enterprise', 'key': canonical(code)},
        {'label': 'Enterprise', 'key': canonical(domesticAgent)},
        {'label': 'LegalPerson', 'key': legalRepresentativeId_key},
        {'label': 'Address', 'key': registeredAddress_key},
        {'label': 'Phone', 'key': telephone_key},
        {'label': 'BankAccount', 'key': bankAccount_key},
        {'label': 'WebSite', 'key': lower(siteDomain)},
        {'label': 'IpAddress', 'key': ipAddress},
        {'label': 'Licence', 'key': icpLicence},
        {'label': 'Licence', 'key': paymentLicence}
    ]) AS e FROM register
    UNION ALL
    SELECT unnest([
        {'label': 'Verification', 'key': verificationId},
        {'label': 'Enterprise', 'key': canonical(ebpCode)}
    ]) AS e FROM checks
    UNION ALL
    SELECT unnest([
        {'label': 'PaymentReply', 'key': verificationId},
        {'label': 'Enterprise', 'key': canonical(payCode)},
        {'label': 'Enterprise', 'key': canonical(ebpCode)}
    ]) AS e FROM replies
    UNION ALL
    SELECT unnest([
        {'label': 'ConsumerReport', 'key': reportId},
        {'label': 'Consumer', 'key': buyerIdNumber_key},
        {'label': 'Enterprise', 'key': canonical(ebpCode)}
    ]) AS e FROM reports
    UNION ALL
    SELECT unnest([
        {'label': 'Inspection', 'key': inspectionId},
        {'label': 'BusinessSite', 'key': siteCode},
        {'label': 'Enterprise', 'key': canonical(ebpCode)}
    ]) AS e FROM results
    UNION ALL
    SELECT unnest([
        {'label': 'Enterprise', 'key': canonical(payCode)},
        {'label': 'Enterprise', 'key': canonical(sameAs)}
    ]) AS e FROM aliases
    UNION ALL
    -- A number is looked for at every code of a company, however many mergers lie between.
    SELECT {'label': 'PaymentReply', 'key': verificationId} AS e
    FROM payment_verifications
    WHERE EXISTS (FROM aliases)
      AND payCode IN (SELECT payCode FROM payment_aliases UNION SELECT sameAs FROM payment_aliases)
    UNION ALL
    SELECT {'label': 'BusinessSite', 'key': siteCode} AS e FROM business_sites WHERE load_seq > $since
)
SELECT DISTINCT e.label AS label, e.key AS key FROM named WHERE e.key IS NOT NULL
