/*
id: numbered-sales
meaning: Sales of a platform in the window whose payment or waybill number is known.
reads: []
parameters: []
*/
SELECT platform, count(*) AS numbered
FROM window_sales
WHERE (pay_transaction_id IS NOT NULL OR logistics_no IS NOT NULL) AND platform IN (SELECT key FROM keys)
GROUP BY platform
ORDER BY platform
