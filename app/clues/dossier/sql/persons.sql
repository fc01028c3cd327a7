-- Who is named in the documents of a dossier, one row a person and document, every version of it: keys, and beside them
-- masked text, or with $unmasked the values as they were declared. `wanted_sales` (id) are sales, `wanted_reports`
-- (id) reports, `wanted_firms` (code) enterprises of the register.
WITH paid AS (
    SELECT DISTINCT
        coalesce(part.ebpCode, raw.ebpCode) || '|' || part.orderNo AS id,
        raw.recpName, raw.recpAccount, raw.recpAccount_key
    FROM raw_payments AS raw
    JOIN raw_payment_orders AS part ON part.payCode = raw.payCode AND part.payTransactionId = raw.payTransactionId
),
named AS (
    SELECT
        ebpCode || '|' || orderNo AS of, 'orders' AS document, 'buyer' AS role,
        buyerIdNumber_key AS id_key, buyerIdNumber AS id_number, buyerName AS name,
        buyerTelephone_key AS phone_key, buyerTelephone AS phone, NULL AS address_key, NULL AS address,
        buyerRegNo_key AS account_key, NULL AS bank, buyerRegNo AS account
    FROM orders
    UNION ALL
    SELECT
        ebpCode || '|' || orderNo, 'orders', 'consignee', NULL, NULL, consignee,
        consigneeTelephone_key, consigneeTelephone, consigneeAddress_key, consigneeAddress, NULL, NULL, NULL
    FROM orders
    UNION ALL
    SELECT
        ebpCode || '|' || orderNo, 'payments', 'payer', payerIdNumber_key, payerIdNumber, payerName,
        telephone_key, telephone, NULL, NULL, NULL, NULL, NULL
    FROM payments
    UNION ALL
    SELECT
        ebpCode || '|' || orderNo, 'inventories', 'declared person', buyerIdNumber_key, buyerIdNumber, buyerName,
        buyerTelephone_key, buyerTelephone, consigneeAddress_key, consigneeAddress, NULL, NULL, NULL
    FROM inventories
    UNION ALL
    SELECT
        sale.id, 'waybills', 'consignee', NULL, NULL, bill.consignee,
        bill.consigneeTelephone_key, bill.consigneeTelephone, bill.consigneeAddress_key, bill.consigneeAddress,
        NULL, NULL, NULL
    FROM waybills AS bill
    JOIN (
        SELECT t.sale_id AS id, t.logistics_code, t.logistics_no FROM transactions AS t
        SEMI JOIN wanted_sales AS w ON t.sale_id = w.id
    ) AS sale ON sale.logistics_code = bill.logisticsCode AND sale.logistics_no = bill.logisticsNo
    UNION ALL
    SELECT
        id, 'raw_payments', 'payee', NULL, NULL, recpName, NULL, NULL, NULL, NULL, recpAccount_key, recpAccount, NULL
    FROM paid
    UNION ALL
    SELECT
        report.reportId, 'consumer_reports', 'reporter', report.buyerIdNumber_key, report.buyerIdNumber, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM consumer_reports AS report SEMI JOIN wanted_reports AS w ON w.id = report.reportId
    UNION ALL
    SELECT
        firm.code, 'enterprises', 'legal representative', firm.legalRepresentativeId_key, firm.legalRepresentativeId,
        firm.legalRepresentative, firm.telephone_key, firm.telephone, firm.registeredAddress_key,
        firm.registeredAddress, firm.bankAccount_key, firm.bankAccount, NULL
    FROM enterprises AS firm SEMI JOIN wanted_firms AS w ON w.code = firm.code OR w.code = firm.uscc
)
SELECT DISTINCT
    of, document, role, id_key,
    CASE WHEN $unmasked OR id_number IS NULL THEN id_number ELSE mask_number(id_number) END AS id_number,
    CASE WHEN $unmasked OR name IS NULL THEN name ELSE mask_name(name) END AS name,
    phone_key, CASE WHEN $unmasked OR phone IS NULL THEN phone ELSE mask_phone(phone) END AS phone,
    address_key,
    CASE WHEN $unmasked OR address IS NULL THEN address ELSE coalesce(district_of(address), '') || '***' END AS address,
    account_key,
    CASE
        WHEN $unmasked THEN coalesce(bank, account)
        WHEN bank IS NOT NULL THEN mask_bank(bank)
        WHEN account IS NOT NULL THEN '***'
    END AS account
FROM named
WHERE document IN ('waybills', 'consumer_reports', 'enterprises') OR of IN (SELECT id FROM wanted_sales)
ORDER BY ALL
