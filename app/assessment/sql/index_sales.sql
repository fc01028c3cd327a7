-- A row a sale: what its person's quota, and the numbers of its payment and waybill, are held against. Amounts are
-- integers of 1/100,000 CNY, no larger than 64 bits hold; instants are microseconds since 1970.
SELECT
    sale.sale_id, sale.platform, sale.company, sale.carrier, sale.pay_transaction_id, sale.logistics_no, sale.payments,
    CAST(sale.first_date AS VARCHAR) AS first_date, epoch_us(sale.waybill_time) AS waybill_time,
    CAST(sale.decl_date AS VARCHAR) AS decl_date,
    sale.cancelled, sale.receipt_status, sale.inventories > 0 AS declared,
    quota.consumer, quota.year,
    e5(quota.counted) AS counted_e5,
    e5(quota.given_back) AS given_back_e5,
    e5(quota.annual_limit) AS annual_limit_e5,
    quota.over_single
FROM every_sale AS sale
LEFT JOIN quota_sales AS quota ON quota.sale_id = sale.sale_id
