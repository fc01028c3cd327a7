SELECT icpLicence AS key FROM current_enterprises WHERE icpLicence IS NOT NULL AND touched_Licence(icpLicence)
UNION
SELECT paymentLicence
FROM current_enterprises
WHERE paymentLicence IS NOT NULL AND touched_Licence(paymentLicence)
