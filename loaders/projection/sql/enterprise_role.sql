-- (code, role label or NULL) of every enterprise that a current sale or an external row names.
SELECT DISTINCT platform AS code, 'Platform' AS role FROM sale WHERE platform IS NOT NULL
UNION
SELECT DISTINCT merchant, 'Merchant' FROM sale WHERE merchant IS NOT NULL
UNION
SELECT DISTINCT payment_company, 'PaymentCompany' FROM sale WHERE payment_company IS NOT NULL
UNION
SELECT DISTINCT logistics, 'LogisticsCompany' FROM sale WHERE logistics IS NOT NULL
UNION
SELECT DISTINCT agent, 'Agent' FROM sale WHERE agent IS NOT NULL
UNION
SELECT DISTINCT warehouse, 'Warehouse' FROM sale WHERE warehouse IS NOT NULL
UNION
SELECT DISTINCT guarantor, NULL FROM sale WHERE guarantor IS NOT NULL
UNION
SELECT
    canonical(code),
    CASE trim(role)
        WHEN 'platform' THEN 'Platform'
        WHEN 'merchant' THEN 'Merchant'
        WHEN 'payment' THEN 'PaymentCompany'
        WHEN 'logistics' THEN 'LogisticsCompany'
        WHEN 'agent' THEN 'Agent'
        WHEN 'warehouse' THEN 'Warehouse'
    END
FROM (SELECT code, unnest(string_split(roles, ';')) AS role FROM current_enterprises)
UNION
SELECT canonical(domesticAgent), NULL FROM current_enterprises WHERE domesticAgent IS NOT NULL
UNION
SELECT canonical(ebpCode), 'Platform' FROM current_platform_verifications
UNION
SELECT canonical(payCode), 'PaymentCompany' FROM current_payment_verifications
UNION
SELECT canonical(ebpCode), 'Platform' FROM current_payment_verifications WHERE ebpCode IS NOT NULL
UNION
SELECT canonical(ebpCode), 'Platform' FROM current_consumer_reports WHERE ebpCode IS NOT NULL
UNION
SELECT canonical(ebpCode), 'Platform' FROM current_inspections WHERE ebpCode IS NOT NULL
UNION
SELECT canonical(payCode), 'PaymentCompany' FROM current_payment_aliases
UNION
SELECT canonical(sameAs), 'PaymentCompany' FROM current_payment_aliases
